"""The verbs of `tiercel execution`: asked of executions by their ids, most of them also of all that a search finds."""

import time
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from tiercel.cli.client import DEFAULT, Client, Server, ServerSays, User
from tiercel.cli.execution_view import (
    BAD,
    GOOD,
    Inputs,
    Json,
    Parts,
    done,
    filters_of,
    line_of,
    mistyped,
    read_parts,
    say,
    talking,
)
from tiercel.cli.label import label_of

LOOKED_AT_EVERY = 0.2
"""Seconds between two looks at an operation on many executions."""
Ended = Literal["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED"]
Id = Annotated[str, Parameter(help="Id of the execution.")]
Breakpoints = Annotated[
    tuple[str, ...], Parameter(name="--breakpoint", negative=(), help="A task to stop before: taskId or taskId.value.")
]


@Parameter(name="*")
@dataclass(frozen=True)
class Search:
    """All executions that are meant, where none is named by its id."""

    namespace: Annotated[str | None, Parameter(help="All of a namespace and of those below it.")] = None
    flow: Annotated[str | None, Parameter(help="All of a flow: namespace.flow, or its id alone.")] = None
    state: Annotated[str | None, Parameter(help="All in a state, or in one of several with commas.")] = None

    def filters(self) -> dict[str, str]:
        return filters_of(namespace=self.namespace, flow=self.flow, state=self.state)


NONE = Search()


def resume(
    id: Id, /, *, inputs: Inputs = (), as_json: Json = False, server: Server = DEFAULT, user: User = None
) -> int:
    """Let a paused execution go on, with the inputs that its pause asks for."""
    return _send_parts(id, "resume", inputs, {}, server, user, as_json=as_json)


def resume_from_breakpoint(*ids: Id, breakpoints: Breakpoints = (), server: Server = DEFAULT, user: User = None) -> int:
    """Let an execution go on that stopped at a breakpoint; with other breakpoints if some are given."""
    parameters = {"breakpoints": ",".join(breakpoints)} if breakpoints else {}
    return ask("resume-from-breakpoint", ids, NONE, server, user, query=parameters)


def review(
    id: Id,
    decision: Annotated[Literal["approve", "deny"], Parameter(help="What is decided.")],
    /,
    *,
    comment: Annotated[str | None, Parameter(help="Why; some approvals ask for it.")] = None,
    task_run: Annotated[str | None, Parameter(help="Id of the task run meant, where several wait.")] = None,
    inputs: Inputs = (),
    as_json: Json = False,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Approve or deny what an execution waits for, with the inputs that are asked for."""
    words = {"approve": "APPROVED", "deny": "DENIED"}
    wanted = {"decision": words[decision], "comment": comment, "taskRunId": task_run}
    return _send_parts(id, "review", inputs, wanted, server, user, as_json=as_json)


def pause(*ids: Id, search: Search = NONE, server: Server = DEFAULT, user: User = None) -> int:
    """Pause executions: what runs ends, nothing new starts."""
    return ask("pause", ids, search, server, user)


def kill(
    *ids: Id,
    search: Search = NONE,
    cascade: Annotated[bool, Parameter(help="Also those that they started.")] = True,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Kill executions, and those they started."""
    parameters = {} if cascade else {"isOnKillCascade": "false"}
    return ask("kill", ids, search, server, user, method="DELETE", query=parameters)


def force_run(*ids: Id, search: Search = NONE, server: Server = DEFAULT, user: User = None) -> int:
    """Let executions go on, whatever they wait for."""
    return ask("force-run", ids, search, server, user)


def unqueue(
    *ids: Id,
    search: Search = NONE,
    to: Annotated[Literal["RUNNING"] | Ended, Parameter(help="RUNNING, or the state to end in.")] = "RUNNING",
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Take executions out of the queue of their flow's limit."""
    return ask("unqueue", ids, search, server, user, query={"state": to})


def change_state(
    id: Id,
    to: Annotated[Ended, Parameter(help="The state to count as ended in.")],
    /,
    *,
    task_run: Annotated[str | None, Parameter(help="Of this task run, by its id; the execution goes on then.")] = None,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Let an execution that is over, or one of its task runs, count as ended in another state."""
    if task_run is None:
        return ask("change-status", (id,), NONE, server, user, query={"status": to})
    content = {"json": {"taskRunId": task_run, "state": to}}
    return talking(server, user, lambda client: done(client.send("POST", action(id, "state"), **content)))


def set_labels(
    id: Id,
    /,
    *labels: Annotated[str, Parameter(help="A label as key=value.")],
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Give an execution that is over these labels in place of those it has."""
    try:
        content = [{"key": label.key, "value": label.value} for label in map(label_of, labels)]
    except ValueError as error:
        return mistyped(str(error))
    return talking(server, user, lambda client: done(client.send("POST", action(id, "labels"), json=content)))


def delete(
    *ids: Id,
    search: Search = NONE,
    keep_logs: Annotated[bool, Parameter(negative=())] = False,
    keep_metrics: Annotated[bool, Parameter(negative=())] = False,
    keep_files: Annotated[bool, Parameter(negative=())] = False,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Delete executions that are over, with their logs, metrics and files."""
    kept = {"deleteLogs": keep_logs, "deleteMetrics": keep_metrics, "deleteStorage": keep_files}
    parameters = {name: "false" for name, is_kept in kept.items() if is_kept}
    if reason := _unclear(ids, search):
        return mistyped(reason)
    path, content = ("by-ids", {"json": list(ids)}) if ids else ("by-query", {})

    def deleted(client: Client) -> int:
        answer = client.send("DELETE", f"/executions/{path}", params=parameters | search.filters(), **content)
        return say(f"deleted {answer['count']}")

    return talking(server, user, deleted)


COMMANDS = (
    resume,
    resume_from_breakpoint,
    review,
    pause,
    kill,
    force_run,
    unqueue,
    change_state,
    set_labels,
    delete,
)


def ask(
    verb: str,
    ids: tuple[str, ...],
    search: Search,
    server: str,
    user: str | None,
    *,
    method: str = "POST",
    query: dict[str, Any] | None = None,
) -> int:
    if reason := _unclear(ids, search):
        return mistyped(reason)
    if ids:
        return max(_ask_one(method, verb, each, server, user, query or {}) for each in ids)
    return talking(server, user, lambda client: _ask_all(client, method, verb, search.filters() | (query or {})))


def _unclear(ids: tuple[str, ...], search: Search) -> str | None:
    if ids and search.filters():
        return "name executions by their ids, or search for them: not both"
    if not ids and not search.filters():
        return "which executions? Name them by their ids, or all of a --namespace, a --flow or in a --state"
    return None


def _ask_one(method: str, verb: str, id: str, server: str, user: str | None, query: dict[str, Any]) -> int:
    """0 where it was done, whatever the execution's state is now."""
    return talking(server, user, lambda client: say(line_of(client.send(method, action(id, verb), params=query))))


def _ask_all(client: Client, method: str, verb: str, query: dict[str, Any]) -> int:
    """Waits until all of them were asked, and says how many refused."""
    begun = client.send(method, f"/executions/{verb}/by-query", params=query)
    while not (operation := client.get(f"/operations/{begun['operationId']}"))["isOver"]:
        time.sleep(LOOKED_AT_EVERY)
    say(f"{verb}: {operation['done']} done, {operation['refused']} refused")
    for error in operation["errors"]:
        say(f"  {error['id']}: {error['reason']}")
    if operation.get("failure"):
        raise ServerSays(operation["failure"])
    return BAD if operation["refused"] else GOOD


def _send_parts(
    id: str,
    verb: str,
    inputs: tuple[str, ...],
    query: dict[str, Any],
    server: str,
    user: str | None,
    *,
    as_json: bool,
) -> int:
    try:
        parts = read_parts(inputs)
    except (OSError, ValueError) as error:
        return mistyped(str(error))
    given = {name: value for name, value in query.items() if value is not None}
    return talking(server, user, lambda client: done(sent(client, action(id, verb), parts, given), as_json=as_json))


def sent(client: Client, path: str, parts: Parts, query: dict[str, Any]) -> dict[str, Any]:
    texts, files = parts
    return client.send("POST", path, params=query, data=texts, files=files or None)


def action(id: str, verb: str) -> str:
    return f"/executions/{id}/actions/{verb}"
