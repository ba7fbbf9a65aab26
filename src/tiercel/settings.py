"""Settings: values only. app reads files and the environment and hands their text to `Settings.read`.

Keys are Kestra's (`kestra.server.basic-auth.username`, `datasources.postgres.url` …), written relaxed: `tmpDir`,
`tmp-dir` and KESTRA_TASKS_TMP_DIR_PATH are the same key. The environment beats files, later files beat earlier ones.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Tree = dict[str, Any]

IGNORED = (
    "kestra.anonymous-usage-report",
    "kestra.templates",
    "kestra.indexer",
    "kestra.kafka",
    "kestra.elasticsearch",
)
"""Keys of the original that mean nothing here and are accepted without a word."""


def _span(value: object) -> object:
    """`5s`, `1h`, `250ms`, `PT5M` or a number of seconds."""
    if not isinstance(value, str):
        return value
    short = re.fullmatch(r"(\d+)\s*(ms|s|m|h|d)", value.strip())
    if short is None:
        return value
    unit = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[short[2]]
    return timedelta(**{unit: int(short[1])})


Span = Annotated[timedelta, BeforeValidator(_span)]


class _Group(BaseModel):
    """Unknown keys are for other versions: they are kept out of the values, not refused."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=lambda name: name.replace("_", "-"), populate_by_name=True
    )


class BasicAuth(_Group):
    enabled: bool = True
    username: str | None = None
    password: str | None = None
    realm: str = "Kestra"
    open_urls: tuple[str, ...] = ("/ping",)


class Liveness(_Group):
    enabled: bool = True
    interval: Span = timedelta(seconds=5)
    timeout: Span = timedelta(seconds=15)
    heartbeat_interval: Span = timedelta(seconds=3)


class Preview(_Group):
    initial_rows: int = 100
    max_rows: int = 5000


class Server(_Group):
    basic_auth: BasicAuth = BasicAuth()
    liveness: Liveness = Liveness()
    preview: Preview = Preview()
    termination_grace_period: Span = timedelta(seconds=10)
    """How long tasks may go on when the server stops; what is cut off runs again elsewhere. (The original: 5 minutes.)"""
    worker_task_restart_strategy: str = "IMMEDIATELY"


class Http(_Group):
    host: str = "127.0.0.1"
    port: int = 8080
    context_path: str = ""
    max_request_size: str = "10GB"


class Database(_Group):
    """An address of PostgreSQL, or none: then the embedded one is started."""

    url: str | None = None
    username: str | None = None
    password: str | None = None
    maximum_pool_size: int = 10
    db_schema: Annotated[str | None, Field(alias="schema")] = None


class Storage(_Group):
    type: str = "local"
    options: Tree = {}
    """What stands below `kestra.storage.<type>`."""


class Variables(_Group):
    env_vars_prefix: str = "ENV_"
    globals: Tree = {}
    recursive_rendering: bool = False


class Expressions(_Group):
    version: Annotated[Literal["0.21", "1.0", "2.0"], BeforeValidator(str)] = "2.0"
    """The version of the original whose rules hold where versions contradict each other."""


class PluginDefault(_Group):
    type: str
    values: Tree = {}
    forced: bool = False
    namespace: str | None = None
    """Only for the flows of this namespace and of those below it."""


class Plugins(_Group):
    defaults: tuple[PluginDefault, ...] = ()
    configurations: tuple[Tree, ...] = ()


class MessageProtection(_Group):
    """What the original does with outputs that are too large for its queue."""

    enabled: bool = False
    """Whether a task fails whose outputs have more bytes than the limit. (The original: yes.)"""
    limit: int = 1024 * 1024


class Outputs(_Group):
    inline_limit: int = 1024 * 1024
    """Bytes of JSON from which on outputs lie in internal storage and not in rows."""


class Retention(_Group):
    """How long lines and executions are kept; None: for ever, as in the original."""

    logs: Span | None = None
    executions: Span | None = None


def _flow_name(name: str) -> str:
    if name.count("|") not in (1, 2):
        raise ValueError(f"`{name}` names no flow: write tenant|namespace|flow or namespace|flow")
    return name


def _listed(value: object) -> object:
    """`a, b` or a list."""
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


class Ignore(_Group):
    """Executions that the executor leaves alone, so that they cannot keep it from the others."""

    executions: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    flows: Annotated[tuple[Annotated[str, AfterValidator(_flow_name)], ...], BeforeValidator(_listed)] = ()
    """As `tenant|namespace|flow`, or without the tenant."""
    namespaces: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    """As `tenant|namespace`, or without the tenant."""
    tenants: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()


class Concurrency(_Group):
    limit: Annotated[int, Field(ge=1)]
    behavior: Literal["QUEUE", "CANCEL", "FAIL"] = "QUEUE"
    """What becomes of one more: it waits, is cancelled, or fails."""


class Concurrencies(_Group):
    """How many executions may run at once, whatever their flows say."""

    namespaces: dict[str, Concurrency] = {}
    """In a namespace and all below it, by its name."""
    tenants: dict[str, Concurrency] = {}


class Settings(_Group):
    """Everything an installation may choose."""

    home: str | None = None
    """The folder of all state on this machine; None: the user's state folder."""
    http: Http = Http()
    server: Server = Server()
    database: Database = Database()
    storage: Storage = Storage()
    variables: Variables = Variables()
    expressions: Expressions = Expressions()
    plugins: Plugins = Plugins()
    retention: Retention = Retention()
    ignore: Ignore = Ignore()
    message_protection: MessageProtection = MessageProtection()
    outputs: Outputs = Outputs()
    concurrency: Concurrencies = Concurrencies()
    encryption_key: str | None = None
    url: str | None = None
    environment: str | None = None
    timezone: str | None = None
    """The server's zone; None: the machine's."""
    scripts: Tree = {}
    """`scripts.*`: default-runner, environment, strict-images, kill-grace …"""
    tmp_dir: str | None = None
    database_wait: Span = timedelta(seconds=60)
    """How long a start waits for a database that comes later."""
    history: str = "full"
    worker_threads: int = 64
    notes: tuple[str, ...] = ()
    """What the start says about keys that were understood differently than in the original."""

    @property
    def of_plugins(self) -> dict[str, Any]:
        """What plugins are told, by dotted name."""
        return {f"scripts.{name}": value for name, value in self.scripts.items()}

    def work_folder(self, home: Path) -> Path:
        """Where tasks run, and keep what all of them share."""
        return Path(self.tmp_dir) if self.tmp_dir else home / "work"

    @classmethod
    def read(cls, trees: Iterable[Mapping[str, Any]], environment: Mapping[str, str]) -> "Settings":
        """The settings from parsed files, in order, and from environment variables. Raises pydantic.ValidationError."""
        tree: Tree = {}
        for given in trees:
            _merge(tree, _relaxed(given))
        _merge(tree, _from_environment(environment))
        return cls.model_validate(_arranged(cast(Tree, _filled(tree, environment))))


def _relaxed(value: Mapping[str, Any]) -> Tree:
    """Keys in kebab-case, dotted keys taken apart; free-form maps below known keys stay as written."""
    tree: Tree = {}
    for key, inner in value.items():
        _merge(tree, _nested(str(key).split("."), inner))
    return tree


_FREE = {"globals", "namespaces", "tenants", "values"}


def _nested(parts: list[str], value: Any) -> Tree:
    head, rest = _kebab(parts[0]), parts[1:]
    if rest:
        return {head: _nested(rest, value)}
    is_plain = head in _FREE or not isinstance(value, Mapping)
    return {head: value if is_plain else _relaxed(cast(Mapping[str, Any], value))}


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).replace("_", "-").lower()


def _merge(tree: Tree, other: Mapping[str, Any]) -> None:
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            _merge(tree[key], cast(Tree, value))
        else:
            tree[key] = value


KNOWN_PATHS: tuple[str, ...] = (
    "datasources.postgres.url",
    "datasources.postgres.username",
    "datasources.postgres.password",
    "datasources.postgres.schema",
    "datasources.postgres.maximum-pool-size",
    "kestra.repository.type",
    "kestra.queue.type",
    "kestra.queue.message-protection.enabled",
    "kestra.queue.message-protection.limit",
    "kestra.storage.type",
    "kestra.storage.local.base-path",
    "kestra.server.basic-auth.enabled",
    "kestra.server.basic-auth.username",
    "kestra.server.basic-auth.password",
    "kestra.server.termination-grace-period",
    "kestra.server.worker-task-restart-strategy",
    "kestra.server.liveness.timeout",
    "kestra.server.liveness.heartbeat-interval",
    "kestra.ignore.executions",
    "kestra.ignore.flows",
    "kestra.ignore.namespaces",
    "kestra.ignore.tenants",
    "kestra.url",
    "kestra.environment.name",
    "kestra.encryption.secret-key",
    "kestra.tasks.tmp-dir.path",
    "kestra.variables.env-vars-prefix",
    "kestra.variables.recursive-rendering",
    "micronaut.server.host",
    "micronaut.server.port",
    "micronaut.server.context-path",
    "tiercel.home",
    "tiercel.timezone",
    "tiercel.expressions.version",
    "tiercel.history",
    "tiercel.database-wait",
    "tiercel.worker-threads",
    "tiercel.scripts.default-runner",
    "tiercel.scripts.environment",
    "tiercel.scripts.strict-images",
    "tiercel.scripts.kill-grace",
    "tiercel.scripts.data-environment",
    "tiercel.retention.logs",
    "tiercel.retention.executions",
    "tiercel.outputs.inline-limit",
)
"""Keys that an environment variable may name: `.` and `-` become `_`, upper case."""


def _from_environment(environment: Mapping[str, str]) -> Tree:
    tree: Tree = {}
    for path in KNOWN_PATHS:
        value = environment.get(path.replace(".", "_").replace("-", "_").upper())
        if value is not None:
            _merge(tree, _nested(path.split("."), value))
    return tree


_PLACEHOLDER = re.compile(r"\$\{([^}:]+)(?::([^}]*))?\}")


def _filled(value: Any, environment: Mapping[str, str]) -> Any:
    """`${NAME:default}` replaced from the environment; an unknown name without default stays as written."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(
            lambda found: environment.get(found[1], found[2] if found[2] is not None else found[0]), value
        )
    if isinstance(value, dict):
        return {key: _filled(inner, environment) for key, inner in cast(Tree, value).items()}
    if isinstance(value, list):
        return [_filled(inner, environment) for inner in cast(list[Any], value)]
    return value


def _arranged(tree: Tree) -> Tree:
    """The tree of the original's keys as the tree of our groups."""
    kestra, own = _at(tree, "kestra"), _at(tree, "tiercel")
    storage = _at(kestra, "storage")
    kind = str(storage.get("type") or "local")
    arranged = {
        "http": _at(tree, "micronaut", "server"),
        "server": _at(kestra, "server"),
        "database": _at(tree, "datasources", "postgres"),
        "storage": {"type": kind, "options": _at(storage, kind)},
        "variables": _at(kestra, "variables"),
        "message-protection": _protection(kestra),
        "plugins": _plugins(kestra),
        "ignore": _at(kestra, "ignore"),
        "encryption-key": _at(kestra, "encryption").get("secret-key"),
        "url": kestra.get("url"),
        "environment": _at(kestra, "environment").get("name"),
        "tmp-dir": _at(kestra, "tasks", "tmp-dir").get("path"),
        "notes": tuple(_notes(tree, kestra)),
        **own,
    }
    return {key: value for key, value in arranged.items() if value is not None}


def _protection(kestra: Tree) -> Tree:
    """Written for the queue, or for the queues of one database."""
    return _at(kestra, "queue", "message-protection") or _at(kestra, "jdbc", "queues", "message-protection")


def _plugins(kestra: Tree) -> Tree:
    """`kestra.tasks.defaults` is what `kestra.plugins.defaults` was called once."""
    plugins, old = _at(kestra, "plugins"), _at(kestra, "tasks").get("defaults", [])
    return {**plugins, "defaults": [*plugins.get("defaults", []), *old]} if old else plugins


def _at(tree: Tree, *path: str) -> Tree:
    for key in path:
        inner = tree.get(key)
        tree = cast(Tree, inner) if isinstance(inner, dict) else {}
    return tree


class UnsupportedSetting(ValueError):
    """A setting asks for something that exists in the original and not here."""


def _notes(tree: Tree, kestra: Tree) -> Iterator[str]:
    for part in ("repository", "queue"):
        kind = _at(kestra, part).get("type", "postgres")
        if kind in ("memory", "h2"):
            yield f"kestra.{part}.type is {kind}: the embedded PostgreSQL is used"
        elif kind != "postgres":
            raise UnsupportedSetting(
                f"kestra.{part}.type is {kind!r}; Tiercel keeps everything in PostgreSQL: write postgres"
            )
    for name in _at(tree, "datasources"):
        if name == "h2":
            yield "datasources.h2 is not used: the embedded PostgreSQL is"
        elif name != "postgres":
            raise UnsupportedSetting(f"datasources.{name} is not supported; name a datasource postgres")


def postgres_dsn(database: Database) -> str | None:
    """The libpq URL of a datasource written as `jdbc:postgresql://…` or as a URL; None for the embedded server."""
    if database.url is None:
        return None
    url = database.url.removeprefix("jdbc:")
    if not url.startswith(("postgresql://", "postgres://")):
        raise UnsupportedSetting(
            f"datasources.postgres.url is {database.url!r}; write jdbc:postgresql://host:5432/name"
        )
    return url
