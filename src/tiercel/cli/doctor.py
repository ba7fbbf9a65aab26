"""`tiercel doctor`: says what this machine has of what Tiercel needs, and what to do about the rest."""

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from tiercel.adapters.disk import free_share, state_folder
from tiercel.app import LEAST_FREE_DISK, dsn_of, without_password
from tiercel.cli.client import DEFAULT, Server, ServerSays, User, connected
from tiercel.cli.server import Config, read_settings
from tiercel.services.catalog import PluginCatalog
from tiercel.settings import Settings


class Finding(NamedTuple):
    is_good: bool
    text: str


def doctor(*, config: Config = (), server: Server = DEFAULT, user: User = None) -> int:
    """Look at Python, disk, database, port, plugins and the server; exit code 1 when something is missing."""
    try:
        settings = read_settings(config)
    except (ValueError, OSError, yaml.YAMLError) as error:
        print(f"✘ the configuration cannot be used: {error}")
        return 1
    findings = [*_machine(settings), asyncio.run(_database(settings)), *_plugins(), _server(server, user, settings)]
    for finding in findings:
        print(f"{'✓' if finding.is_good else '✘'} {finding.text}")
    return 0 if all(finding.is_good for finding in findings) else 1


def _machine(settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(sys.version_info >= (3, 11), f"Python {version}")
    home = Path(settings.home) if settings.home else state_folder(os.environ)
    folder = next(parent for parent in (home, *home.parents) if parent.exists())
    free = free_share(folder)
    hint = "" if free >= LEAST_FREE_DISK else f": below {LEAST_FREE_DISK:.0%} no task is started; make room"
    yield Finding(free >= LEAST_FREE_DISK, f"disk of {home}: {free:.0%} free{hint}")
    yield Finding(os.access(folder, os.W_OK), f"state folder {home} can be written")
    git = shutil.which("git")
    yield Finding(True, f"git at {git}" if git else "git is not on the PATH (only tasks that use it need it)")


async def _database(settings: Settings) -> Finding:
    dsn = dsn_of(settings.database)
    if dsn is None:
        return Finding(True, "database: the embedded PostgreSQL (no datasource is configured)")
    import asyncpg

    shown = without_password(settings.database.url)
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        return Finding(False, f"database {shown}: {error or 'no answer in 5 s'}")
    version = connection.get_server_version()
    await connection.close()
    return Finding(version.major >= 14, f"database {shown}: PostgreSQL {version.major}.{version.minor}")


def _plugins() -> Iterator[Finding]:
    catalog = PluginCatalog.installed()
    yield Finding(True, f"{len(catalog.names())} types of tasks and triggers are installed")


def _server(server: str, user: str | None, settings: Settings) -> Finding:
    try:
        with connected(server, user) as client:
            found = client.get("/flows/search", size=1)
    except ServerSays as error:
        port = settings.http.port
        hint = f"port {port} is taken by something else" if _is_taken(port) else f"port {port} is free"
        return Finding(not _is_taken(port), f"{str(error).splitlines()[0]} ({hint})")
    return Finding(True, f"server at {server} answers; {found['total']} flow{'' if found['total'] == 1 else 's'}")


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
