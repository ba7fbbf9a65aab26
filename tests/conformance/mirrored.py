"""A journal on PostgreSQL whose rows are also kept in memory, to be looked at while a case runs and compared afterwards."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from os import getpid
from typing import Any

import asyncpg
from tests.adapters.postgres.samples import new_journal

from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.adapters.postgres.journal import PostgresJournal
from tiercel.ports.journal import Batch, Loaded, TaskRunRow

_NUMBERS = count(1)


class Mirrored:
    """Writes to both, reads from PostgreSQL."""

    def __init__(self, postgres: PostgresJournal, tables: Tables) -> None:
        self._postgres = postgres
        self._memory = MemoryJournal(tables)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._postgres, name)

    async def register(self) -> int:
        await self._memory.register()
        return await self._postgres.register()

    async def commit(self, batch: Batch) -> None:
        await self._postgres.commit(batch)
        await self._memory.commit(batch)

    async def differences(self) -> list[str]:
        """Rows that PostgreSQL has otherwise than memory."""
        return [problem async for problem in self._differing()]

    async def _differing(self) -> AsyncIterator[str]:
        tables = self._memory.tables
        for identifier, row in tables.executions.items():
            runs = tables.task_runs[identifier]
            ended = await self._postgres.ended_runs(identifier)
            for loaded in await self._postgres.load([identifier]):
                for problem in _unlike(loaded, ended, row, runs):
                    yield f"PostgreSQL and memory disagree about {identifier}: {problem}"


def _unlike(loaded: Loaded, ended: list[TaskRunRow], row: Any, runs: dict[int, TaskRunRow]) -> Iterator[str]:
    if loaded.execution != row:
        names = [name for name in row._fields if getattr(loaded.execution, name) != getattr(row, name)]
        yield f"the execution's {', '.join(names)}"
    stored = {run.ord: run for run in (*loaded.runs, *ended)}
    if stored.keys() != runs.keys():
        yield f"task runs {sorted(stored)} and {sorted(runs)}"
    yield from (f"task run {ord}" for ord in stored.keys() & runs.keys() if stored[ord] != runs[ord])


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
            journals.append(Mirrored(postgres, tables))
            return journals[-1]

        try:
            yield journal_on
        finally:
            await postgres.close()
