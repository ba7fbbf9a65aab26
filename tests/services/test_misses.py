"""A deadline that passes and not all has come: one failed execution for each, also when the server was down then."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta

import pytest
from tests.services.house import House, at_rest
from tests.services.test_announcer import listener, opened, started, upstream

from tiercel.adapters.memory.clock import START
from tiercel.adapters.memory.journal import Tables
from tiercel.model.execution import Label
from tiercel.model.states import State

Open = Callable[..., AbstractAsyncContextManager[House]]
__all__ = ["opened"]

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BY_NOON = """    dependsOn: [{namespace: test, flowId: a}, {namespace: test, flowId: b}]
    window: {deadline: "12:00:00"}
    onMiss: {behavior: FAIL, labels: {late: "yes"}}"""
ONE_BY_NOON = BY_NOON.replace(", {namespace: test, flowId: b}", "")
FLOWS = (upstream("a"), upstream("b"))


def ends(house: House) -> list[State]:
    return [execution.state.current for execution in started(house)]


async def until_looked_at(house: House, number: int) -> None:
    """Until so many executions of the listening flow are stored: another flow's tells that the executor went on."""
    while len(started(house)) < number:
        await house.run("b")


async def test_a_deadline_passes_and_nothing_has_come(opened: Open) -> None:
    async with opened(*FLOWS, listener(BY_NOON)) as house:
        house.clock.move_to(NOON - timedelta(seconds=1))
        await house.run("b")
        assert ends(house) == []
        house.clock.move_to(NOON)
        await until_looked_at(house, 1)
        [execution] = started(house)
        assert (execution.state.current, execution.live) == (State.FAILED, False)
        assert Label("late", "yes") in execution.labels
        assert execution.trigger is not None
        assert execution.trigger.variables == {"deadline": "2026-07-01T12:00:00+00:00"}
        [line] = [row for row in house.tables.logs if row.execution_id == execution.id]
        assert "`listen` waits for" in line.message
        assert at_rest(house.tables) == []


async def test_what_has_come_in_part_is_a_miss_too_and_each_day_counts_anew(opened: Open) -> None:
    async with opened(*FLOWS, listener(BY_NOON)) as house:
        await house.run("a")
        for day in range(3):
            house.clock.move_to(NOON + day * DAY)
            await until_looked_at(house, day + 1)
        assert ends(house) == [State.FAILED] * 3


async def test_a_deadline_that_was_met_is_no_miss(opened: Open) -> None:
    async with opened(*FLOWS, listener(BY_NOON)) as house:
        await house.run("a")
        await house.run("b")
        house.clock.move_to(NOON + HOUR)
        await house.run("b")
        await house.run("b")
        assert ends(house) == [State.SUCCESS]


async def test_one_that_is_waited_for_alone_meets_the_deadline(opened: Open) -> None:
    async with opened(*FLOWS, listener(ONE_BY_NOON)) as house:
        await house.run("a")
        house.clock.move_to(NOON + HOUR)
        await house.run("b")
        assert ends(house) == [State.SUCCESS]


async def test_what_comes_after_the_deadline_starts_nothing(opened: Open) -> None:
    async with opened(*FLOWS, listener(ONE_BY_NOON)) as house:
        house.clock.move_to(NOON + HOUR)
        await house.run("a")
        await until_looked_at(house, 1)
        assert ends(house) == [State.FAILED]


@pytest.mark.parametrize("days", [0, 1, 5])
async def test_a_server_that_was_down_over_deadlines_makes_up_for_the_last_one(opened: Open, days: int) -> None:
    tables = Tables()
    async with opened(*FLOWS, listener(BY_NOON), tables=tables) as house:
        await house.run("a")
    for _ in range(2):
        async with opened(*FLOWS, listener(BY_NOON), tables=tables, start=NOON + days * DAY + HOUR) as house:
            await until_looked_at(house, 1)
            assert ends(house) == [State.FAILED]
            await house.run("b")
            assert ends(house) == [State.FAILED]


async def test_a_deadline_that_was_met_before_the_server_went_down_is_no_miss(opened: Open) -> None:
    tables = Tables()
    async with opened(*FLOWS, listener(BY_NOON), tables=tables) as house:
        await house.run("a")
        await house.run("b")
    async with opened(*FLOWS, listener(BY_NOON), tables=tables, start=NOON + HOUR) as house:
        await house.run("b")
        assert ends(house) == [State.SUCCESS]


async def test_a_deadline_before_the_flow_was_saved_is_no_miss(opened: Open) -> None:
    early = listener(BY_NOON.replace("12:00:00", "09:00:00"))
    async with opened(*FLOWS, early, start=START + timedelta(minutes=1)) as house:
        await house.run("b")
        assert ends(house) == []


async def test_a_flow_that_is_gone_misses_nothing(opened: Open) -> None:
    async with opened(*FLOWS, listener(BY_NOON)) as house:
        await house.registry._store.delete(tenant="main", namespace="test", flow_id="listener", at=START)
        await house.registry.load()
        house.clock.move_to(NOON + HOUR)
        await house.run("b")
        assert ends(house) == []
