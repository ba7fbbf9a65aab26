"""`tiercel execution …`: start, look at and steer executions of a server."""

import json
from typing import Annotated, Any

from cyclopts import App, Parameter

from tiercel.cli.client import DEFAULT, Client, Server, User
from tiercel.cli.execution_again import replay, restart
from tiercel.cli.execution_verbs import COMMANDS, Id
from tiercel.cli.execution_view import (
    GOOD,
    Inputs,
    Json,
    Parts,
    filters_of,
    line_of,
    log_text,
    mistyped,
    read_parts,
    say,
    show,
    talking,
    with_files,
)
from tiercel.cli.label import label_of

app = App(name="execution", help="Start, look at and steer executions of a server.")
for command in (restart, replay, *COMMANDS):
    app.command(command)

Labels = Annotated[tuple[str, ...], Parameter(name=["--label", "-l"], negative=(), help="A label as key=value.")]


@app.command
def start(
    flow: Annotated[str, Parameter(help="namespace.flow")],
    /,
    *,
    inputs: Inputs = (),
    labels: Labels = (),
    wait: Annotated[
        bool, Parameter(negative=(), help="Return when it is over, with its logs and an exit code by its state.")
    ] = False,
    as_json: Json = False,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Start an execution."""
    namespace, _, flow_id = flow.rpartition(".")
    if not namespace:
        return mistyped(f"a flow is written namespace.flow, not {flow!r}")
    try:
        parts = read_parts(inputs)
        written = [f"{label.key}:{label.value}" for label in map(label_of, labels)]
    except (OSError, ValueError) as error:
        return mistyped(str(error))
    return talking(
        server, user, lambda client: _start(client, namespace, flow_id, parts, written, wait=wait, as_json=as_json)
    )


@app.command(name="list")
def list_(
    *,
    namespace: Annotated[str | None, Parameter(help="Of this namespace and of those below it.")] = None,
    flow: Annotated[str | None, Parameter(help="Of a flow: namespace.flow, or its id alone.")] = None,
    state: Annotated[str | None, Parameter(help="One state, or several with commas.")] = None,
    limit: Annotated[int, Parameter(help="How many are shown at most.")] = 25,
    as_json: Json = False,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """List executions, newest first."""
    parameters = filters_of(namespace=namespace, flow=flow, state=state)
    return talking(server, user, lambda client: _list(client, parameters, limit=limit, as_json=as_json))


@app.command
def get(id: Id, /, *, as_json: Json = False, server: Server = DEFAULT, user: User = None) -> int:
    """Show an execution with its task runs."""
    return talking(server, user, lambda client: show(client.get(f"/executions/{id}"), as_json=as_json))


@app.command
def logs(
    id: Id,
    /,
    *,
    level: Annotated[
        str | None, Parameter(help="The least level that is shown: TRACE, DEBUG, INFO, WARN or ERROR.")
    ] = None,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Print the log of an execution."""
    parameters = {"minLevel": level} if level else {}
    return talking(server, user, lambda client: say(log_text(client, id, **parameters)))


def _start(
    client: Client,
    namespace: str,
    flow_id: str,
    parts: Parts,
    labels: list[str],
    *,
    wait: bool,
    as_json: bool,
) -> int:
    texts, files = with_files(client, namespace, flow_id, parts)
    query: dict[str, Any] = {"labels": labels, "wait": "true" if wait else "false"}
    execution = client.send(
        "POST",
        f"/executions/{namespace}/{flow_id}",
        params=query,
        data=texts,
        files=files or None,
        timeout=None if wait else 60,
    )
    if wait:
        say(log_text(client, execution["id"]))
    code = show(execution, as_json=as_json)
    if wait and not as_json:
        say(_ending(execution))
    return code


def _ending(execution: dict[str, Any]) -> str:
    """The outputs, and the line that scripts wait for: the same as that of `tiercel run`."""
    state = execution["state"]
    outputs = [f"  {name}: {value}" for name, value in execution.get("outputs", {}).items()]
    ended = f"execution {execution['id']} ended {state['current']} in {state.get('duration', 'PT0S')}"
    return "\n".join([*(["outputs:"] if outputs else []), *outputs, ended])


def _list(client: Client, parameters: dict[str, str], *, limit: int, as_json: bool) -> int:
    found = client.get("/executions/search", size=limit, sort="state.startDate:desc", **parameters)
    if as_json:
        return say(json.dumps(found["results"]))
    for execution in found["results"]:
        print(line_of(execution))
    print(f"{len(found['results'])} of {found['total']}")
    return GOOD
