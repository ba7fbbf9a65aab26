"""What commands about executions have in common: speaking to a server, giving inputs, showing an execution."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tiercel.cli.client import Client, ServerSays, connected

GOOD, BAD, NOT_USABLE = 0, 1, 2
WELL = frozenset({"SUCCESS", "WARNING", "SKIPPED", "RETRIED"})
ENDS = WELL | {"FAILED", "KILLED", "CANCELLED"}
Inputs = Annotated[
    tuple[str, ...], Parameter(name=["--input", "-i"], negative=(), help="An input as key=value; key=@file for a file.")
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
            raise ValueError(f"an input is written key=value, not {given!r}")
        if value.startswith("@"):
            files[key] = (Path(value[1:]).name, Path(value[1:]).read_bytes())
        else:
            texts[key] = value
    return texts, files


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


def say(text: str) -> int:
    print(text, end="" if text.endswith("\n") else "\n")
    return GOOD
