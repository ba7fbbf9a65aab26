"""The machine's clock, and the one that is moved by hand."""

import asyncio
from datetime import UTC, datetime, timedelta

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.memory.clock import START, ManualClock


async def test_the_present_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


async def test_waiting_for_the_past_takes_no_time() -> None:
    await asyncio.wait_for(SystemClock().sleep_until(datetime(2020, 1, 1, tzinfo=UTC)), 5)


async def test_waiting_ends_when_the_time_has_come() -> None:
    clock = SystemClock()
    due = clock.now() + timedelta(milliseconds=20)
    await clock.sleep_until(due)
    assert clock.now() >= due


async def test_a_manual_clock_wakes_the_earliest_first_and_leaves_the_others() -> None:
    clock = ManualClock()
    woken: list[int] = []

    async def sleeper(seconds: int) -> None:
        await clock.sleep_until(START + timedelta(seconds=seconds))
        woken.append(seconds)

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (30, 10, 20)]
    await asyncio.sleep(0)
    assert clock.next_due() == START + timedelta(seconds=10)
    clock.move(timedelta(seconds=20))
    await asyncio.gather(*tasks[1:])
    assert woken == [10, 20]
    clock.move_to(START + timedelta(minutes=1))
    await tasks[0]
