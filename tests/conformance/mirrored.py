"""A journal on PostgreSQL whose rows are also kept in memory, to be looked at while a case runs and compared afterwards;
then the audit looks at what is left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from os import getpid
from typing import Any

import asyncpg
from tests.adapters.postgres.samples import a_look, new_journal
from tests.adapters.postgres.tables import differences

from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.adapters.postgres.audit import audit
from tiercel.adapters.postgres.journal import PostgresJournal
from tiercel.ports.journal import Batch

_NUMBERS = count(1)


class Mirrored:
    """Writes to both, reads from PostgreSQL."""

    def __init__(self, postgres: PostgresJournal, tables: Tables, dsn: str) -> None:
        self._postgres = postgres
        self._memory = MemoryJournal(tables)
        self._dsn = dsn

    def __getattr__(self, name: str) -> Any:
        return getattr(self._postgres, name)

    async def register(self) -> int:
        await self._memory.register()
        return await self._postgres.register()

    async def commit(self, batch: Batch) -> None:
        await self._postgres.commit(batch)
        await self._memory.commit(batch)

    async def problems(self) -> list[str]:
        """Rows that PostgreSQL has otherwise than memory, and those that break an invariant of a system at rest."""
        async with a_look(self._dsn) as connection:
            broken = await audit(connection)
            unlike = await differences(connection, self._memory.tables)
        return [f"PostgreSQL and memory disagree: {one}" for one in unlike] + [
            f"invariant {name} is broken by {', '.join(ids)}" for name, ids in broken.items()
        ]


@asynccontextmanager
async def database(dsn: str) -> AsyncIterator[str]:
    """A database with the schema in it, gone afterwards."""
    name = f"case_{getpid()}_{next(_NUMBERS)}"
    await _do(dsn, f"CREATE DATABASE {name} TEMPLATE tiercel STRATEGY FILE_COPY")
    try:
        yield dsn.replace("/tiercel?", f"/{name}?")
    finally:
        await _do(dsn, f"DROP DATABASE {name} (FORCE)")


async def _do(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn.replace("/tiercel?", "/postgres?"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def mirrored(dsn: str | None, journals: list[Mirrored]) -> AsyncIterator[Any]:
    """Makes the journal of an installation: in memory without an address, and kept in `journals` with one."""
    if dsn is None:
        yield MemoryJournal
        return
    async with database(dsn) as own:
        postgres = new_journal(own)

        def journal_on(tables: Tables) -> Mirrored:
            journals.append(Mirrored(postgres, tables, own))
            return journals[-1]

        try:
            yield journal_on
        finally:
            await postgres.close()
