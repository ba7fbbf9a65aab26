"""Functions that ask the world through the host; their arguments are checked here. See `surroundings` for the calls."""

import json
from collections.abc import Mapping

from tiercel.expression.callables import About, Arguments, Function, Path
from tiercel.expression.errors import ExpressionError
from tiercel.expression.functions.calendar import moment_of
from tiercel.expression.rendering import SecretText
from tiercel.expression.text import to_text
from tiercel.expression.values import Value, is_map, plain

_NAMESPACE: tuple[Path, ...] = (("flow", "namespace"),)
_FILE_ROOT = "kestra:///"


def _ask(arguments: Arguments, function: str, **values: Value) -> Value:
    given = {name: plain(value) for name, value in values.items()}
    surroundings = arguments.rendering.surroundings
    answer = surroundings.host.call(function, given)
    surroundings.secrets.add_answer(function, answer)
    return answer


def _namespace(arguments: Arguments) -> str | None:
    """The namespace that is written, or the flow's."""
    written = arguments.optional_text("namespace")
    flow = arguments.rendering.world.get("flow")
    return written or (flow.get("namespace") if is_map(flow) else None)


def _secret(arguments: Arguments) -> Value:
    key = arguments.text("key")
    if arguments.get("subkey") is not None and arguments.flag("full", False):
        raise ExpressionError("argument", "`secret` takes 'subkey' or 'full', not both")
    secret = to_text(_ask(arguments, "secret", key=key, namespace=_namespace(arguments)))
    subkey = arguments.optional_text("subkey")
    shown = _secret_text(_part_of_secret(key, secret, subkey) if subkey else secret, arguments)
    return {"key": key, "value": shown} if arguments.flag("full", False) else shown


def _secret_text(text: str, arguments: Arguments) -> str:
    return text if arguments.rendering.protected is None else SecretText(text)


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
        errorOnMissing=arguments.flag("errorOnMissing", arguments.rendering.dialect.needs_keys),
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
    """For inputs alone: what runs already has tasks that call flows."""
    world = arguments.rendering.world
    if world.get("taskrun") is not None or world.get("trigger") is not None:
        raise ExpressionError("host", "subflow() cannot be called in a task or trigger: use the task Subflow")
    if arguments.get("namespace") is None or arguments.get("id") is None:
        raise ExpressionError("argument", "`subflow` needs both arguments, 'namespace' and 'id'")
    return _ask(
        arguments,
        "subflow",
        namespace=arguments.text("namespace"),
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
        date=moment_of(arguments, "date").date().isoformat(),
        countryCode=arguments.text("countryCode"),
        subDivision=arguments.optional_text("subDivision"),
    )


def _app_link(arguments: Arguments) -> Value:
    return _ask(
        arguments, "appLink", appId=arguments.optional_text("appId"), baseUrl=arguments.optional_text("baseUrl")
    )


def _credential(arguments: Arguments) -> Value:
    return _secret_text(to_text(_ask(arguments, "credential", name=arguments.text("name"))), arguments)


_FILE = "path, namespace?"
FUNCTIONS: Mapping[str, Function] = {
    "secret": Function(
        _secret,
        "key, namespace?, subkey?, full=false",
        About(
            "A secret of the namespace; with `subkey` a part of one that is JSON. `full` gives an object with its `value`."
            " What it gives is masked in logs.",
            "{{ secret('API_KEY') }} → s3cr3t",
            "{{ secret('LOGIN', subkey='user') }} → ada",
        ),
        _NAMESPACE,
    ),
    "kv": Function(
        _kv,
        "key, namespace?, errorOnMissing=true",
        About(
            "A value of the key-value store; without `namespace` those above the flow's are searched too.",
            "{{ kv('limit') + 1 }} → 6",
            "{{ kv('nothing', errorOnMissing=false) ?? 'none' }} → none",
        ),
        _NAMESPACE,
    ),
    "read": Function(
        _read,
        "path, namespace?, revision?",
        About(
            "The text of a file: a path among the files of the namespace, or the URI of an output.",
            "{{ read('greeting.txt') }} → hello",
        ),
        _NAMESPACE,
    ),
    "fileURI": Function(
        _file_uri,
        _FILE,
        About(
            "The URI of a file of the namespace.",
            "{{ fileURI('greeting.txt') }} → kestra:///company/team/_files/greeting.txt",
        ),
        _NAMESPACE,
    ),
    "fileSize": Function(
        _about_file, _FILE, About("How many bytes a file has.", "{{ fileSize('greeting.txt') }} → 5"), _NAMESPACE
    ),
    "fileExists": Function(
        _about_file, _FILE, About("Whether a file is there.", "{{ fileExists('other.txt') }} → false"), _NAMESPACE
    ),
    "isFileEmpty": Function(
        _about_file,
        _FILE,
        About("Whether a file has no bytes.", "{{ isFileEmpty('greeting.txt') }} → false"),
        _NAMESPACE,
    ),
    "http": Function(
        _http,
        "uri, method=GET, query?, body?, contentType=application/json, headers?, options?, accept=application/json",
        About(
            "The body that a server answers with; JSON and YAML become values.",
            "{{ http('https://api.example.com/users/1').name }} → Ada",
        ),
    ),
    "subflow": Function(
        _subflow,
        "namespace?, id?, inputs?, revision?, labels?, timeout=PT1M",
        About(
            "What another flow gives: `id`, `state`, `outputs`, `labels`. For inputs of a flow only; at most five minutes.",
            "{{ subflow('company.team', 'cities').outputs.names | join(', ') }} → Paris, Lyon",
            since="2.0",
        ),
        (("taskrun",), ("trigger",)),
    ),
    "errorLogs": Function(
        lambda arguments: _ask(arguments, "errorLogs"),
        "",
        About("The error lines of the execution so far.", "{{ errorLogs()[0].message }} → no such file"),
    ),
    "randomPort": Function(
        _random_port, "", About("The number of a free TCP port.", "{{ randomPort() > 1023 }} → true")
    ),
    "encrypt": Function(
        _encrypt,
        "key, plaintext",
        About(
            "The text encrypted by AES-GCM; the key is 16, 24 or 32 bytes in Base64.",
            "{{ encrypt('I6EGNzRESu3X3pKZidrqCGOHQFUFC0yK', 'a') | length }} → 40",
        ),
    ),
    "decrypt": Function(
        _decrypt,
        "key, encrypted",
        About(
            "The text that `encrypt` encrypted.",
            "{% set key = 'I6EGNzRESu3X3pKZidrqCGOHQFUFC0yK' %}{{ decrypt(key, encrypt(key, 'a')) }} → a",
        ),
    ),
    "isPublicHoliday": Function(
        _is_public_holiday,
        "date, countryCode, subDivision?",
        About(
            "Whether a date is a public holiday of a country, or of a part of it.",
            "{{ isPublicHoliday('2025-07-14', 'FR') }} → true",
            "{{ isPublicHoliday('2025-01-06', 'DE', 'BY') }} → true",
        ),
    ),
    "appLink": Function(
        _app_link,
        "appId?, baseUrl?",
        About(
            "The address of an app, where the server has apps.",
            "{{ appLink('form') }} → https://flows.example.com/form",
        ),
    ),
    "credential": Function(
        _credential,
        "name",
        About("The token of a credential, masked in logs.", "{{ credential('warehouse') }} → t0ken"),
    ),
}
