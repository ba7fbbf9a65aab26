"""`tiercel secret …`: write, list and delete the secrets of a server's namespaces."""

import json
import sys
from getpass import getpass
from typing import Annotated, Any

from cyclopts import App, Parameter

from tiercel.cli.client import DEFAULT, Client, Server, User
from tiercel.cli.execution_view import GOOD, Json, mistyped, say, talking

app = App(name="secret", help="Write, list and delete the secrets of a server's namespaces.")

Namespace = Annotated[str, Parameter(help="The namespace; those below it see the secret too.")]
Key = Annotated[str, Parameter(help="What `secret('…')` names.")]


@app.command(name="set")
def set_(
    namespace: Namespace,
    key: Key,
    /,
    *,
    description: Annotated[str | None, Parameter(help="What it is for.")] = None,
    tags: Annotated[
        tuple[str, ...], Parameter(name=["--tag", "-t"], negative=(), help="A tag as key:value, as often as needed.")
    ] = (),
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """Write a secret. Its value is asked for, or read from standard input; it never stands on the command line."""
    pairs = [tag.partition(":") for tag in tags]
    if any(not colon for _, colon, _ in pairs):
        return mistyped("a tag is written key:value")
    value = _value(namespace, key)
    if not value:
        return mistyped("a secret without a value is none: give it on standard input, or when it is asked for")
    body: dict[str, Any] = {"key": key, "value": value}
    if description is not None:
        body["description"] = description
    if pairs:
        body["tags"] = [{"key": name, "value": text} for name, _, text in pairs]
    return talking(server, user, lambda client: _put(client, namespace, body))


@app.command(name="list")
def list_(
    namespace: Annotated[str | None, Parameter(help="Only those of this namespace.")] = None,
    /,
    *,
    text: Annotated[str, Parameter(name=["--query", "-q"], help="Only those whose key contains it.")] = "",
    as_json: Json = False,
    server: Server = DEFAULT,
    user: User = None,
) -> int:
    """List secrets. Nobody is told their values."""
    return talking(server, user, lambda client: _list(client, namespace, text, as_json=as_json))


@app.command
def delete(namespace: Namespace, key: Key, /, *, server: Server = DEFAULT, user: User = None) -> int:
    """Delete a secret."""
    return talking(server, user, lambda client: _delete(client, namespace, key))


def _value(namespace: str, key: str) -> str:
    """What a person types unseen, or a pipe brings; the end of its last line does not belong to it."""
    if sys.stdin.isatty():
        return getpass(f"Value of {key} in {namespace}: ")
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")


def _put(client: Client, namespace: str, body: dict[str, Any]) -> int:
    client.send("PUT", f"/namespaces/{namespace}/secrets", json=body)
    print(f"{namespace} has the secret {body['key']}")
    return GOOD


def _list(client: Client, namespace: str | None, text: str, *, as_json: bool) -> int:
    parameters = {"filters[q][EQUALS]": text} if text else {}
    if namespace is not None:
        parameters["filters[namespace][EQUALS]"] = namespace
    found = list(client.pages("/secrets", parameters))
    if as_json:
        return say(json.dumps(found, indent=2))
    for secret in found:
        print(_line(secret))
    if not found:
        print("there is none", file=sys.stderr)
    return GOOD


def _line(secret: dict[str, Any]) -> str:
    tags = " ".join(f"{tag['key']}:{tag['value']}" for tag in secret.get("tags", ()))
    parts = (secret.get("namespace", "(environment)"), secret["key"], secret.get("description", ""), tags)
    return "  ".join(part for part in parts if part)


def _delete(client: Client, namespace: str, key: str) -> int:
    client.send("DELETE", f"/namespaces/{namespace}/secrets/{key}")
    print(f"{namespace} has the secret {key} no more")
    return GOOD
