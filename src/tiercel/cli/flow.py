"""`tiercel flow …`: check flows, and bring them to a server."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter

from tiercel import definition
from tiercel.cli.client import DEFAULT, Client, Server, ServerSays, User, connected
from tiercel.definition import Problem, Reading, errors
from tiercel.definition.check import check
from tiercel.services.catalog import PluginCatalog

app = App(name="flow", help="Check flows, and bring them to a server.")

GOOD, BAD, NOT_USABLE = 0, 1, 2
YAML = {"Content-Type": "application/x-yaml"}
Json = Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON.")]


@app.command
def validate(
    paths: Annotated[tuple[Path, ...], Parameter(help="Files, or folders of them.")], /, *, as_json: Json = False
) -> int:
    """Check flows: everything that is wrong with them, at once, without a server."""
    catalog = PluginCatalog.installed()
    try:
        documents = list(_documents(_files(paths)))
    except (OSError, UnicodeDecodeError) as error:
        return _unreadable(error)
    readings = [(file, _checked(file, text, catalog)) for file, text in documents]
    if as_json:
        print(json.dumps([_shown(file, reading) for file, reading in readings]))
    else:
        for file, reading in readings:
            _print(file, reading)
    if not readings:
        print("there is no .yaml or .yml file there", file=sys.stderr)
        return NOT_USABLE
    return GOOD if all(reading.is_valid for _, reading in readings) else BAD


@app.command
def create(paths: tuple[Path, ...], /, *, server: Server = DEFAULT, user: User = None) -> int:
    """Create flows on a server."""
    return _each(paths, server, user, _created)


@app.command
def update(paths: tuple[Path, ...], /, *, server: Server = DEFAULT, user: User = None) -> int:
    """Save flows on a server: new ones are created, others get their next revision."""
    return _each(paths, server, user, _saved)


@app.command
def export(
    folder: Path,
    /,
    *,
    namespace: Annotated[str, Parameter(help="The namespace, with its children.")],
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Write the sources of a namespace's flows into a folder, one file a flow."""
    try:
        with connected(server, user) as client:
            count = _export(client, folder, namespace)
    except ServerSays as error:
        print(error, file=sys.stderr)
        return BAD
    print(f"{count} flows written to {folder}")
    return GOOD


def _export(client: Client, folder: Path, namespace: str) -> int:
    count = 0
    for flow in client.pages("/flows/search", {"filters[namespace][PREFIX]": namespace}):
        source = client.get(f"/flows/{flow['namespace']}/{flow['id']}", source="true")["source"]
        file = folder / flow["namespace"] / f"{flow['id']}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
        count += 1
    return count


def _each(paths: tuple[Path, ...], server: str, user: str | None, send: Callable[[Client, str], Any]) -> int:
    """Send the flow of each document; one that is refused does not stop the others."""
    try:
        documents = list(_documents(_files(paths)))
    except (OSError, UnicodeDecodeError) as error:
        return _unreadable(error)
    code = GOOD
    with connected(server, user) as client:
        for file, text in documents:
            try:
                flow = send(client, text)
                print(f"✓ {flow['namespace']}.{flow['id']} revision {flow['revision']}")
            except ServerSays as error:
                print(f"✘ {file}: {error}", file=sys.stderr)
                code = BAD
    return code


def _unreadable(error: OSError | UnicodeDecodeError) -> int:
    reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else f"a file is not UTF-8: {error}"
    print(reason, file=sys.stderr)
    return NOT_USABLE


def _created(client: Client, text: str) -> Any:
    return client.send("POST", "/flows", content=text, headers=YAML)


def _saved(client: Client, text: str) -> Any:
    flow = definition.read(text).flow
    if flow is not None:
        try:
            return client.send("PUT", f"/flows/{flow.namespace}/{flow.id}", content=text, headers=YAML)
        except ServerSays as error:
            if error.status != 404:
                raise
    return _created(client, text)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
        else:
            yield path


def _documents(files: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for file in files:
        for text in definition.split(file.read_text()):
            yield file, text


def _checked(file: Path, text: str, catalog: PluginCatalog) -> Reading:
    reading = definition.read(text, filename=str(file))
    return msgspec.structs.replace(reading, problems=check(reading, catalog))


def _shown(file: Path, reading: Reading) -> dict[str, Any]:
    problems = [{**msgspec.to_builtins(problem), "severity": problem.severity} for problem in reading.problems]
    return {"file": str(file), "valid": reading.is_valid, "problems": problems}


def _print(file: Path, reading: Reading) -> None:
    print(f"{'✓' if reading.is_valid else '✘'} {file}")
    for problem in reading.problems:
        print(f"  {file}:{problem.line}:{problem.column}: {_kind(problem)}{problem.message}")
        if problem.fix:
            print(f"    write: {problem.fix}")


def _kind(problem: Problem) -> str:
    return "" if errors([problem]) else f"{problem.severity.lower()}: "
