"""`tiercel flow …`: check flows, lay them out, and bring them to a server."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from tiercel import definition
from tiercel.cli.client import DEFAULT, Client, Server, ServerSays, User, connected
from tiercel.cli.flow_files import BAD, GOOD, NOT_USABLE, sources, told_of_tests, unreadable
from tiercel.cli.flow_format import format
from tiercel.cli.flow_migrate import migrate
from tiercel.cli.flow_schema import schema
from tiercel.cli.flow_validate import validate

app = App(name="flow", help="Check flows, lay them out, and bring them to a server.")

Files = Annotated[tuple[Path, ...], Parameter(help="Files, and folders of them.")]
YAML = {"Content-Type": "application/x-yaml"}


app.command(validate)
app.command(format)
app.command(migrate)
app.command(schema)


@app.command
def create(paths: Files, /, *, server: Server = DEFAULT, user: User = None) -> int:
    """Create flows on a server."""
    return _each(paths, server, user, _created)


@app.command
def update(paths: Files, /, *, server: Server = DEFAULT, user: User = None) -> int:
    """Save flows on a server: new ones are created, others get their next revision."""
    return _each(paths, server, user, _saved)


@app.command
def export(
    folder: Annotated[Path, Parameter(help="Where the files go: one folder for each namespace.")],
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
        documents = list(_documents(paths))
    except OSError as error:
        print(unreadable(error), file=sys.stderr)
        return NOT_USABLE
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


def _documents(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for source in sources(paths):
        for text in definition.split(source.text):
            if definition.read(text).is_of_tests:
                print(told_of_tests(source.path), file=sys.stderr)
            else:
                yield source.path, text
