"""Takes jobs, runs as many at once as it has room for, and brings their results back.

A stop is a first-class path: nothing more is claimed, what runs may end within the grace, the rest is given back to be
sent again. Whether a job may be retried is the engine's; keeping the queue's connection alive is the adapter's.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from tiercel.model.states import State
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.jobs import Claimed, JobKey, Jobs
from tiercel.services.attempt import Attempt
from tiercel.services.outcome import Outcome, one_line
from tiercel.services.run_task import TaskRunner

LEAST_FREE_DISK = 0.05
"""Below this share of free disk nothing is claimed."""
DISK_WAIT = timedelta(seconds=10)
EARLY_KILLS = 1000
BEAT_EVERY = timedelta(seconds=3)

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Worker:
    """`run` serves until `stop` is called, or its own task is cancelled."""

    def __init__(
        self,
        jobs: Jobs,
        runner: TaskRunner,
        *,
        clock: Clock,
        dice: Dice,
        name: str,
        room: int = 1000,
        grace: timedelta = timedelta(minutes=5),
        free_disk: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self._jobs = jobs
        self._runner = runner
        self._clock = clock
        self._dice = dice
        self._name = name
        self._room = room
        """How many jobs run at once."""
        self._grace = grace
        self._free_disk = free_disk
        self._attempts: dict[JobKey, Attempt] = {}
        self._early_kills: deque[JobKey] = deque(maxlen=EARLY_KILLS)
        """Of jobs not held: one may be on its way here from `claim`."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._left = asyncio.Event()
        """Set when a job has ended: there is room."""

    @property
    def running(self) -> int:
        """How many jobs run now."""
        return len(self._attempts)

    def stop(self) -> None:
        """Claim nothing more; `run` returns when all jobs have ended or the grace is over."""
        self._stopping.set()

    async def run(self) -> None:
        """Serve until stopped."""
        await self._runner.clear_leftovers()
        async with asyncio.TaskGroup() as group:
            helpers = [group.create_task(self._follow_kills()), group.create_task(self._beat())]
            try:
                await self._claim_until_stopped(group)
                await self._finish()
            finally:
                for helper in helpers:
                    helper.cancel()

    async def _claim_until_stopped(self, group: asyncio.TaskGroup) -> None:
        while await self._has_room():
            for claimed in await self._unless_stopped(self._jobs.claim(self._room - self.running)) or []:
                self._begin(claimed, group)

    async def _has_room(self) -> bool:
        """Wait until there is room for a job and disk for its files; False when stopping."""
        while not self._stopping.is_set():
            if self.running >= self._room:
                self._left.clear()
                await self._unless_stopped(self._left.wait())
            elif self._free_disk() < LEAST_FREE_DISK:
                _log.warning("less than 5 percent of the disk is free: no job is taken")
                await self._unless_stopped(self._clock.sleep_until(self._clock.now() + DISK_WAIT))
            else:
                return True
        return False

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The result of something that may take long; it is broken off, and None, when the worker is told to stop."""
        task = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            task.cancel()
        await asyncio.wait([task])
        return None if task.cancelled() else task.result()

    def _begin(self, claimed: Claimed, group: asyncio.TaskGroup) -> None:
        attempt = self._runner.begin(claimed.job, tell=lambda part: self._jobs.tell(claimed, part))
        self._attempts[claimed.key] = attempt
        if claimed.key in self._early_kills:
            attempt.kill()
        task = group.create_task(self._perform(claimed, attempt), name=f"job {claimed.job.task_run_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _perform(self, claimed: Claimed, attempt: Attempt) -> None:
        try:
            outcome = await self._outcome(claimed, attempt)
            result = outcome.done(claimed.job, at=self._clock.now(), seed=self._dice.roll(), worker=self._name)
            await self._jobs.done(claimed, result)
        except asyncio.CancelledError:
            await self._jobs.release(claimed)
            raise
        finally:
            if self._attempts.get(claimed.key) is attempt:
                del self._attempts[claimed.key]
            self._left.set()

    async def _outcome(self, claimed: Claimed, attempt: Attempt) -> Outcome:
        started = self._clock.now()
        try:
            return await attempt.outcome()
        except Exception as error:  # noqa: BLE001 – a mistake of ours fails one job, not the worker
            _log.exception("task run %s could not be carried out", claimed.job.task_run_id)
            return Outcome(State.FAILED, started, error=f"the worker could not carry it out: {one_line(error)}")

    async def _finish(self) -> None:
        """Let what runs come to its end; what takes longer than the grace is given back."""
        over = asyncio.ensure_future(self._clock.sleep_until(self._clock.now() + self._grace))
        while self._tasks and not over.done():
            await asyncio.wait([over, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        for task in self._tasks:
            task.cancel()

    async def _follow_kills(self) -> None:
        async for key in self._jobs.kills():
            attempt = self._attempts.get(key)
            if attempt is None:
                self._early_kills.append(key)
            else:
                attempt.kill()

    async def _beat(self) -> None:
        while True:
            await self._jobs.beat()
            await self._clock.sleep_until(self._clock.now() + BEAT_EVERY)
