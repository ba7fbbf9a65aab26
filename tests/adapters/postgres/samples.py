"""Rows to store, with everything given that a test does not care for, and what tests of the journal need again and again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.postgres.journal import PostgresJournal
from tiercel.adapters.postgres.lease import PostgresLeases
from tiercel.model.ids import execution_id, shard_of
from tiercel.model.states import State
from tiercel.ports.journal import Batch, EventRow, ExecutionRow, JobRow, TaskRunRow
from tiercel.ports.leases import Role
from tiercel.services.shards import Pace, Shards

NOW = datetime.now(UTC)
"""The month must be one that has partitions."""
QUICK = Pace(probe=timedelta(milliseconds=10), beat=timedelta(milliseconds=50), patience=timedelta(seconds=15))


def an_id(number: int, *, at: datetime = NOW) -> str:
    return execution_id(int(at.timestamp() * 1000), shard=number % 1024, random=number)


def an_execution(number: int = 1, *, at: datetime = NOW, **given: Any) -> ExecutionRow:
    identifier = given.pop("id", None) or an_id(number, at=at)
    row = ExecutionRow(
        id=identifier, tenant=1, namespace=1, flow=1, revision=1, shard=shard_of(identifier), state=State.RUNNING.number,
        kind=0, origin=0, live=True, marked=False, started=at, ended=None, parent_id=None, original_id=identifier,
        cause_id=None, correlation_id=None, trigger_key=None, labels=[], given=b"{}", progress=b"{}", variables=None,
        outputs=None,
    )  # fmt: skip
    return row._replace(**given)


def a_run(execution: ExecutionRow | str, ord: int = 0, **given: Any) -> TaskRunRow:
    identifier = execution if isinstance(execution, str) else execution.id
    row = TaskRunRow(
        execution_id=identifier, ord=ord, id=f"run-{identifier[-4:]}-{ord}", task_id=f"t{ord}", parent=-1, value=None,
        iteration=None, state=State.RUNNING.number, started=NOW, ended=None, record=b"{}", counters=None, outputs=None,
    )  # fmt: skip
    return row._replace(**given)


def an_event(execution: ExecutionRow, seq: int = 0) -> EventRow:
    return EventRow(execution.id, seq, NOW, b"{}")


def a_job(execution: ExecutionRow, ord: int = 0, **given: Any) -> JobRow:
    row = JobRow(
        execution_id=execution.id,
        ord=ord,
        attempt=1,
        shard=execution.shard,
        queue=0,
        priority=0,
        worker=None,
        body=b"{}",
    )
    return row._replace(**given)


def ended(execution: ExecutionRow, **given: Any) -> ExecutionRow:
    return execution._replace(state=State.SUCCESS.number, live=False, ended=NOW, **given)


@asynccontextmanager
async def a_journal(dsn: str, *, pace: Pace = QUICK) -> AsyncIterator[PostgresJournal]:
    """A journal that owns the shards."""
    journal = new_journal(dsn, pace=pace)
    await journal.register()
    try:
        yield journal
    finally:
        await journal.close()


def new_journal(dsn: str, *, pace: Pace = QUICK) -> PostgresJournal:
    shards = Shards(PostgresLeases(dsn, version="test"), Role.EXECUTOR, clock=SystemClock(), pace=pace)
    return PostgresJournal(dsn, shards)


@asynccontextmanager
async def a_look(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to look at rows with."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def value(dsn: str, question: str, *arguments: object) -> Any:
    async with a_look(dsn) as connection:
        return await connection.fetchval(question, *arguments)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Return when another process, which cannot tell us, has come so far."""
    while not await holds():  # noqa: ASYNC110
        await asyncio.sleep(0)


async def stored(journal: PostgresJournal, execution: ExecutionRow, *runs: TaskRunRow) -> ExecutionRow:
    await journal.commit(Batch(created=[execution], runs_created=list(runs), events=[an_event(execution)]))
    return execution
