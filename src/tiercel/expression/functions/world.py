"""Functions that ask the world through the host; their arguments are checked here. See `surroundings` for the calls."""

import json
from collections.abc import Mapping

from tiercel.expression.callables import Arguments, Function, Path
from tiercel.expression.errors import ExpressionError
from tiercel.expression.rendering import SecretText
from tiercel.expression.text import to_text
from tiercel.expression.values import Value, is_map

_NAMESPACE: tuple[Path, ...] = (("flow", "namespace"),)
_FILE_ROOT = "kestra:///"


def _ask(arguments: Arguments, function: str, **values: Value) -> Value:
    return arguments.rendering.surroundings.host.call(function, values)


def _namespace(arguments: Arguments) -> str | None:
    """The namespace that is written, or the flow's."""
    written = arguments.optional_text("namespace")
    flow = arguments.rendering.world.get("flow")
    return written or (flow.get("namespace") if is_map(flow) else None)


def _secret(arguments: Arguments) -> Value:
    key = arguments.text("key")
    secret = to_text(_ask(arguments, "secret", key=key, namespace=_namespace(arguments)))
    subkey = arguments.optional_text("subkey")
    text = secret if subkey is None else _part_of_secret(key, secret, subkey)
    shown = text if arguments.rendering.protected is None else SecretText(text)
    return {"key": key, "value": shown} if arguments.flag("full", False) else shown


def _part_of_secret(key: str, secret: str, subkey: str) -> str:
    try:
        parts = json.loads(secret)
    except ValueError:
        parts = None
    if not is_map(parts) or subkey not in parts:
        raise ExpressionError("missing", f"the secret `{key}` has no part `{subkey}`")
    return to_text(parts[subkey])


def _kv(arguments: Arguments) -> Value:
    return _ask(
        arguments,
        "kv",
        key=arguments.text("key"),
        namespace=_namespace(arguments),
        inherit=arguments.get("namespace") is None,
        errorOnMissing=arguments.flag("errorOnMissing", True),
    )


def _read(arguments: Arguments) -> Value:
    path, revision = arguments.text("path"), arguments.get("revision")
    return _ask(arguments, "read", path=path, namespace=_namespace(arguments), revision=revision)


def _about_file(arguments: Arguments) -> Value:
    path = arguments.text("path")
    return _ask(arguments, arguments.owner, path=path, namespace=_namespace(arguments))


def _file_uri(arguments: Arguments) -> Value:
    path = arguments.text("path").lstrip("/")
    if ".." in path.split("/"):
        raise ExpressionError("access", f"the path `{path}` leaves the namespace's files; write it without `..`")
    namespace = _namespace(arguments)
    if namespace is None:
        raise ExpressionError("missing", "`fileURI` needs the argument `namespace` where there is no flow")
    return f"{_FILE_ROOT}{namespace.replace('.', '/')}/_files/{path}"


def _http(arguments: Arguments) -> Value:
    return _ask(
        arguments,
        "http",
        uri=arguments.text("uri"),
        method=arguments.optional_text("method") or "GET",
        query=arguments.get("query"),
        body=arguments.get("body"),
        contentType=arguments.optional_text("contentType") or "application/json",
        headers=arguments.get("headers"),
        options=arguments.get("options"),
        accept=arguments.optional_text("accept") or "application/json",
    )


def _subflow(arguments: Arguments) -> Value:
    return _ask(
        arguments,
        "subflow",
        namespace=_namespace(arguments) if not arguments.has("namespace") else arguments.text("namespace"),
        id=arguments.text("id"),
        inputs=arguments.get("inputs"),
        revision=arguments.get("revision"),
        labels=arguments.get("labels"),
        timeout=arguments.optional_text("timeout") or "PT1M",
    )


def _random_port(arguments: Arguments) -> Value:
    """The number of the call goes along, so that two ports are two questions."""
    return _ask(arguments, "randomPort", number=next(arguments.rendering.surroundings.calls))


def _encrypt(arguments: Arguments) -> Value:
    return _ask(arguments, "encrypt", key=arguments.text("key"), plaintext=arguments.text("plaintext"))


def _decrypt(arguments: Arguments) -> Value:
    return _ask(arguments, "decrypt", key=arguments.text("key"), encrypted=arguments.text("encrypted"))


def _is_public_holiday(arguments: Arguments) -> Value:
    return _ask(
        arguments,
        "isPublicHoliday",
        date=to_text(arguments.needed("date")),
        countryCode=arguments.text("countryCode"),
        subDivision=arguments.optional_text("subDivision"),
    )


_HTTP = ("uri", "method", "query", "body", "contentType", "headers", "options", "accept")
_SUBFLOW = ("namespace", "id", "inputs", "revision", "labels", "timeout")
FUNCTIONS: Mapping[str, Function] = {
    "secret": Function(_secret, ("key", "namespace", "subkey", "full"), _NAMESPACE),
    "kv": Function(_kv, ("key", "namespace", "errorOnMissing"), _NAMESPACE),
    "read": Function(_read, ("path", "namespace", "revision"), _NAMESPACE),
    "fileURI": Function(_file_uri, ("path", "namespace"), _NAMESPACE),
    "fileSize": Function(_about_file, ("path", "namespace"), _NAMESPACE),
    "fileExists": Function(_about_file, ("path", "namespace"), _NAMESPACE),
    "isFileEmpty": Function(_about_file, ("path", "namespace"), _NAMESPACE),
    "http": Function(_http, _HTTP),
    "subflow": Function(_subflow, _SUBFLOW, _NAMESPACE),
    "errorLogs": Function(lambda arguments: _ask(arguments, "errorLogs")),
    "randomPort": Function(_random_port),
    "encrypt": Function(_encrypt, ("key", "plaintext")),
    "decrypt": Function(_decrypt, ("key", "encrypted")),
    "isPublicHoliday": Function(_is_public_holiday, ("date", "countryCode", "subDivision")),
}
