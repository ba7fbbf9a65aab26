"""Jobs for a worker in the executor's own process: pushed after their commit, answered in memory."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from itertools import count

from tiercel.engine.commands import Job
from tiercel.engine.events import AnyEvent, Done, Part, Started
from tiercel.ports.jobs import Claimed, JobKey

Moment = Callable[[], tuple[datetime, int]]
Tell = Callable[[str, AnyEvent], Awaitable[object]]


class MemoryJobs:
    """Both sides of the queue: `push` and `kill` for the executor, the Jobs port for the worker.

    `tell` brings an event to an execution and returns when it is durable; `note` does not wait for that.
    """

    def __init__(self, *, tell: Tell, note: Callable[[str, AnyEvent], None], moment: Moment, worker: str) -> None:
        self._tell = tell
        self._note = note
        self._moment = moment
        self._worker = worker
        self._waiting: OrderedDict[JobKey, Job] = OrderedDict()
        self._there_is_one = asyncio.Event()
        self._kills: asyncio.Queue[JobKey] = asyncio.Queue()
        self._numbers = count(1)

    def push(self, job: Job) -> None:
        self._waiting[JobKey(job.execution_id, job.ord, job.attempt)] = job
        self._there_is_one.set()

    def kill(self, key: JobKey) -> None:
        if self._waiting.pop(key, None) is None:
            self._kills.put_nowait(key)

    async def claim(self, limit: int) -> list[Claimed]:
        while not self._waiting:
            self._there_is_one.clear()
            await self._there_is_one.wait()
        jobs = [self._waiting.popitem(last=False)[1] for _ in range(min(limit, len(self._waiting)))]
        for job in jobs:
            self._note(job.execution_id, Started(*self._moment(), job.ord, job.attempt, self._worker))
        return [Claimed(next(self._numbers), job) for job in jobs]

    async def done(self, claimed: Claimed, result: Done) -> None:
        await self._tell(claimed.job.execution_id, result)

    async def tell(self, claimed: Claimed, part: Part) -> None:
        self._note(claimed.job.execution_id, part)

    async def release(self, claimed: Claimed) -> None:
        """The worker stops, and so does the executor beside it: the next one finds the job's row without its worker."""

    async def kills(self) -> AsyncIterator[JobKey]:
        while True:
            yield await self._kills.get()

    async def beat(self) -> None:
        """Worker and executor live and die together."""
