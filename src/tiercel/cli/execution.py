"""`tiercel execution …`: start, look at and steer executions of a server."""

import json
from typing import Annotated, Any

from cyclopts import App, Parameter

from tiercel.cli.client import DEFAULT, Client, Server, User
from tiercel.cli.execution_again import replay, restart
from tiercel.cli.execution_verbs import COMMANDS
from tiercel.cli.execution_view import (
    GOOD,
    Inputs,
    Json,
    Parts,
    line_of,
    mistyped,
    read_parts,
    say,
    show,
    talking,
)

app = App(name="execution", help="Start, look at and steer executions of a server.")
for command in (restart, replay, *COMMANDS):
    app.command(command)

Labels = Annotated[tuple[str, ...], Parameter(name=["--label", "-l"], negative=(), help="A label as key:value.")]


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
    except (OSError, ValueError) as error:
        return mistyped(str(error))
    return talking(
        server, user, lambda client: _start(client, namespace, flow_id, parts, labels, wait=wait, as_json=as_json)
    )


@app.command(name="list")
def list_(
    *,
    namespace: str | None = None,
    flow: str | None = None,
    state: Annotated[str | None, Parameter(help="One state, or several with commas.")] = None,
    limit: int = 25,
    as_json: Json = False,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """List executions, newest first."""
    filters = {"namespace][PREFIX": namespace, "flowId][EQUALS": flow, "state][IN": state}
    parameters = {f"filters[{name}]": value for name, value in filters.items() if value}
    return talking(server, user, lambda client: _list(client, parameters, limit=limit, as_json=as_json))


@app.command
def get(id: str, /, *, as_json: Json = False, server: Server = DEFAULT, user: User = None) -> int:
    """Show an execution with its task runs."""
    return talking(server, user, lambda client: show(client.get(f"/executions/{id}"), as_json=as_json))


@app.command
def logs(id: str, /, *, level: str | None = None, server: Server = DEFAULT, user: User = None) -> int:
    """Print the log of an execution."""
    parameters = {"minLevel": level} if level else {}
    return talking(server, user, lambda client: say(client.text(f"/logs/{id}/download", **parameters)))


def _start(
    client: Client,
    namespace: str,
    flow_id: str,
    parts: Parts,
    labels: tuple[str, ...],
    *,
    wait: bool,
    as_json: bool,
) -> int:
    texts, files = parts
    query: dict[str, Any] = {"labels": list(labels), "wait": "true" if wait else "false"}
    execution = client.send(
        "POST",
        f"/executions/{namespace}/{flow_id}",
        params=query,
        data=texts,
        files=files or None,
        timeout=None if wait else 60,
    )
    if wait:
        say(client.text(f"/logs/{execution['id']}/download"))
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
