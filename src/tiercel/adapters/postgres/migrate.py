"""Brings the schema up to date: numbered SQL files, each run once, in order, by one process at a time.

A file `NNNN_name.before.sql` may run while the previous release still works on the same database; `….after.sql` may not,
and takes away what only that release needs.
"""

import re
from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from tiercel.adapters.postgres.connection import Connection
from tiercel.adapters.postgres.errors import DatabaseError

_FOLDER = files("tiercel.adapters.postgres") / "migrations"
_NAME = re.compile(r"(?P<number>\d{4})_\w+\.(?P<stage>before|after)\.sql")
_LOCK = 0x7113C31
STAGES = ("before", "after")
OLDEST = 140000


class Migration(NamedTuple):
    """One file."""

    number: int
    stage: str
    name: str
    text: str


class TooOld(DatabaseError):
    def __init__(self, version: str) -> None:
        super().__init__(f"the database is PostgreSQL {version}; version 14 is the oldest that will do")
        self.version = version


class FromTheFuture(DatabaseError):
    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            f"the database was made by a newer release (it has {', '.join(sorted(names))}): start that release, "
            "or restore the backup made before the upgrade"
        )


async def migrate(connection: Connection, *, stages: Iterable[str] = STAGES) -> list[str]:
    """Run what has not run yet and answer with the names. Another process that migrates is waited for."""
    await _require_version(connection)
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        applied = await _applied(connection)
        return [await _run(connection, each) for each in known() if each.stage in stages and each.name not in applied]
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def pending(connection: Connection) -> list[str]:
    """Names of the files that have not run."""
    applied = await _applied(connection)
    return [each.name for each in known() if each.name not in applied]


def known() -> list[Migration]:
    """The files of this release, *before* in front of *after*."""
    found = (_read(file) for file in _FOLDER.iterdir())
    return sorted((each for each in found if each), key=lambda each: (each.number, STAGES.index(each.stage)))


def _read(file: Traversable) -> Migration | None:
    parts = _NAME.fullmatch(file.name)
    if parts is None:
        return None
    return Migration(int(parts["number"]), parts["stage"], file.name, file.read_text(encoding="utf-8"))


async def _applied(connection: Connection) -> set[str]:
    await connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())"
    )
    applied = {row["name"] for row in await connection.fetch("SELECT name FROM migrations")}
    unknown = {name for name in applied if name.endswith(".after.sql")} - {each.name for each in known()}
    if unknown:
        raise FromTheFuture(unknown)
    return applied


async def _run(connection: Connection, migration: Migration) -> str:
    async with connection.transaction():
        await connection.execute(migration.text)
        await connection.execute("INSERT INTO migrations (name) VALUES ($1)", migration.name)
    return migration.name


async def _require_version(connection: Connection) -> None:
    number = int(await connection.fetchval("SHOW server_version_num"))
    if number < OLDEST:
        raise TooOld(await connection.fetchval("SHOW server_version"))
