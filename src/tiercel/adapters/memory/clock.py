"""A clock that stands still until it is told to move: time-dependent services run on it without waiting."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


class ManualClock:
    """Moves by hand; whoever sleeps until an instant that has come by then is woken, earliest first."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> datetime:
        return self._now

    def next_due(self) -> datetime | None:
        """When the first of the sleepers wants to be woken."""
        waiting = [due for due, _, sleeper in self._sleepers if not sleeper.done()]
        return min(waiting, default=None)

    def move(self, span: timedelta) -> None:
        self.move_to(self._now + span)

    def move_to(self, instant: datetime) -> None:
        self._now = max(self._now, instant)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            sleeper = heapq.heappop(self._sleepers)[2]
            if not sleeper.done():
                sleeper.set_result(None)

    async def sleep_until(self, due: datetime) -> None:
        if due <= self._now:
            return
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (due, next(self._order), sleeper))
        await sleeper
