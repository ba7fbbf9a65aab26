"""PostgreSQL passes the suites of the ports."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

import msgspec
import pytest
from tests.adapters.postgres.samples import a_journal, a_look, new_journal
from tests.adapters.postgres.test_jobs import a_worker
from tests.ports.jobs_suite import JobsSuite
from tests.ports.journal_suite import JournalSuite
from tests.ports.logs_suite import LogsSuite

from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.jobs import PostgresJobs
from tiercel.adapters.postgres.journal import PostgresJournal
from tiercel.adapters.postgres.logs import PostgresLogStore
from tiercel.engine.commands import Job
from tiercel.engine.events import AnyEvent
from tiercel.model.ids import shard_of
from tiercel.ports.jobs import JobKey
from tiercel.ports.journal import Batch, JobRow
from tiercel.ports.mailbox import Envelope
from tiercel.services.shards import Pace

AT_ONCE = Pace(probe=timedelta(milliseconds=1), patience=timedelta(0))


class TestPostgresJournal(JournalSuite):
    @pytest.fixture
    async def journal(self, dsn: str) -> AsyncIterator[PostgresJournal]:
        async with a_journal(dsn, pace=AT_ONCE) as journal:
            yield journal

    @pytest.fixture
    async def rival(self, dsn: str, journal: PostgresJournal) -> AsyncIterator[PostgresJournal]:
        rival = new_journal(dsn, pace=AT_ONCE)
        yield rival
        await rival.close()


class TestPostgresLogStore(LogsSuite):
    @pytest.fixture
    async def logs(self, dsn: str) -> AsyncIterator[PostgresLogStore]:
        async with pool(dsn, size=3) as connections:
            store = PostgresLogStore(dsn, connections)
            yield store
            await store.close()


class Queue:
    """An executor's side of the queue."""

    def __init__(self, dsn: str, journal: PostgresJournal, jobs: PostgresJobs) -> None:
        self.jobs = jobs
        self._dsn, self._journal = dsn, journal

    async def push(self, jobs: Sequence[Job]) -> None:
        await self._journal.commit(Batch(jobs=[_row(job) for job in jobs]))

    async def kill(self, key: JobKey) -> None:
        await self._journal.commit(Batch(jobs_killed=[key]))

    async def told(self) -> list[AnyEvent]:
        async with a_look(self._dsn) as look:
            rows = await look.fetch("SELECT body FROM messages ORDER BY id")
        return [msgspec.json.decode(row["body"], type=Envelope).event for row in rows]


def _row(job: Job) -> JobRow:
    shard = shard_of(job.execution_id)
    return JobRow(job.execution_id, job.ord, job.attempt, shard, 0, 0, None, msgspec.json.encode(job))


class TestPostgresJobs(JobsSuite):
    @pytest.fixture
    async def queue(self, dsn: str) -> AsyncIterator[Queue]:
        async with AsyncExitStack() as stack:
            journal = await stack.enter_async_context(a_journal(dsn))
            yield Queue(dsn, journal, await stack.enter_async_context(a_worker(dsn)))
