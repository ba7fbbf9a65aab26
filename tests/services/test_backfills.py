"""A backfill runs the dates it was asked for, one after the other, and leaves the schedule as it found it."""

import asyncio
from datetime import UTC, datetime

import pytest
from tests.services.polls import BOX
from tests.services.scheduled import DAY, EVERY, HOUR, a_flow, scheduled

from tiercel.adapters.memory.clock import START
from tiercel.model.execution import Label
from tiercel.model.trigger import Backfill, TriggerId
from tiercel.services.backfills import BackfillUnderWay, BadBackfill, NoBackfill
from tiercel.services.switches import NoSuchTrigger

NEXT = datetime(2026, 7, 2, 2, tzinfo=UTC)
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
THREE_DAYS = Backfill(start=BEGIN, end=BEGIN + 3 * DAY)


async def test_its_dates_are_run_and_the_next_date_comes_back(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        begun = await house.backfills.create("main", EVERY, THREE_DAYS)
        assert begun.backfill is not None
        assert begun.next_at == begun.backfill.current_date == BEGIN + 2 * HOUR
        assert begun.backfill.previous_next_execution_date == NEXT
        await house.run_all()
        assert await house.dates() == [f"2026-06-0{day}T02:00:00Z" for day in (1, 2, 3)]
        state = await house.trigger()
        assert (state.backfill, state.next_at) == (None, NEXT)


async def test_one_date_runs_after_the_other(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        await house.backfills.create("main", EVERY, THREE_DAYS)
        await house.turn()
        await house.turn()
        assert await house.dates() == ["2026-06-01T02:00:00Z"]
        state = await house.trigger()
        assert state.backfill is not None
        assert state.next_at == state.backfill.current_date == BEGIN + DAY + 2 * HOUR


async def test_start_and_end_are_dates_of_it(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        both = Backfill(start=BEGIN + 2 * HOUR, end=BEGIN + DAY + 2 * HOUR)
        await house.backfills.create("main", EVERY, both)
        await house.run_all()
        assert await house.dates() == ["2026-06-01T02:00:00Z", "2026-06-02T02:00:00Z"]


async def test_without_an_end_it_goes_to_now(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        begun = await house.backfills.create("main", EVERY, Backfill(start=START - 2 * DAY))
        assert begun.backfill is not None
        assert begun.backfill.end == START
        await house.run_all()
        assert await house.dates() == ["2026-06-30T02:00:00Z", "2026-07-01T02:00:00Z"]


async def test_its_inputs_and_labels_are_those_of_its_executions(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(
            a_flow("    inputs:\n      day: today", top="inputs:\n  - {id: day, type: STRING}\nlabels:\n  team: a")
        )
        wish = Backfill(
            start=BEGIN, end=BEGIN + DAY, inputs={"day": "{{ trigger.date }}"}, labels=[{"key": "bf", "value": "1"}]
        )
        await house.backfills.create("main", EVERY, wish)
        await house.turn()
        (execution,) = await house.executions()
        assert execution.inputs == {"day": "2026-06-01T02:00:00Z"}
        assert {Label("bf", "1"), Label("team", "a")} < set(execution.labels)


async def test_another_one_is_refused_while_dates_of_the_first_one_are_left(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        first = await house.backfills.create("main", EVERY, THREE_DAYS)
        with pytest.raises(BackfillUnderWay, match="delete it"):
            await house.backfills.create("main", EVERY, Backfill(start=BEGIN + DAY, end=BEGIN + 2 * DAY))
        assert await house.trigger() == first
        await house.backfills.delete("main", EVERY)
        assert (await house.backfills.create("main", EVERY, THREE_DAYS)).backfill is not None


async def test_a_date_that_comes_meanwhile_is_run_afterwards(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        await house.backfills.create("main", EVERY, THREE_DAYS)
        await house.turn_at(NEXT + HOUR)
        assert await house.dates() == ["2026-06-01T02:00:00Z"]
        await house.end((await house.executions())[0])
        await house.run_all()
        assert await house.dates() == [
            *(f"2026-06-0{day}T02:00:00Z" for day in (1, 2, 3)),
            "2026-07-02T02:00:00Z",
        ]


async def test_it_can_be_paused_and_go_on(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        await house.backfills.create("main", EVERY, THREE_DAYS)
        paused = await house.backfills.pause("main", EVERY)
        assert paused.backfill is not None
        assert paused.backfill.paused
        await house.run_all()
        assert await house.dates() == []
        await house.backfills.unpause("main", EVERY)
        await house.run_all()
        assert len(await house.dates()) == 3


async def test_it_can_be_given_up(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        await house.backfills.create("main", EVERY, THREE_DAYS)
        await house.turn()
        state = await house.backfills.delete("main", EVERY)
        assert (state.backfill, state.next_at) == (None, NEXT)
        await house.run_all()
        assert await house.dates() == ["2026-06-01T02:00:00Z"]


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Backfill(start=BEGIN, end=BEGIN), "is not after the start"),
        (Backfill(start=BEGIN, end=BEGIN - DAY), "is not after the start"),
        (Backfill(start=START + DAY), "is not after the start"),
        (Backfill(start=BEGIN + 3 * HOUR, end=BEGIN + 4 * HOUR), "has no date from"),
    ],
)
async def test_one_that_would_run_nothing_is_refused_and_changes_nothing(
    dsn: str, wish: Backfill, message: str
) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        before = await house.trigger()
        with pytest.raises(BadBackfill, match=message):
            await house.backfills.create("main", EVERY, wish)
        assert await house.trigger() == before


async def test_where_there_is_no_backfill_nothing_can_be_done_to_it(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        for verb in (house.backfills.pause, house.backfills.unpause, house.backfills.delete):
            with pytest.raises(NoBackfill, match="no backfill under way"):
                await verb("main", EVERY)


async def test_a_trigger_that_is_not_there_cannot_be_backfilled(dsn: str) -> None:
    async with scheduled(dsn) as house:
        with pytest.raises(NoSuchTrigger, match="has no trigger 'every'"):
            await house.backfills.create("main", EVERY, THREE_DAYS)


class TestSwitches:
    async def test_what_passes_while_it_is_off_is_not_made_up_for(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            off = await house.switches.disable("main", EVERY)
            assert (off.disabled, off.next_at) == (True, NEXT)
            await house.turn_at(NEXT + 2 * DAY)
            on = await house.switches.enable("main", EVERY)
            assert (on.disabled, on.next_at) == (False, NEXT + 3 * DAY)
            await house.run_all()
            assert await house.dates() == []

    async def test_one_that_is_on_is_left_alone(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            house.clock.move(2 * DAY)
            assert (await house.switches.enable("main", EVERY)).next_at == NEXT

    async def test_a_backfill_goes_on_where_it_was(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            await house.backfills.create("main", EVERY, THREE_DAYS)
            await house.switches.disable("main", EVERY)
            await house.run_all()
            assert await house.dates() == []
            await house.switches.enable("main", EVERY)
            await house.run_all()
            assert len(await house.dates()) == 3

    async def test_what_was_switched_off_stays_so_when_the_flow_changes(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            await house.switches.disable("main", EVERY)
            await house.save(a_flow(cron="0 3 * * *"))
            assert (await house.trigger()).disabled

    async def test_a_trigger_that_is_not_there_cannot_be_switched(self, dsn: str) -> None:
        nobody = TriggerId("test", "daily", "nobody")
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            for verb in (house.switches.disable, house.switches.unlock, house.switches.forget):
                with pytest.raises(NoSuchTrigger):
                    await verb("main", nobody)


FIVE_DAYS = Backfill(start=BEGIN, end=BEGIN + 5 * DAY, parallelism=2)


async def test_as_many_run_at_once_as_were_asked_for(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        await house.backfills.create("main", EVERY, FIVE_DAYS)
        await house.turn()
        first, second = await house.executions()
        state = await house.trigger()
        assert state.backfill is not None
        assert (state.backfill.running, state.backfill.started) == ((first.id, second.id), 2)
        await house.end(second)
        await house.turn()
        assert await house.dates() == [f"2026-06-0{day}T02:00:00Z" for day in (1, 2, 3)]


async def test_the_scheduler_is_told_when_one_of_several_is_over(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        await house.backfills.create("main", EVERY, FIVE_DAYS)
        await house.turn()
        first, _ = await house.executions()
        changes = house.triggers.changes()
        told = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        await house.end(first)
        assert await told == (await house.trigger()).key
        assert await house.database.fetchval("SELECT count(*) FROM trigger_watches") == 1


async def test_a_parallel_one_runs_all_its_dates_and_leaves_the_schedule_as_it_found_it(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        await house.backfills.create("main", EVERY, FIVE_DAYS)
        await house.run_all()
        assert await house.dates() == [f"2026-06-0{day}T02:00:00Z" for day in (1, 2, 3, 4, 5)]
        state = await house.trigger()
        assert (state.backfill, state.next_at, state.execution_id) == (None, NEXT, None)


async def test_it_tells_how_far_it_has_come(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        await house.backfills.create("main", EVERY, Backfill(start=BEGIN, end=BEGIN + 4 * DAY + 4 * HOUR))
        await house.turn()
        state = await house.trigger()
        assert state.backfill is not None
        assert (state.backfill.started, state.backfill.progress) == (1, 0.26)


async def test_to_unlock_a_full_one_lets_the_next_date_run(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow())
        await house.backfills.create("main", EVERY, FIVE_DAYS)
        await house.turn()
        await house.switches.unlock("main", EVERY)
        await house.turn()
        assert len(await house.dates()) == 4


async def test_a_trigger_without_dates_has_none(dsn: str) -> None:
    async with scheduled(dsn) as house:
        await house.save(a_flow(kind=BOX).replace('cron: "0 2 * * *"', "name: box"))
        with pytest.raises(BadBackfill, match="has no dates"):
            await house.backfills.create("main", EVERY, THREE_DAYS)
