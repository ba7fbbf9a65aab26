"""What every queue of jobs must do for a worker. Subclass `JobsSuite` and give it a `queue` fixture."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import pytest
from tests.services.jobs import a_job

from tiercel.adapters.memory.clock import START
from tiercel.engine.commands import Job
from tiercel.engine.events import AnyEvent, Done, Started, WorkerLost
from tiercel.model.states import State
from tiercel.ports.jobs import Claimed, JobKey, Jobs

WAIT_SECONDS = 10
EXECUTION = "0Vc1cSFX1DR5iAYDUFajKG"


class Queue(Protocol):
    """An adapter with the executor's side of it, and what executions were told."""

    jobs: Jobs

    async def push(self, jobs: Sequence[Job]) -> None: ...

    async def kill(self, key: JobKey) -> None:
        """Ask the worker to stop a job that it has claimed."""
        ...

    async def told(self) -> list[AnyEvent]: ...


def job(ord: int, attempt: int = 1) -> Job:
    return a_job("core.log.Log", {"message": "é"}, execution_id=EXECUTION, ord=ord, attempt=attempt)


def result(of: Claimed) -> Done:
    return Done(START, 7, of.job.ord, of.job.attempt, State.SUCCESS, outputs={"a": 1}, worker="w")


class JobsSuite:
    async def test_a_job_arrives_as_it_was_sent_and_its_start_is_told(self, queue: Queue) -> None:
        await queue.push([job(3)])
        (claimed,) = await queue.jobs.claim(5)
        assert claimed.job == job(3)
        assert claimed.key == JobKey(EXECUTION, 3, 1)
        assert [(type(event), event.ord, event.attempt) for event in await self._of(queue, Started)] == [
            (Started, 3, 1)
        ]

    async def test_jobs_come_in_order_and_no_more_than_wanted(self, queue: Queue) -> None:
        await queue.push([job(ord) for ord in range(5)])
        first = await queue.jobs.claim(2)
        second = await queue.jobs.claim(10)
        assert [[each.job.ord for each in claimed] for claimed in (first, second)] == [[0, 1], [2, 3, 4]]

    async def test_a_claim_waits_until_there_is_a_job(self, queue: Queue) -> None:
        claim = asyncio.create_task(queue.jobs.claim(1))
        await asyncio.sleep(0)
        assert not claim.done()
        await queue.push([job(0)])
        async with asyncio.timeout(WAIT_SECONDS):
            assert len(await claim) == 1

    async def test_a_claim_that_is_broken_off_takes_nothing(self, queue: Queue) -> None:
        claim = asyncio.create_task(queue.jobs.claim(1))
        await asyncio.sleep(0)
        claim.cancel()
        with pytest.raises(asyncio.CancelledError):
            await claim
        await queue.push([job(0)])
        async with asyncio.timeout(WAIT_SECONDS):
            assert len(await queue.jobs.claim(1)) == 1

    async def test_a_result_is_told_to_its_execution(self, queue: Queue) -> None:
        await queue.push([job(0)])
        (claimed,) = await queue.jobs.claim(1)
        await queue.jobs.done(claimed, result(claimed))
        assert await self._of(queue, Done) == [result(claimed)]

    async def test_a_job_given_back_counts_as_lost(self, queue: Queue) -> None:
        await queue.push([job(0)])
        (claimed,) = await queue.jobs.claim(1)
        await queue.jobs.release(claimed)
        (lost,) = await self._of(queue, WorkerLost)
        assert (lost.ord, lost.attempt, lost.resubmit) == (0, 1, True)

    async def test_a_kill_reaches_the_worker_that_has_the_job(self, queue: Queue) -> None:
        await queue.push([job(0), job(1)])
        await queue.jobs.claim(2)
        kills = queue.jobs.kills()
        await queue.kill(JobKey(EXECUTION, 1, 1))
        async with asyncio.timeout(WAIT_SECONDS):
            assert await anext(kills) == JobKey(EXECUTION, 1, 1)

    async def test_a_heart_may_beat_at_any_time(self, queue: Queue) -> None:
        await queue.jobs.beat()
        await queue.push([job(0)])
        await queue.jobs.claim(1)
        await queue.jobs.beat()

    async def _of(self, queue: Queue, kind: type[AnyEvent]) -> list[Any]:
        return [event for event in await queue.told() if isinstance(event, kind)]
