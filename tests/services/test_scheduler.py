"""Every date of every trigger leads to one execution, whatever fails, whoever else writes, and however long nobody looks."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.adapters.postgres.samples import a_journal
from tests.services.scheduled import (
    DAY,
    EVERY,
    HOUR,
    MINUTE,
    MOODY,
    a_flow,
    a_trigger_journal,
    scheduled,
)

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.postgres.mailbox import PostgresMailbox
from tiercel.adapters.postgres.trigger_journal import PostgresTriggerJournal
from tiercel.engine.events import Created
from tiercel.engine.triggers import Missed
from tiercel.model.states import State
from tiercel.model.trigger import TriggerId
from tiercel.ports.journal import Fenced, JournalError
from tiercel.ports.triggers import TriggerBatch

FIRST = datetime(2026, 7, 2, 2, tzinfo=UTC)
"""The first 02:00 after the clock's start."""


class Failing(PostgresTriggerJournal):
    """Fails at its first commit: before it is stored, or after, when the answer is lost."""

    def __init__(self, of: PostgresTriggerJournal, *, stored: bool) -> None:
        super().__init__(of._dsn, of._shards)  # pyright: ignore[reportPrivateUsage]
        self._stored = stored
        self._is_used = False

    async def commit(self, batch: TriggerBatch) -> set[int]:
        if self._is_used:
            return await super().commit(batch)
        self._is_used = True
        if self._stored:
            await super().commit(batch)
        raise JournalError("the connection was lost")


class Slow(PostgresTriggerJournal):
    """Lets a test do something between the reading of states and their commit."""

    def __init__(self, of: PostgresTriggerJournal) -> None:
        super().__init__(of._dsn, of._shards)  # pyright: ignore[reportPrivateUsage]
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def commit(self, batch: TriggerBatch) -> set[int]:
        self.reached.set()
        await self.go_on.wait()
        return await super().commit(batch)


class TestADate:
    @pytest.mark.parametrize("is_written", [True, False], ids=["ScheduleOnDates", "Schedule"])
    async def test_that_is_written_down_is_the_scheduled_date_of_its_execution(
        self, dsn: str, is_written: bool
    ) -> None:
        async with scheduled(dsn) as house:
            kind = "io.kestra.plugin.core.trigger.ScheduleOnDates"
            dates = f'dates: ["{FIRST.isoformat()}"]'
            flow = a_flow(kind=kind).replace('cron: "0 2 * * *"', dates) if is_written else a_flow()
            await house.save(flow)
            await house.turn_at(FIRST + MINUTE)
            (execution,) = await house.executions()
            assert execution.schedule_date == (FIRST if is_written else None)

    async def test_is_one_of_the_trigger_as_plugin_defaults_complete_it(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            kind = "io.kestra.plugin.core.trigger.Schedule"
            await house.save(a_flow(top=f"pluginDefaults: [{{type: {kind}, values: {{timezone: Asia/Tokyo}}}}]"))
            assert (await house.trigger()).next_at == datetime(2026, 7, 1, 17, tzinfo=UTC)
            await house.turn_at(FIRST)
            assert await house.dates() == ["2026-07-02T02:00:00+09:00"]

    async def test_starts_an_execution_in_the_commit_that_moves_the_trigger_on(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow("    labels:\n      team: night"))
            await house.turn_at(FIRST - timedelta(seconds=1))
            assert await house.executions() == []
            await house.turn_at(FIRST)
            (execution,) = await house.executions()
            state = await house.trigger()
            assert execution.state.current is State.CREATED
            assert execution.trigger is not None
            assert (execution.trigger.id, execution.trigger.variables["date"]) == ("every", "2026-07-02T02:00:00Z")
            assert {label.key: label.value for label in execution.labels} == {
                "team": "night",
                "system.correlationId": execution.id,
                "system.from": "trigger",
            }
            assert (state.next_at, state.execution_id) == (FIRST + DAY, execution.id)
            assert await house.database.fetchval("SELECT target FROM messages") == execution.id
            assert await house.database.fetchval("SELECT trigger_key FROM executions") == state.key
            assert await house.database.fetchval("SELECT count(*) FROM execution_labels") == 1

    async def test_waits_for_the_execution_before_and_keeps_its_own_date(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow(cron="0 * * * *"))
            await house.turn_at(START + 3 * HOUR)
            assert await house.dates() == ["2026-07-01T10:00:00Z"]
            await house.end((await house.executions())[0])
            await house.turn()
            assert await house.dates() == ["2026-07-01T10:00:00Z", "2026-07-01T11:00:00Z"]

    async def test_comes_for_months_on_end_also_when_clocks_change(self, dsn: str) -> None:
        clock = ManualClock(datetime(2026, 10, 1, 12, tzinfo=UTC))
        async with scheduled(dsn, clock=clock, zone="Europe/Paris") as house:
            await house.save(a_flow("    allowConcurrent: true", cron="30 2 * * *"))
            for _ in range(200):
                clock.move(DAY)
                await house.turn()
            dates = await house.dates()
            assert len(dates) == len(set(dates)) == 200
            assert dates[23:25] == ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]
            assert "2027-03-28T03:00:00+02:00" in dates

    async def test_of_a_flow_that_is_unknown_here_yet_is_run_all_the_same(self, dsn: str) -> None:
        async with scheduled(dsn) as house, scheduled(dsn, begins=False) as other:
            await other.save(a_flow())
            await house.turn_at(FIRST)
            await house.scheduler.wait()
            await house.scheduler.turn()
            assert len(await house.dates()) == 1

    async def test_is_waited_for(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            await house.turn_at(FIRST - timedelta(seconds=30))
            waiting = asyncio.create_task(house.scheduler.wait())
            while house.clock.next_due() is None:  # noqa: ASYNC110 – the task has to come to its turn
                await asyncio.sleep(0)
            assert house.clock.next_due() == FIRST
            house.clock.move_to(FIRST)
            await waiting
            await house.scheduler.turn()
            assert len(await house.dates()) == 1


class TestOnce:
    @pytest.mark.parametrize("stored", [False, True], ids=["before", "after"])
    async def test_a_failed_commit_neither_loses_nor_doubles_a_date(self, dsn: str, *, stored: bool) -> None:
        async with scheduled(dsn, journal=Failing(a_trigger_journal(dsn), stored=stored)) as house:
            await house.save(a_flow())
            with pytest.raises(JournalError):
                await house.turn_at(FIRST)
            await house.scheduler.begin()
            await house.turn()
            assert len(await house.dates()) == 1

    async def test_a_restart_in_the_middle_neither_loses_nor_doubles_a_date(self, dsn: str) -> None:
        clock = ManualClock()
        async with scheduled(dsn, clock=clock) as house:
            await house.save(a_flow(cron="0 * * * *"))
        for _ in range(6):
            async with scheduled(dsn, clock=clock) as house:
                await house.run_all()
                clock.move(HOUR / 2)
                await house.run_all()
        assert clock.now() == START + 3 * HOUR
        async with scheduled(dsn, clock=clock) as house:
            assert await house.dates() == [f"2026-07-01T{hour}:00:00Z" for hour in (10, 11, 12)]

    async def test_what_people_wrote_meanwhile_counts_and_no_execution_starts(self, dsn: str) -> None:
        journal = Slow(a_trigger_journal(dsn))
        async with scheduled(dsn, journal=journal) as house:
            await house.save(a_flow())
            turning = asyncio.create_task(house.turn_at(FIRST))
            await journal.reached.wait()
            await house.switches.disable("main", EVERY)
            journal.go_on.set()
            await turning
            assert await house.executions() == []
            assert await house.database.fetchval("SELECT count(*) FROM messages") == 0
            assert (await house.trigger()).disabled

    async def test_what_people_wrote_meanwhile_does_not_cost_a_date(self, dsn: str) -> None:
        journal = Slow(a_trigger_journal(dsn))
        async with scheduled(dsn, journal=journal) as house:
            await house.save(a_flow())
            turning = asyncio.create_task(house.turn_at(FIRST))
            await journal.reached.wait()
            await house.switches.enable("main", EVERY)
            journal.go_on.set()
            await turning
            assert len(await house.dates()) == 1

    async def test_who_lost_the_triggers_starts_nothing_more(self, dsn: str) -> None:
        async with scheduled(dsn) as house, scheduled(dsn, begins=False) as other:
            await house.save(a_flow())
            lease = house.journal
            assert isinstance(lease, PostgresTriggerJournal)
            waiting = asyncio.create_task(other.scheduler.begin())
            await house.database.execute("UPDATE leases SET beat = beat - interval '1 minute'")
            await waiting
            with pytest.raises((Fenced, JournalError)):
                await house.turn_at(FIRST)
            assert await house.executions() == []
            await other.registry.load()
            await other.turn_at(FIRST)
            assert len(await other.dates()) == 1


class TestALock:
    async def test_goes_with_the_last_commit_of_the_execution(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            await house.turn_at(FIRST)
            await house.end((await house.executions())[0])
            assert (await house.trigger()).execution_id is None

    @pytest.mark.parametrize("loss", ["DELETE FROM executions", "UPDATE executions SET live = false"])
    async def test_of_an_execution_that_is_not_live_is_void_within_a_minute(self, dsn: str, loss: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow(cron="* * * * *"))
            await house.turn_at(START + MINUTE)
            await house.database.execute(loss)
            house.clock.move(MINUTE)
            await house.scheduler.turn()
            assert (await house.trigger()).record.evaluated == START + 2 * MINUTE

    async def test_is_opened_by_people(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow(cron="0 * * * *"))
            await house.turn_at(START + 3 * HOUR)
            await house.switches.unlock("main", EVERY)
            await house.turn()
            assert len(await house.dates()) == 2


class TestAtTheStart:
    @pytest.mark.parametrize(("missed", "days"), [("ALL", [2, 3, 4]), ("LAST", [4]), ("NONE", [])])
    @pytest.mark.parametrize("written", [True, False], ids=["by the trigger", "by the server"])
    async def test_missed_dates_are_made_up_for_as_wished(
        self, dsn: str, missed: Missed, days: list[int], *, written: bool
    ) -> None:
        clock = ManualClock()
        async with scheduled(dsn, clock=clock, begins=False) as house:
            await house.save(a_flow(f"    recoverMissedSchedules: {missed}" if written else ""))
        clock.move_to(FIRST + 2 * DAY + HOUR)
        async with scheduled(dsn, clock=clock, missed="ALL" if written else missed) as house:
            await house.run_all()
            assert await house.dates() == [f"2026-07-0{day}T02:00:00Z" for day in days]
            assert (await house.trigger()).next_at == FIRST + 3 * DAY

    async def test_dates_that_pass_while_the_journal_is_lost_are_not_missed_ones(self, dsn: str) -> None:
        async with scheduled(dsn, missed="NONE") as house:
            await house.save(a_flow())
            house.clock.move_to(FIRST + HOUR)
            await house.scheduler.begin()
            await house.turn()
            assert len(await house.dates()) == 1

    async def test_a_trigger_that_lost_its_state_gets_one(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            await house.save(a_flow(id="other"))
            await house.switches.forget("main", EVERY)
            kept = await house.trigger(TriggerId("test", "other", "every"))
            await house.enrolment.run()
            assert (await house.trigger()).next_at == FIRST
            assert await house.trigger(TriggerId("test", "other", "every")) == kept

    async def test_a_state_that_was_deleted_comes_back_with_a_save_that_changes_nothing(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow("  - {id: other, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 3 * * *'}"))
            await house.switches.forget("main", EVERY)
            kept = await house.trigger(TriggerId("test", "daily", "other"))
            saved = await house.save(
                a_flow("  - {id: other, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 3 * * *'}")
            )
            assert saved.stored.revision == 1
            await house.turn_at(FIRST)
            assert len(await house.executions()) == 1
            assert await house.trigger(TriggerId("test", "daily", "other")) == kept

    async def test_the_next_date_is_one_for_which_its_conditions_hold_from_the_first_save_on(self, dsn: str) -> None:
        monday = "    when: \"{{ dayOfWeek(trigger.date) == 'MONDAY' }}\""
        async with scheduled(dsn) as house:
            await house.save(a_flow(monday))
            assert (await house.trigger()).next_at == datetime(2026, 7, 6, 2, tzinfo=UTC)
            house.clock.move(7 * DAY)
            assert (await house.switches.restart("main", EVERY)).next_at == datetime(2026, 7, 13, 2, tzinfo=UTC)


class TestTheFlow:
    async def test_that_is_deleted_starts_nothing_more(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            await house.deployment.delete(tenant="main", namespace="test", flow_id="daily")
            await house.turn_at(FIRST)
            assert await house.executions() == []

    async def test_that_is_disabled_starts_nothing_and_misses_nothing(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            await house.turn()
            await house.save(a_flow(top="disabled: true"))
            await house.turn_at(FIRST + 3 * DAY)
            await house.save(a_flow())
            await house.turn()
            assert await house.executions() == []
            await house.turn_at(FIRST + 4 * DAY)
            assert await house.dates() == ["2026-07-06T02:00:00Z"]

    async def test_that_changes_the_schedule_begins_anew(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            await house.turn()
            await house.save(a_flow(cron="0 12 * * *"))
            await house.turn_at(FIRST + DAY)
            assert await house.dates() == ["2026-07-01T12:00:00Z"]

    async def test_that_changes_elsewhere_leaves_the_schedule_alone(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow())
            before = await house.trigger()
            house.clock.move(HOUR)
            await house.save(a_flow(top="description: another"))
            assert await house.trigger() == before

    async def test_whose_source_disables_the_trigger_starts_nothing_until_it_does_not(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow("    disabled: true"))
            await house.turn_at(FIRST + DAY)
            assert (await house.trigger()).next_at is None
            await house.save(a_flow())
            assert not (await house.trigger()).disabled
            await house.turn_at(FIRST + 2 * DAY)
            assert await house.dates() == ["2026-07-04T02:00:00Z"]


class TestWhatCannotBegin:
    INPUT = "inputs:\n  - id: n\n    type: INT"

    async def test_is_an_execution_that_failed_with_a_line_that_says_why(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow('    inputs:\n      n: "{{ trigger.date }}"', top=self.INPUT))
            await house.turn_at(FIRST)
            (execution,) = await house.executions()
            assert [moment.state for moment in execution.state.histories] == [State.CREATED, State.FAILED]
            assert not execution.live
            line = await house.database.fetchrow("SELECT execution_id, trigger_id, level, message FROM logs")
            assert line is not None
            assert (line["execution_id"], line["trigger_id"], line["level"]) == (execution.id, "every", 4)
            assert "n: " in line["message"]
            assert await house.database.fetchval("SELECT sum(n) FROM counts") == 1
            assert await house.database.fetchval("SELECT count(*) FROM messages") == 0
            assert (await house.trigger()).execution_id is None

    async def test_may_be_for_want_of_a_check(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow(top="checks: [{when: \"{{ trigger.date == 'never' }}\", message: not now}]"))
            await house.turn_at(FIRST)
            (execution,) = await house.executions()
            assert (execution.state.current, execution.live) == (State.FAILED, False)
            assert "not now" in await house.database.fetchval("SELECT message FROM logs")

    async def test_fails_once_a_date(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow('    when: "{{ trigger.nothing }}"'))
            await house.turn_at(FIRST + DAY)
            assert [each.state.current for each in await house.executions()] == [State.FAILED, State.FAILED]

    async def test_a_plugin_that_breaks_stops_its_own_trigger_only(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow(kind=MOODY))
            await house.save(a_flow(id="other", cron="0 * * * *"))
            await house.turn_at(START + HOUR)
            state = await house.trigger()
            assert state.next_at is None
            assert "no mood for it" in str(state.record.reason)
            assert len(await house.dates()) == 1


class TestTheWorld:
    async def test_that_is_asked_does_not_hold_up_the_others(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            house.world.values["kv"] = "true"
            house.world.gate.clear()
            await house.save(a_flow("    when: \"{{ kv('go') }}\""))
            await house.save(a_flow(id="other"))
            await house.turn_at(FIRST)
            assert [each.flow_id for each in await house.executions()] == ["other"]
            house.world.gate.set()
            await house.scheduler.wait()
            await house.scheduler.turn()
            assert sorted(each.flow_id for each in await house.executions()) == ["daily", "other"]

    async def test_is_asked_by_inputs_too(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            house.world.values["secret"] = "word"
            await house.save(
                a_flow("    inputs:\n      pass: \"{{ secret('P') }}\"", top="inputs:\n  - id: pass\n    type: STRING")
            )
            await house.turn_at(FIRST)
            await house.scheduler.wait()
            await house.scheduler.turn()
            assert [each.inputs for each in await house.executions()] == [{"pass": "word"}]


class TestStopAfter:
    async def test_an_end_in_a_named_state_switches_the_trigger_off(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            await house.save(a_flow("    stopAfter: [FAILED]"))
            await house.turn_at(FIRST)
            await house.end((await house.executions())[0])
            await house.turn_at(FIRST + DAY)
            await house.end((await house.executions())[1], State.FAILED)
            house.scheduler.note((await house.trigger()).key)
            await house.scheduler.turn()
            state = await house.trigger()
            assert state.disabled
            assert "stopAfter" in str(state.record.reason)
            await house.turn_at(FIRST + 9 * DAY)
            assert len(await house.dates()) == 2

    async def test_is_remembered_over_a_restart(self, dsn: str) -> None:
        clock = ManualClock()
        async with scheduled(dsn, clock=clock) as house:
            await house.save(a_flow("    stopAfter: [FAILED]"))
            await house.turn_at(FIRST)
            await house.end((await house.executions())[0], State.FAILED)
        clock.move(DAY)
        async with scheduled(dsn, clock=clock) as house:
            await house.turn()
            assert (await house.trigger()).disabled
            assert len(await house.dates()) == 1


class TestManyTriggers:
    async def test_are_read_decided_and_stored_together(self, dsn: str) -> None:
        async with scheduled(dsn) as house:
            for number in range(5):
                await house.save(many(f"flow{number}", count=100))
            await house.turn()
            assert await house.executions() == []
            await house.turn_at(FIRST)
            assert len(await house.dates()) == 500
            assert await house.database.fetchval("SELECT count(DISTINCT execution_id) FROM triggers") == 500


def many(flow_id: str, *, count: int) -> str:
    """A flow with as many triggers."""
    one = '  - {{id: t{number}, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 2 * * *"}}'
    head = a_flow(id=flow_id).partition("triggers:")[0]
    return "\n".join([f"{head}triggers:", *(one.format(number=number) for number in range(count))])


async def test_by_itself_it_hears_of_a_flow_and_writes_to_the_executor(dsn: str) -> None:
    async with scheduled(dsn, begins=False) as house, a_journal(dsn) as executor:
        mailbox = PostgresMailbox(dsn, house.listener, epoch=lambda: executor.epoch)
        letters = mailbox.letters()
        async with house.scheduler.running():
            await house.save(a_flow(cron="35 9 * * *"))
            house.clock.move(timedelta(minutes=5))
            (letter,) = await anext(letters)
        await letters.aclose()
        (execution,) = await house.executions()
        assert letter.execution_id == execution.id
        assert isinstance(letter.event, Created)
