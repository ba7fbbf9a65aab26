"""Jobs: claimed by one worker only, told as started in the same statement, stopped, given back, given up for lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
from tests.adapters.postgres.samples import NOW, a_job, a_journal, a_look, an_execution, value

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.jobs import PostgresJobs
from tiercel.adapters.postgres.journal import PostgresJournal
from tiercel.adapters.postgres.lease import PostgresLeases
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.roster import PostgresRoster
from tiercel.engine.commands import Job
from tiercel.engine.events import AnyEvent, Done, Started, WorkerLost
from tiercel.model.states import State
from tiercel.ports.jobs import Claimed, JobKey
from tiercel.ports.journal import Batch, ExecutionRow, JobRow
from tiercel.ports.leases import Role
from tiercel.ports.mailbox import Envelope
from tiercel.services.liveness import Liveness


class Ones:
    def roll(self) -> int:
        return 2**127 + 1


@asynccontextmanager
async def a_worker(dsn: str, name: str = "worker-1") -> AsyncIterator[PostgresJobs]:
    async with pool(dsn, size=4) as connections, Listener(dsn) as listener:
        leases = PostgresLeases(dsn, version="test")
        async with PostgresJobs(connections, listener, leases, clock=SystemClock(), dice=Ones(), name=name) as jobs:
            yield jobs


def job_row(execution: ExecutionRow, ord: int = 0, **given: Any) -> JobRow:
    job = Job(
        execution_id=execution.id, tenant="main", namespace="company", flow_id="hello", flow_revision=1, ord=ord,
        attempt=1, task_run_id=f"run{ord}", task_id=f"t{ord}", type="io.kestra.plugin.core.log.Log",
        properties={"message": "hi"}, at=NOW, seed=1, zone="UTC",
    )  # fmt: skip
    return a_job(execution, ord, body=msgspec.json.encode(job), **given)


async def queued(journal: PostgresJournal, number: int = 1) -> list[JobRow]:
    execution = an_execution()
    jobs = [job_row(execution, ord) for ord in range(number)]
    await journal.commit(Batch(created=[execution], jobs=jobs))
    return jobs


async def events(dsn: str) -> list[AnyEvent]:
    async with a_look(dsn) as look:
        rows = await look.fetch("SELECT body FROM messages ORDER BY id")
    return [msgspec.json.decode(row["body"], type=Envelope).event for row in rows]


async def claimed(jobs: PostgresJobs, limit: int = 10) -> list[Claimed]:
    return await asyncio.wait_for(jobs.claim(limit), 5)


async def test_a_claimed_job_is_whole_and_its_execution_is_told(dsn: str) -> None:
    async with a_journal(dsn) as journal, a_worker(dsn) as worker:
        [row] = await queued(journal)
        [each] = await claimed(worker)
        assert msgspec.json.encode(each.job) == row.body
        [started] = await events(dsn)
        assert isinstance(started, Started)
        assert (started.ord, started.attempt, started.worker, started.seed) == (0, 1, "worker-1", 2**127 + 1)


async def test_no_job_goes_to_two_workers(dsn: str) -> None:
    async with a_journal(dsn) as journal, a_worker(dsn, "one") as one, a_worker(dsn, "other") as other:
        await queued(journal, 40)
        taken = await asyncio.gather(*(claimed(worker, 10) for worker in (one, other, one, other)))
        assert sorted(each.job.ord for some in taken for each in some) == list(range(40))
        assert len(await events(dsn)) == 40


async def test_more_urgent_jobs_are_taken_first(dsn: str) -> None:
    execution = an_execution()
    async with a_journal(dsn) as journal, a_worker(dsn) as worker:
        jobs = [job_row(execution, ord, priority=priority) for ord, priority in enumerate((1, 0, 1))]
        await journal.commit(Batch(created=[execution], jobs=jobs))
        assert [each.job.ord for each in await claimed(worker, 2)] in ([0, 1], [1, 0])
        assert [each.job.ord for each in await claimed(worker, 2)] == [2]


async def test_a_waiting_worker_is_woken_by_the_commit(dsn: str) -> None:
    async with a_journal(dsn) as journal, a_worker(dsn) as worker:
        claiming = asyncio.create_task(claimed(worker))
        await queued(journal)
        assert len(await claiming) == 1


async def test_a_result_is_stored_as_a_letter_when_done_returns(dsn: str) -> None:
    async with a_journal(dsn) as journal, a_worker(dsn) as worker:
        await queued(journal)
        [each] = await claimed(worker)
        result = Done(at=NOW, seed=3, ord=0, attempt=1, state=State.SUCCESS, outputs={"a": 1})
        await worker.done(each, result)
        assert (await events(dsn))[1:] == [result]


async def test_a_result_waits_until_the_database_is_back(dsn: str) -> None:
    async with a_journal(dsn) as journal, a_worker(dsn) as worker:
        await queued(journal)
        [each] = await claimed(worker)
        await value(dsn, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                         "WHERE application_name LIKE 'tiercel reader' AND datname = current_database()")  # fmt: skip
        await worker.done(each, Done(at=NOW, seed=3, ord=0, attempt=1, state=State.SUCCESS))
        assert len(await events(dsn)) == 2


async def test_a_job_that_is_given_back_is_told_as_lost(dsn: str) -> None:
    async with a_journal(dsn) as journal, a_worker(dsn) as worker:
        await queued(journal)
        [each] = await claimed(worker)
        await worker.release(each)
        lost = (await events(dsn))[1]
        assert isinstance(lost, WorkerLost)
        assert (lost.ord, lost.attempt, lost.worker, lost.resubmit) == (0, 1, "worker-1", True)


async def test_a_kill_reaches_the_worker_that_has_the_job(dsn: str) -> None:
    async with a_journal(dsn) as journal, a_worker(dsn) as worker:
        [row] = await queued(journal)
        await claimed(worker)
        await journal.commit(Batch(jobs_killed=[(row.execution_id, 0, 1)]))
        assert await killed(worker) == JobKey(row.execution_id, 0, 1)


async def test_a_job_that_was_dropped_stops_with_the_next_beat(dsn: str) -> None:
    async with a_journal(dsn) as journal, a_worker(dsn) as worker:
        rows = await queued(journal, 2)
        await claimed(worker)
        await journal.commit(Batch(jobs_ended=[(rows[1].execution_id, 1, 1)]))
        await worker.beat()
        assert await killed(worker) == JobKey(rows[1].execution_id, 1, 1)


async def test_a_worker_that_was_given_up_drops_what_it_had_and_goes_on_under_another_epoch(dsn: str) -> None:
    async with a_journal(dsn) as journal, a_worker(dsn) as worker, pool(dsn, size=2) as connections:
        [row] = await queued(journal)
        await claimed(worker)
        assert len(await PostgresRoster(connections).lost(Role.WORKER, patience=timedelta(0))) == 1
        await queued_more(journal, row)
        assert await worker._claim(10) == []
        await worker.beat()
        assert await killed(worker) == JobKey(row.execution_id, 0, 1)
        assert [each.job.ord for each in await claimed(worker)] == [5]


async def test_jobs_of_a_lost_worker_are_told_once_each(dsn: str) -> None:
    told: list[tuple[str, AnyEvent]] = []
    async with a_journal(dsn) as journal, pool(dsn, size=2) as connections:
        liveness = Liveness(
            PostgresRoster(connections), journal, tell=lambda *event: told.append(event), clock=SystemClock(), dice=Ones(),
            patience=timedelta(0), pace=timedelta(0),
        )  # fmt: skip
        async with a_worker(dsn) as worker:
            [row, _] = await queued(journal, 2)
            await claimed(worker, 2)
            await liveness.look()
            await liveness.look()
        assert [(target, event.ord) for target, event in told if isinstance(event, WorkerLost)] == [
            (row.execution_id, 0), (row.execution_id, 1),
        ]  # fmt: skip
        await journal.commit(Batch(jobs_ended=[(row.execution_id, ord, 1) for ord in (0, 1)]))
        await liveness.look()
        assert len(told) == 2


async def queued_more(journal: PostgresJournal, row: JobRow) -> None:
    [loaded] = await journal.load([row.execution_id])
    await journal.commit(Batch(jobs=[job_row(loaded.execution, 5)]))


async def killed(jobs: PostgresJobs) -> JobKey:
    return await asyncio.wait_for(anext(jobs.kills()), 5)
