"""Timers fire once, in order, from the heap or from rows, and never before their time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.ports.journal import TimerRow
from tiercel.services.timekeeper import HORIZON, Timekeeper

MINUTE = timedelta(minutes=1)


class Rows:
    """Timers that have rows, and how often they were asked for."""

    def __init__(self, **due: datetime) -> None:
        self.rows = [TimerRow("execution", name, 0, instant) for name, instant in due.items()]
        self.asked = 0

    async def until(self, instant: datetime) -> Sequence[TimerRow]:
        self.asked += 1
        return [row for row in self.rows if row.due < instant]


class Fired:
    """What was fired, to be waited for."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._news = asyncio.Event()

    def __call__(self, execution_id: str, name: str, due: datetime) -> None:
        self.names.append(name)
        self._news.set()

    async def until(self, *names: str) -> None:
        while self.names != list(names):
            self._news.clear()
            await self._news.wait()


@asynccontextmanager
async def keeping(clock: ManualClock, rows: Rows, fired: Fired) -> AsyncIterator[Timekeeper]:
    keeper = Timekeeper(clock=clock, due=rows.until, fire=fired)
    task = asyncio.create_task(keeper.run())
    await settled()
    try:
        yield keeper
    finally:
        task.cancel()
        await asyncio.wait([task])


async def settled() -> None:
    """Let tasks that are ready run until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_timers_fire_in_order_when_their_time_has_come() -> None:
    clock, fired = ManualClock(), Fired()
    async with keeping(clock, Rows(), fired) as keeper:
        keeper.set("execution", "late", START + 3 * MINUTE)
        keeper.set("execution", "early", START + MINUTE)
        await settled()
        clock.move(MINUTE - timedelta(seconds=1))
        await settled()
        assert fired.names == []
        clock.move(timedelta(seconds=1))
        await fired.until("early")
        clock.move(5 * MINUTE)
        await fired.until("early", "late")


async def test_a_timer_that_is_overdue_at_the_start_fires_at_once() -> None:
    fired = Fired()
    async with keeping(ManualClock(), Rows(old=START - MINUTE), fired):
        await fired.until("old")


async def test_timers_beyond_the_horizon_are_read_from_their_rows_in_time() -> None:
    clock, fired = ManualClock(), Fired()
    rows = Rows(far=START + 2 * HORIZON)
    async with keeping(clock, rows, fired) as keeper:
        keeper.set("execution", "far", START + 2 * HORIZON)
        for _ in range(4):
            clock.move(HORIZON / 2)
            await settled()
        await fired.until("far")
    assert rows.asked == 5


async def test_what_was_read_once_is_not_read_into_the_heap_again() -> None:
    clock, fired = ManualClock(), Fired()
    rows = Rows(near=START + HORIZON - MINUTE)
    async with keeping(clock, rows, fired):
        clock.move(HORIZON / 2)
        await settled()
        clock.move(HORIZON / 2)
        await fired.until("near")


async def test_after_it_was_told_to_forget_it_reads_everything_again() -> None:
    clock, fired = ManualClock(), Fired()
    rows = Rows()
    async with keeping(clock, rows, fired) as keeper:
        keeper.set("execution", "lost", START + MINUTE)
        rows.rows = [TimerRow("execution", "kept", 0, START + MINUTE)]
        keeper.forget()
        await settled()
        clock.move(MINUTE)
        await fired.until("kept")


async def test_a_timer_that_is_set_before_anything_was_read_is_not_lost_while_its_row_is_on_the_way() -> None:
    clock, rows, fired = ManualClock(), Rows(), Fired()
    keeper = Timekeeper(clock=clock, due=rows.until, fire=fired)
    keeper.set("execution", "early", START + MINUTE)
    task = asyncio.create_task(keeper.run())
    await settled()
    clock.move(MINUTE)
    await asyncio.wait_for(fired.until("early"), 5)
    task.cancel()
    await asyncio.wait([task])
