"""What settings mean: addresses, storage, zone, the constants that expressions see. No connection is made here."""

import os
import platform
import re
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from tiercel.adapters.storage.files import ObjectStorage
from tiercel.definition import Defaults, ServerDefault
from tiercel.engine import World
from tiercel.expression import Dialect
from tiercel.model.bounds import Room, Rooms
from tiercel.model.sealed import Cipher
from tiercel.model.spilled import OutputLimits
from tiercel.services.catalog import PluginCatalog
from tiercel.services.cipher import AesCipher, UnusableKey
from tiercel.settings import Database, Settings, UnsupportedSetting, postgres_dsn


def dsn_of(database: Database) -> str | None:
    """The address of the configured PostgreSQL with name and password in it; None for the embedded one."""
    address = postgres_dsn(database)
    if address is None or database.username is None:
        return address
    parts = urlsplit(address)
    password = f":{quote(database.password, safe='')}" if database.password else ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(database.username, safe='')}{password}@{host}"))


def without_password(address: str | None) -> str | None:
    """An address of a database as it may be shown."""
    return None if address is None else re.sub(r"(?<=//)([^/@:]*):[^/@]*@", r"\1@", address)


def storage_of(settings: Settings, home: Path) -> ObjectStorage:
    """Internal storage where the settings put it; a folder of ours where they say nothing."""
    kind, options = settings.storage.type, settings.storage.options
    if kind == "local":
        return ObjectStorage.in_folder(Path(str(options.get("base-path") or home / "storage")))
    schemes = {"s3": "s3", "minio": "s3", "gcs": "gs", "azure": "az"}
    if kind not in schemes:
        raise UnsupportedSetting(f"kestra.storage.type is {kind!r}; there are local, {', '.join(schemes)}")
    bucket = options.get("bucket") or options.get("container")
    others = {name.replace("-", "_"): value for name, value in options.items() if name not in ("bucket", "container")}
    return ObjectStorage.at(f"{schemes[kind]}://{bucket}", **others)


def zone_of(settings: Settings) -> ZoneInfo:
    """The server's zone: what the settings say, else the machine's."""
    name = settings.timezone or os.environ.get("TZ") or os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, KeyError) as error:
        if settings.timezone:
            raise UnsupportedSetting(f"tiercel.timezone is {settings.timezone!r}, which is no time zone") from error
        return ZoneInfo("UTC")


def is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def world_of(settings: Settings, zone: ZoneInfo, environment: Mapping[str, str]) -> World:
    prefix = settings.variables.env_vars_prefix
    envs = {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)}
    return World(
        zone=zone,
        dialect=Dialect.of(settings.expressions.version, is_recursive=settings.variables.recursive_rendering),
        envs=envs,
        globals=settings.variables.globals,
        environment=settings.environment,
        url=settings.url,
        cipher=cipher_of(settings),
        stopwatch=time.thread_time,
        limits=limits_of(settings),
    )


def limits_of(settings: Settings) -> OutputLimits:
    """How large outputs may be. Only who asks for the original's protection has tasks fail for it."""
    protection, inline = settings.message_protection, settings.outputs.inline_limit
    return OutputLimits(inline=inline, most=protection.limit if protection.enabled else None)


def cipher_of(settings: Settings) -> Cipher | None:
    """The server's key, if the settings give one."""
    try:
        return AesCipher.of(settings.encryption_key) if settings.encryption_key else None
    except UnusableKey as error:
        raise UnsupportedSetting(f"kestra.encryption.secret-key: {error}") from error


def defaults_of(settings: Settings, catalog: PluginCatalog) -> Defaults:
    """The properties that the server gives to types."""
    entries = [ServerDefault.model_validate(each.model_dump()) for each in settings.plugins.defaults]
    return Defaults(entries, catalog.resolve)


def rooms_of(settings: Settings) -> Rooms:
    """How many executions namespaces and tenants may run."""
    namespaces, tenants = (
        {name: Room(each.limit, each.behavior) for name, each in group.items()}
        for group in (settings.concurrency.namespaces, settings.concurrency.tenants)
    )
    return Rooms(namespaces, tenants)


def process_name() -> str:
    """What a worker of this process is called in histories."""
    return f"{platform.node()}-{os.getpid()}"
