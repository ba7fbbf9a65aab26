"""Looks at the triggers that the scheduler asks about: polls, as many at once as there is room for, and streams, which stay.

A stop is a first-class path: nothing more is claimed, streams end at once and go to another worker, polls may end within
the grace.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from tiercel.model.trigger import Finding
from tiercel.ports.clock import Clock
from tiercel.ports.trigger_jobs import ClaimedTrigger, TriggerJobs
from tiercel.services.looks import Look, Stream
from tiercel.services.outcome import one_line

BEAT_EVERY = timedelta(seconds=3)
EARLY_KILLS = 1000

_log = logging.getLogger(__name__)


class TriggerWorker:
    """`run` serves until `stop` is called, or its own task is cancelled."""

    def __init__(
        self,
        jobs: TriggerJobs,
        begin: Callable[[ClaimedTrigger], Look],
        *,
        clock: Clock,
        room: int = 1000,
        grace: timedelta = timedelta(minutes=5),
    ) -> None:
        self._jobs = jobs
        self._begin = begin
        self._clock = clock
        self._room = room
        """How many polls run at once; streams mostly wait, and take none of it."""
        self._grace = grace
        self._looks: dict[int, Look] = {}
        self._early_kills: deque[int] = deque(maxlen=EARLY_KILLS)
        """Of looks not held: one may be on its way here from `claim`."""
        self._polls: set[asyncio.Task[None]] = set()
        self._streams: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._left = asyncio.Event()
        """Set when a look has ended: there is room."""

    def stop(self) -> None:
        """Claim nothing more; `run` returns when all looks have ended or the grace is over."""
        self._stopping.set()

    async def run(self) -> None:
        """Serve until stopped."""
        async with asyncio.TaskGroup() as group:
            helpers = [group.create_task(self._follow_kills()), group.create_task(self._beat())]
            try:
                claiming = group.create_task(self._claim(group))
                await self._stopping.wait()
                claiming.cancel()
                await asyncio.wait([claiming])
                await self._finish()
            finally:
                for helper in helpers:
                    helper.cancel()

    async def _claim(self, group: asyncio.TaskGroup) -> None:
        while True:
            while len(self._polls) >= self._room:
                self._left.clear()
                await self._left.wait()
            for claimed in await self._jobs.claim(self._room - len(self._polls)):
                self._take(claimed, group)

    def _take(self, claimed: ClaimedTrigger, group: asyncio.TaskGroup) -> None:
        look = self._begin(claimed)
        self._looks[claimed.id] = look
        if claimed.id in self._early_kills:
            look.kill()
        task = group.create_task(self._perform(claimed, look), name=f"look at {claimed.job.task_id}")
        tasks = self._streams if isinstance(look, Stream) else self._polls
        tasks.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._streams.discard(task)
        self._polls.discard(task)
        self._left.set()

    async def _perform(self, claimed: ClaimedTrigger, look: Look) -> None:
        try:
            finding = await self._finding(claimed, look)
            if finding is not None:
                await self._jobs.answer(claimed, finding)
        except asyncio.CancelledError:
            await self._jobs.release(claimed)
            raise
        finally:
            # One that was given up for lost may have been claimed here anew: that look is another one.
            if self._looks.get(claimed.id) is look:
                del self._looks[claimed.id]

    async def _finding(self, claimed: ClaimedTrigger, look: Look) -> Finding | None:
        try:
            return await look.finding()
        except Exception as error:  # noqa: BLE001 – a mistake of ours fails one look, not the worker
            _log.exception("trigger %s could not be looked at", claimed.job.task_id)
            return Finding(error=f"the worker could not look at it: {one_line(error)}")

    async def _finish(self) -> None:
        """Let polls come to their end; streams, and what takes longer than the grace, are given back."""
        for task in self._streams:
            task.cancel()
        over = asyncio.ensure_future(self._clock.sleep_until(self._clock.now() + self._grace))
        while self._polls and not over.done():
            await asyncio.wait([over, *self._polls], return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        for task in self._polls:
            task.cancel()

    async def _follow_kills(self) -> None:
        async for number in self._jobs.kills():
            look = self._looks.get(number)
            if look is None:
                self._early_kills.append(number)
            else:
                look.kill()

    async def _beat(self) -> None:
        while True:
            await self._jobs.beat()
            await self._clock.sleep_until(self._clock.now() + BEAT_EVERY)
