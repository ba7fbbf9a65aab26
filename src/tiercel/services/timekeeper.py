"""Timers: one heap for what is due within ten minutes, rows for all. Says when one is due, and decides nothing.

A timer that was cancelled or set anew stays in the heap; whoever is told compares with what the execution says.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from tiercel.ports.clock import Clock
from tiercel.ports.journal import TimerRow

HORIZON = timedelta(minutes=10)
"""How far the heap looks ahead; when half of that has passed, the rows of the next ten minutes are read."""

NEVER = datetime.min.replace(tzinfo=UTC)
"""The horizon of one that has read nothing yet."""

Fire = Callable[[str, str, datetime], None]
"""Called with execution, name and due date."""
DueTimers = Callable[[datetime], Awaitable[Sequence[TimerRow]]]


class Timekeeper:
    """Waits for the earliest timer."""

    def __init__(self, *, clock: Clock, due: DueTimers, fire: Fire) -> None:
        self._clock = clock
        self._due = due
        self._fire = fire
        self._heap: list[tuple[datetime, str, str]] = []
        self._horizon = NEVER
        self._changed = asyncio.Event()

    def set(self, execution_id: str, name: str, due: datetime) -> None:
        """Remember a timer; one beyond the horizon is left to its row.

        Where nothing was read yet its row may be written after the reading, so it is remembered however late it is due.
        """
        if due < self._horizon or self._horizon is NEVER:
            heapq.heappush(self._heap, (due, execution_id, name))
            if self._heap[0][0] == due:
                self._changed.set()

    def forget(self) -> None:
        """Drop everything: the rows are read again."""
        self._heap.clear()
        self._horizon = NEVER
        self._changed.set()

    def look_again(self) -> None:
        """The rows are read again, as the last reading of them may have failed."""
        self._horizon = NEVER
        self._changed.set()

    async def run(self) -> None:
        """Fire what is due, for ever."""
        while True:
            self._changed.clear()
            await self._look_ahead()
            self._fire_due()
            await self._wait()

    async def _look_ahead(self) -> None:
        now = self._clock.now()
        if self._horizon > now + HORIZON / 2:
            return
        # The horizon moves first: a timer that is set while the rows are read is then in the heap, perhaps twice.
        seen, self._horizon = self._horizon, now + HORIZON
        for row in await self._due(self._horizon):
            if row.due >= seen:
                heapq.heappush(self._heap, (row.due, row.execution_id, row.name))

    def _fire_due(self) -> None:
        now = self._clock.now()
        while self._heap and self._heap[0][0] <= now:
            due, execution_id, name = heapq.heappop(self._heap)
            self._fire(execution_id, name, due)

    async def _wait(self) -> None:
        """Until the earliest timer is due, an earlier one is set, or it is time to look ahead."""
        wanted = self._horizon - HORIZON / 2
        due = min(self._heap[0][0], wanted) if self._heap else wanted
        waits = {
            asyncio.ensure_future(self._clock.sleep_until(due)),
            asyncio.ensure_future(self._changed.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
