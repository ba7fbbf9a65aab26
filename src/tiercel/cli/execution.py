"""`tiercel execution …`: start, look at and stop executions of a server."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from tiercel.cli.client import DEFAULT, Client, Server, ServerSays, User, connected

app = App(name="execution", help="Start, look at and stop executions of a server.")

GOOD, BAD, NOT_USABLE = 0, 1, 2
WELL = frozenset({"SUCCESS", "WARNING", "SKIPPED", "RETRIED"})
ENDS = WELL | {"FAILED", "KILLED", "CANCELLED"}
Inputs = Annotated[
    tuple[str, ...], Parameter(name=["--input", "-i"], negative=(), help="An input as key=value; key=@file for a file.")
]
Labels = Annotated[tuple[str, ...], Parameter(name=["--label", "-l"], negative=(), help="A label as key:value.")]
Parts = tuple[dict[str, str], dict[str, tuple[str, bytes]]]
Json = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON.")]


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
        return _mistyped(f"a flow is written namespace.flow, not {flow!r}")
    try:
        parts = _parts(inputs)
    except (OSError, ValueError) as error:
        return _mistyped(str(error))
    return _with(
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
    return _with(server, user, lambda client: _list(client, parameters, limit=limit, as_json=as_json))


@app.command
def get(id: str, /, *, as_json: Json = False, server: Server = DEFAULT, user: User = None) -> int:
    """Show an execution with its task runs."""
    return _with(server, user, lambda client: _show(client.get(f"/executions/{id}"), as_json=as_json))


@app.command
def logs(id: str, /, *, level: str | None = None, server: Server = DEFAULT, user: User = None) -> int:
    """Print the log of an execution."""
    parameters = {"minLevel": level} if level else {}
    return _with(server, user, lambda client: _print(client.text(f"/logs/{id}/download", **parameters)))


@app.command
def kill(id: str, /, *, server: Server = DEFAULT, user: User = None) -> int:
    """Kill an execution, and those it started."""
    return _with(server, user, lambda client: _show(client.send("DELETE", f"/executions/{id}/actions/kill")))


def _with(server: str, user: str | None, work: Callable[[Client], int]) -> int:
    try:
        with connected(server, user) as client:
            return work(client)
    except ServerSays as error:
        print(error, file=sys.stderr)
        return BAD


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
        _print(client.text(f"/logs/{execution['id']}/download"))
    code = _show(execution, as_json=as_json)
    if wait and not as_json:
        _print(_ending(execution))
    return code


def _ending(execution: dict[str, Any]) -> str:
    """The outputs, and the line that scripts wait for: the same as that of `tiercel run`."""
    state = execution["state"]
    outputs = [f"  {name}: {value}" for name, value in execution.get("outputs", {}).items()]
    ended = f"execution {execution['id']} ended {state['current']} in {state.get('duration', 'PT0S')}"
    return "\n".join([*(["outputs:"] if outputs else []), *outputs, ended])


def _mistyped(reason: str) -> int:
    print(reason, file=sys.stderr)
    return NOT_USABLE


def _parts(inputs: tuple[str, ...]) -> Parts:
    """Texts and files, by input. Raises ValueError, OSError."""
    texts: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    for given in inputs:
        key, equals, value = given.partition("=")
        if not equals:
            raise ValueError(f"an input is written key=value, not {given!r}")
        if value.startswith("@"):
            files[key] = (Path(value[1:]).name, Path(value[1:]).read_bytes())
        else:
            texts[key] = value
    return texts, files


def _list(client: Client, parameters: dict[str, str], *, limit: int, as_json: bool) -> int:
    found = client.get("/executions/search", size=limit, sort="state.startDate:desc", **parameters)
    if as_json:
        return _print(json.dumps(found["results"]))
    for execution in found["results"]:
        print(_line(execution))
    print(f"{len(found['results'])} of {found['total']}")
    return GOOD


def _line(execution: dict[str, Any]) -> str:
    state = execution["state"]
    name = f"{execution['namespace']}.{execution['flowId']}"
    return (
        f"{execution['id']}  {state['current']:<9}  {state['startDate'][:19]}  {state.get('duration', ''):<12}  {name}"
    )


def _show(execution: dict[str, Any], *, as_json: bool = False) -> int:
    if as_json:
        _print(json.dumps(execution))
    else:
        print(_line(execution))
        for run in execution.get("taskRunList", ()):
            value = f" [{run['value']}]" if "value" in run else ""
            print(f"  {run['state']['current']:<9}  {run['taskId']}{value}  {run['state'].get('duration', '')}")
    state = execution["state"]["current"]
    return BAD if state in ENDS and state not in WELL else GOOD


def _print(text: str) -> int:
    print(text, end="" if text.endswith("\n") else "\n")
    return GOOD
