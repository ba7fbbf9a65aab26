"""What commands about executions have in common: speaking to a server, giving inputs, showing an execution."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tiercel.cli.client import Client, ServerSays, connected
from tiercel.cli.message import readable

GOOD, BAD, NOT_USABLE = 0, 1, 2
WELL = frozenset({"SUCCESS", "WARNING", "SKIPPED", "RETRIED"})
ENDS = WELL | {"FAILED", "KILLED", "CANCELLED"}
Inputs = Annotated[
    tuple[str, ...],
    Parameter(name=["--input", "-i"], negative=(), help="An input as name=value; name=@path for a file."),
]
Json = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON.")]
Parts = tuple[dict[str, str], dict[str, tuple[str, bytes]]]


def talking(server: str, user: str | None, work: Callable[[Client], int]) -> int:
    """The exit code of the work; where the server refuses, its words on standard error."""
    try:
        with connected(server, user) as client:
            return work(client)
    except ServerSays as error:
        print(error, file=sys.stderr)
        return BAD


def mistyped(reason: str) -> int:
    print(reason, file=sys.stderr)
    return NOT_USABLE


def read_parts(inputs: tuple[str, ...]) -> Parts:
    """Texts and files, by input. Raises ValueError, OSError."""
    texts: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    for given in inputs:
        key, equals, value = given.partition("=")
        if not equals:
            raise ValueError(f"an input is written name=value, not {given!r}")
        if value.startswith("@"):
            files[key] = (Path(value[1:]).name, Path(value[1:]).read_bytes())
        else:
            texts[key] = value
    return texts, files


def with_files(client: Client, namespace: str, flow_id: str, parts: Parts) -> Parts:
    """Also those that are named by their path alone, where the flow wants a file."""
    texts, files = parts
    paths = {name: Path(text) for name, text in texts.items() if os.path.isfile(text)}
    if not paths:
        return parts
    declared = client.get(f"/flows/{namespace}/{flow_id}").get("inputs", ())
    wanted = {each["id"] for each in declared if each["type"] == "FILE"} & paths.keys()
    read = {name: (paths[name].name, paths[name].read_bytes()) for name in wanted}
    return {name: text for name, text in texts.items() if name not in wanted}, files | read


def filters_of(*, namespace: str | None, flow: str | None, state: str | None) -> dict[str, str]:
    """The parameters of a search. A flow is named by its id, or with its namespace before it."""
    wanted = {"[namespace][PREFIX]": namespace, "[state][IN]": state, **_flow_filters(flow or "")}
    return {f"filters{name}": value for name, value in wanted.items() if value}


def _flow_filters(flow: str) -> dict[str, str]:
    """An id may have dots too, and which of them is the last one of a namespace nobody can see."""
    places = [place for place, letter in enumerate(flow) if letter == "."]
    if not places:
        return {"[flowId][EQUALS]": flow}
    either = {"[or][0][flowId][EQUALS]": flow}
    for number, place in enumerate(places, start=1):
        either[f"[or][{number}][namespace][EQUALS]"] = flow[:place]
        either[f"[or][{number}][flowId][EQUALS]"] = flow[place + 1 :]
    return either


def log_text(client: Client, id: str, **parameters: str) -> str:
    """The log of an execution, each line with its task."""
    return "".join(map(_log_line, client.get(f"/logs/{id}", **parameters)))


def _log_line(entry: dict[str, Any]) -> str:
    """Like a line of `tiercel run`, with the date."""
    return f"{entry['timestamp']} {entry['level']:<5} {entry.get('taskId', '-')}  {readable(entry['message'])}\n"


def line_of(execution: dict[str, Any]) -> str:
    state = execution["state"]
    name = f"{execution['namespace']}.{execution['flowId']}"
    return (
        f"{execution['id']}  {state['current']:<9}  {state['startDate'][:19]}  {state.get('duration', ''):<12}  {name}"
    )


def show(execution: dict[str, Any], *, as_json: bool = False) -> int:
    """Print it with its task runs; the exit code tells whether it went wrong."""
    if as_json:
        say(json.dumps(execution))
    else:
        say(line_of(execution))
        for run in execution.get("taskRunList", ()):
            value = f" [{run['value']}]" if "value" in run else ""
            say(f"  {run['state']['current']:<9}  {run['taskId']}{value}  {run['state'].get('duration', '')}")
    state = execution["state"]["current"]
    return BAD if state in ENDS and state not in WELL else GOOD


def done(execution: dict[str, Any], *, as_json: bool = False) -> int:
    """Print it after a verb, which was done whatever the execution's state is now."""
    show(execution, as_json=as_json)
    return GOOD


def say(text: str) -> int:
    print(text, end="" if text.endswith("\n") else "\n")
    return GOOD
