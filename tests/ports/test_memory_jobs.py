"""The queue in memory does what every queue of jobs must do."""

from collections.abc import Sequence

import pytest
from tests.ports.jobs_suite import JobsSuite
from tests.ports.jobs_suite import job as a_job

from tiercel.adapters.memory.clock import START
from tiercel.adapters.memory.jobs import MemoryJobs
from tiercel.engine.commands import Job
from tiercel.engine.events import AnyEvent, Started
from tiercel.ports.jobs import JobKey


class MemoryQueue:
    def __init__(self) -> None:
        self._told: list[AnyEvent] = []
        self.jobs = MemoryJobs(tell=self._tell, note=self._note, moment=lambda: (START, 1), worker="w")

    async def push(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self.jobs.push(job)

    async def kill(self, key: JobKey) -> None:
        self.jobs.kill(key)

    async def told(self) -> list[AnyEvent]:
        return self._told

    def _note(self, execution_id: str, event: AnyEvent) -> None:
        self._told.append(event)

    async def _tell(self, execution_id: str, event: AnyEvent) -> None:
        self._note(execution_id, event)


class TestMemoryJobs(JobsSuite):
    @pytest.fixture
    def queue(self) -> MemoryQueue:
        return MemoryQueue()

    async def test_a_job_given_back_counts_as_lost(self, queue: MemoryQueue) -> None:
        """The executor of the same process stops too: the next one finds the job's row without its worker."""
        await queue.push([a_job(0)])
        (claimed,) = await queue.jobs.claim(1)
        await queue.jobs.release(claimed)
        assert [type(event) for event in await queue.told()] == [Started]
