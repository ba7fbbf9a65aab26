"""What a date of a trigger leads to, decided without a clock, a database or dice."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tiercel.definition import read
from tiercel.engine import FlowContext, World
from tiercel.engine.conditions import read_conditions
from tiercel.engine.firing import Fired, Firing, Occasion, refused
from tiercel.engine.triggers import Missed, TriggerContext, caught_up, fire
from tiercel.expression import Failed, Unanswered
from tiercel.model.execution import Label
from tiercel.model.ids import shard_of
from tiercel.model.states import State
from tiercel.model.trigger import Backfill, TriggerRecord, TriggerState
from tiercel.plugins.trigger.schedule import Schedule

UTC_ZONE = ZoneInfo("UTC")
PARIS = ZoneInfo("Europe/Paris")
MIDNIGHT = datetime(2026, 7, 1, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def a_context(written: str = "", *, cron: str = "0 2 * * *", zone: ZoneInfo = UTC_ZONE) -> TriggerContext:
    source = f"""
id: daily
namespace: test
variables:
  team: night
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: hello
triggers:
  - id: every
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "{cron}"
{written}"""
    flow = read(source).flow
    assert flow is not None
    context = FlowContext.of(flow, revision=3, tenant="main", world=World(zone=zone), instant=frozenset())
    [trigger] = flow.triggers
    schedule = Schedule.model_validate(trigger.properties)
    return TriggerContext(context, trigger, schedule, read_conditions(trigger))


def a_state(next_at: datetime | None = MIDNIGHT + 2 * HOUR, **given: Any) -> TriggerState:
    state = TriggerState(
        key=7,
        version=4,
        shard=99,
        tenant="main",
        namespace="test",
        flow_id="daily",
        trigger_id="every",
        kind="SCHEDULE",
        next_at=next_at,
        disabled=False,
        execution_id=None,
        backfill=None,
        record=TriggerRecord(),
        updated=MIDNIGHT,
    )
    return replace(state, **given)


def decided(
    context: TriggerContext, state: TriggerState, at: datetime = MIDNIGHT + 3 * HOUR, **known: Mapping[str, Any]
) -> Fired:
    return fire(context, state, Occasion(at=at, seed=1, **known))


def firing(fired: Fired) -> Firing:
    assert fired.firing is not None
    return fired.firing


def freed(state: TriggerState) -> TriggerState:
    """As it is when its execution is over."""
    return replace(state, execution_id=None, version=state.version + 1)


def dates(context: TriggerContext, state: TriggerState, at: datetime) -> list[str]:
    """What is started one after the other until nothing is due."""
    found: list[str] = []
    while (fired := decided(context, state, at)).firing is not None:
        found.append(fired.firing.variables["date"])
        state = freed(fired.state)
    return found


class TestADate:
    def test_that_has_come_starts_an_execution_and_gives_way_to_the_next(self) -> None:
        fired = decided(a_context(), a_state())
        assert firing(fired).date == MIDNIGHT + 2 * HOUR
        assert firing(fired).variables == {
            "date": "2026-07-01T02:00:00Z",
            "next": "2026-07-02T02:00:00Z",
            "previous": "2026-06-30T02:00:00Z",
        }
        assert fired.state.next_at == MIDNIGHT + DAY + 2 * HOUR
        assert fired.state.execution_id == firing(fired).execution_id
        assert fired.state.record.evaluated == MIDNIGHT + 2 * HOUR
        assert fired.state.record.last_triggered == MIDNIGHT + 3 * HOUR

    def test_that_has_not_come_starts_nothing(self) -> None:
        state = a_state()
        assert decided(a_context(), state, MIDNIGHT) == Fired(state)

    def test_names_its_execution(self) -> None:
        once, twice = (decided(a_context(), a_state()) for _ in range(2))
        assert once == twice
        assert shard_of(firing(once).execution_id) == 99
        assert firing(decided(a_context(), a_state(version=5))).execution_id != firing(once).execution_id

    def test_waits_while_the_execution_before_runs(self) -> None:
        state = a_state(execution_id="0running")
        assert decided(a_context(), state) == Fired(state)

    def test_does_not_wait_where_executions_may_overlap(self) -> None:
        for state in (a_state(), a_state(execution_id="0running")):
            fired = decided(a_context("    allowConcurrent: true"), state)
            assert fired.firing is not None
            assert fired.state.execution_id is None

    def test_that_was_missed_is_run_with_its_own_date(self) -> None:
        late = MIDNIGHT + 3 * DAY + 3 * HOUR
        assert dates(a_context(), a_state(), late) == [f"2026-07-0{day}T02:00:00Z" for day in (1, 2, 3, 4)]

    def test_that_is_too_late_is_left_out(self) -> None:
        context = a_context("    lateMaximumDelay: PT1H", cron="0 * * * *")
        assert dates(context, a_state(), MIDNIGHT + 10 * HOUR) == ["2026-07-01T09:00:00Z", "2026-07-01T10:00:00Z"]
        assert decided(a_context("    lateMaximumDelay: PT1H"), a_state(), MIDNIGHT + 10 * HOUR) == Fired(
            a_state(MIDNIGHT + DAY + 2 * HOUR)
        )

    @pytest.mark.parametrize("state", [a_state(disabled=True), a_state(next_at=None)])
    def test_starts_nothing_where_the_trigger_is_off(self, state: TriggerState) -> None:
        assert decided(a_context(), state) == Fired(state)

    def test_of_a_trigger_that_its_source_disables_is_forgotten(self) -> None:
        fired = decided(a_context("    disabled: true"), a_state())
        assert (fired.firing, fired.state.next_at, fired.state.disabled) == (None, None, False)

    def test_of_a_trigger_that_an_expression_disables_is_passed_over(self) -> None:
        written = "    disabled: \"{{ vars.team == 'night' }}\""
        fired = decided(a_context(written), a_state())
        assert (fired.firing, fired.state.next_at) == (None, MIDNIGHT + DAY + 2 * HOUR)
        assert decided(a_context(written.replace("==", "!=")), a_state()).firing is not None


class TestClocksThatChange:
    def test_a_time_in_the_spring_gap_comes_at_its_end(self) -> None:
        context = a_context(cron="30 2 * * *", zone=PARIS)
        start = a_state(datetime(2026, 3, 28, 1, 30, tzinfo=UTC))
        assert dates(context, start, datetime(2026, 3, 30, 12, tzinfo=UTC)) == [
            "2026-03-28T02:30:00+01:00",
            "2026-03-29T03:00:00+02:00",
            "2026-03-30T02:30:00+02:00",
        ]

    def test_a_time_that_comes_twice_in_the_autumn_counts_once(self) -> None:
        context = a_context(cron="30 2 * * *", zone=PARIS)
        start = a_state(datetime(2026, 10, 24, 0, 30, tzinfo=UTC))
        assert dates(context, start, datetime(2026, 10, 26, 12, tzinfo=UTC)) == [
            "2026-10-24T02:30:00+02:00",
            "2026-10-25T02:30:00+02:00",
            "2026-10-26T02:30:00+01:00",
        ]

    def test_every_half_hour_is_every_half_hour_in_either_night(self) -> None:
        context = a_context(cron="*/30 * * * *", zone=PARIS)
        for night in (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)):
            assert len(dates(context, a_state(night), night + 6 * HOUR)) == 13

    @given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.sampled_from(["30 2 * * *", "*/7 * * * *"]))
    def test_dates_only_grow(self, start: datetime, cron: str) -> None:
        context = a_context(cron=cron, zone=PARIS)
        at = start.replace(tzinfo=UTC)
        fired = decided(context, a_state(at), at)
        assert fired.state.next_at is not None
        assert timedelta() < fired.state.next_at - at <= 2 * DAY


class TestWhen:
    WEEKEND = '    when: "{{ isWeekend(trigger.date) }}"'

    def test_leaves_out_the_dates_for_which_it_is_false(self) -> None:
        assert dates(a_context(self.WEEKEND), a_state(), MIDNIGHT + 12 * DAY) == [
            f"2026-07-{day}T02:00:00Z" for day in ("04", "05", "11", "12")
        ]

    def test_of_1x_is_a_condition_in_either_of_two_places(self) -> None:
        for place in ("conditions", "scheduleConditions"):
            written = f"    {place}:\n      - type: io.kestra.plugin.core.condition.Weekend"
            assert dates(a_context(written), a_state(), MIDNIGHT + 5 * DAY) == [
                "2026-07-04T02:00:00Z",
                "2026-07-05T02:00:00Z",
            ]

    def test_of_1x_counts_beside_the_present_one(self) -> None:
        written = f"{self.WEEKEND}\n    conditions:\n      - {{type: core.condition.DayWeek, dayOfWeek: SUNDAY}}"
        fired = decided(a_context(written), a_state(), MIDNIGHT + 5 * DAY)
        assert firing(fired).variables["date"] == "2026-07-05T02:00:00Z"
        assert fired.state.next_at == MIDNIGHT + 11 * DAY + 2 * HOUR

    def test_looks_ahead_so_that_neighbours_and_the_next_date_are_ones_that_count(self) -> None:
        saturday = MIDNIGHT + 3 * DAY + 2 * HOUR
        fired = decided(a_context(self.WEEKEND), a_state(saturday + DAY), saturday + 2 * DAY)
        assert firing(fired).variables["next"] == "2026-07-11T02:00:00Z"
        assert firing(fired).variables["previous"] == "2026-07-04T02:00:00Z"
        assert fired.state.next_at == saturday + 7 * DAY

    def test_that_depends_on_the_moment_is_asked_when_the_date_has_come(self) -> None:
        written = "    when: \"{{ now() | date('yyyy') == '2026' and isWeekend(trigger.date) }}\""
        fired = decided(a_context(written), a_state(), MIDNIGHT + 3 * HOUR)
        assert (fired.firing, fired.state.next_at) == (None, MIDNIGHT + DAY + 2 * HOUR)
        assert fired.state.record.evaluated == MIDNIGHT + 2 * HOUR

    def test_that_asks_the_world_is_decided_with_the_answer(self) -> None:
        context = a_context("    when: \"{{ kv('go') }}\"")
        with pytest.raises(Unanswered) as question:
            decided(context, a_state())
        key = question.value.call.key
        assert decided(context, a_state(), answers={key: "true"}).firing is not None
        assert decided(context, a_state(), answers={key: "false"}).firing is None
        assert "no such key" in str(firing(decided(context, a_state(), answers={key: Failed("no such key")})).error)

    def test_that_cannot_be_rendered_gives_an_execution_that_fails_once_a_date(self) -> None:
        fired = decided(a_context('    when: "{{ trigger.nothing }}"'), a_state())
        assert "its condition cannot be rendered" in str(firing(fired).error)
        assert (fired.state.execution_id, fired.state.next_at) == (None, MIDNIGHT + DAY + 2 * HOUR)

    def test_that_never_holds_does_not_take_for_ever(self) -> None:
        context = a_context("    when: \"{{ trigger.date == 'never' }}\"", cron="* * * * *")
        fired = decided(context, a_state(MIDNIGHT), MIDNIGHT + 300 * DAY)
        assert fired.firing is None
        assert fired.state.next_at is not None
        assert fired.state.next_at > MIDNIGHT

    @pytest.mark.parametrize(
        ("written", "runs"), [("true", True), ("false", False), ('"false"', False), ('"0"', False)]
    )
    def test_may_be_a_plain_word(self, written: str, runs: bool) -> None:
        assert (decided(a_context(f"    when: {written}"), a_state()).firing is not None) is runs


class TestWhatTheExecutionGets:
    WRITTEN = """    inputs:
      day: "{{ trigger.date }}"
      tries: "{{ 1 + 1 }}"
    labels:
      team: "{{ vars.team }}"
      lost: "{{ vars.nobody }}"
"""

    def test_inputs_and_labels_are_rendered_with_the_date(self) -> None:
        found = firing(decided(a_context(self.WRITTEN), a_state()))
        assert found.inputs == {"day": "2026-07-01T02:00:00Z", "tries": 2}
        assert found.labels == (Label("team", "night"),)
        assert len(found.warnings) == 1
        assert "`lost`" in found.warnings[0]

    def test_inputs_that_cannot_be_rendered_let_it_fail(self) -> None:
        fired = decided(a_context('    inputs:\n      day: "{{ trigger.nothing }}"'), a_state())
        assert "inputs cannot be rendered" in str(firing(fired).error)
        assert fired.state.execution_id is None

    def test_inputs_that_are_refused_later_let_it_fail_too(self) -> None:
        context = a_context()
        fired = refused(context.trigger, decided(context, a_state()), "n: is no number")
        assert firing(fired).error == "n: is no number"
        assert (fired.state.execution_id, fired.state.next_at) == (None, MIDNIGHT + DAY + 2 * HOUR)


class TestStopAfter:
    WRITTEN = "    stopAfter: [FAILED, KILLED]"

    def test_an_execution_is_watched_until_it_has_ended(self) -> None:
        context = a_context(self.WRITTEN)
        fired = decided(context, a_state())
        identifier = firing(fired).execution_id
        assert fired.state.record.watched == (identifier,)
        well = decided(context, freed(fired.state), ended={identifier: State.SUCCESS}).state
        assert (well.disabled, well.record.watched) == (False, ())

    def test_one_that_ends_in_a_named_state_switches_the_trigger_off(self) -> None:
        context = a_context(self.WRITTEN)
        fired = decided(context, a_state())
        badly = decided(context, freed(fired.state), ended={firing(fired).execution_id: State.KILLED}).state
        assert (badly.disabled, badly.record.watched) == (True, ())
        assert "KILLED" in str(badly.record.reason)
        assert decided(context, badly, MIDNIGHT + 9 * DAY).firing is None

    def test_one_that_is_gone_does_not(self) -> None:
        context = a_context(self.WRITTEN)
        fired = decided(context, a_state())
        assert not decided(context, freed(fired.state), ended={firing(fired).execution_id: None}).state.disabled

    def test_one_that_fails_before_it_begins_does_so_at_once(self) -> None:
        fired = decided(a_context(f'{self.WRITTEN}\n    inputs:\n      day: "{{{{ trigger.nothing }}}}"'), a_state())
        assert firing(fired).error is not None
        assert fired.state.disabled


class TestBackfill:
    START = MIDNIGHT - 10 * DAY

    def a_backfilled(self, **given: Any) -> TriggerState:
        backfill = Backfill(
            start=self.START,
            end=self.START + 3 * DAY,
            current_date=self.START + 2 * HOUR,
            previous_next_execution_date=MIDNIGHT + DAY,
        )
        return a_state(self.START + 2 * HOUR, backfill=replace(backfill, **given))

    def test_runs_its_dates_and_gives_back_the_one_it_took_the_place_of(self) -> None:
        context, state = a_context("    lateMaximumDelay: PT1M"), self.a_backfilled()
        found: list[str] = []
        while state.backfill is not None:
            assert state.next_at == state.backfill.current_date
            fired = decided(context, state, MIDNIGHT)
            found.append(firing(fired).variables["date"])
            state = freed(fired.state)
        assert found == [f"2026-06-{day}T02:00:00Z" for day in (21, 22, 23)]
        assert state.next_at == MIDNIGHT + DAY

    def test_starts_nothing_while_it_is_paused_or_locked(self) -> None:
        for state in (self.a_backfilled(paused=True), replace(self.a_backfilled(), execution_id="0running")):
            assert decided(a_context(), state, MIDNIGHT) == Fired(state)

    def test_its_inputs_and_labels_win(self) -> None:
        context = a_context("    inputs:\n      day: today\n      keep: me\n    labels:\n      team: a")
        state = self.a_backfilled(inputs={"day": "{{ trigger.date }}"}, labels=[{"key": "bf", "value": "1"}])
        found = firing(decided(context, state, MIDNIGHT))
        assert found.inputs == {"day": "2026-06-21T02:00:00Z", "keep": "me"}
        assert found.labels == (Label("team", "a"), Label("bf", "1"))

    def test_without_a_date_that_counts_ends_at_once(self) -> None:
        context = a_context("    when: \"{{ trigger.date == 'never' }}\"")
        fired = decided(context, self.a_backfilled(), MIDNIGHT)
        assert (fired.firing, fired.state.backfill, fired.state.next_at) == (None, None, MIDNIGHT + DAY)

    def test_is_not_touched_by_what_was_missed(self) -> None:
        state = self.a_backfilled()
        assert caught_up(a_context(), state, at=MIDNIGHT, missed="NONE") == state


class TestAtTheStart:
    @pytest.mark.parametrize(
        ("missed", "found"),
        [
            ("ALL", ["2026-07-01T02:00:00Z", "2026-07-02T02:00:00Z", "2026-07-03T02:00:00Z"]),
            ("LAST", ["2026-07-03T02:00:00Z"]),
            ("NONE", []),
        ],
    )
    def test_missed_dates_are_made_up_for_as_wished(self, missed: Missed, found: list[str]) -> None:
        now = MIDNIGHT + 2 * DAY + 12 * HOUR
        state = caught_up(a_context(), a_state(), at=now, missed=missed)
        assert dates(a_context(), state, now) == found
        assert caught_up(a_context(), state, at=now, missed=missed) == state

    def test_the_last_missed_date_is_one_that_counts(self) -> None:
        now = MIDNIGHT + 8 * DAY
        state = caught_up(a_context(TestWhen.WEEKEND), a_state(), at=now, missed="LAST")
        assert dates(a_context(TestWhen.WEEKEND), state, now) == ["2026-07-05T02:00:00Z"]

    def test_a_date_that_is_just_now_is_the_last_one(self) -> None:
        now = MIDNIGHT + 3 * DAY + 2 * HOUR
        assert caught_up(a_context(), a_state(), at=now, missed="LAST").next_at == now

    def test_a_date_to_come_stays(self) -> None:
        state = a_state(MIDNIGHT + HOUR)
        assert caught_up(a_context(), state, at=MIDNIGHT, missed="NONE") == state


class TestDatesThatCameWhileAnExecutionRan:
    """The trigger was held from the date at 2:00 on the first until the execution was over on the third."""

    FREED = MIDNIGHT + 2 * DAY + 5 * HOUR

    def after(self, overlap: str, *, freed: datetime | None = FREED, at: datetime = FREED + MINUTE) -> Fired:
        context = a_context(f"    overlap: {overlap}" if overlap else "")
        return decided(context, a_state(MIDNIGHT + DAY + 2 * HOUR, freed=freed), at)

    @pytest.mark.parametrize("overlap", ["", "QUEUE"])
    def test_all_are_run_where_nothing_else_is_said(self, overlap: str) -> None:
        assert firing(self.after(overlap)).date == MIDNIGHT + DAY + 2 * HOUR

    def test_the_last_alone(self) -> None:
        fired = self.after("LATEST")
        assert firing(fired).date == MIDNIGHT + 2 * DAY + 2 * HOUR
        assert fired.state.next_at == MIDNIGHT + 3 * DAY + 2 * HOUR

    def test_none_of_them(self) -> None:
        fired = self.after("SKIP")
        assert (fired.firing, fired.state.next_at) == (None, MIDNIGHT + 3 * DAY + 2 * HOUR)

    def test_a_date_that_came_after_it_was_let_go_is_run(self) -> None:
        late = self.after("SKIP", at=MIDNIGHT + 3 * DAY + 3 * HOUR)
        assert firing(late).date == MIDNIGHT + 3 * DAY + 2 * HOUR

    @pytest.mark.parametrize("overlap", ["LATEST", "SKIP"])
    def test_dates_missed_while_no_server_ran_are_another_matter(self, overlap: str) -> None:
        assert firing(self.after(overlap, freed=None)).date == MIDNIGHT + DAY + 2 * HOUR

    def test_what_held_it_is_forgotten_with_the_next_date(self) -> None:
        assert self.after("LATEST").state.freed is None


class TestParallelBackfills:
    def state(self, *running: str) -> TriggerState:
        backfill = Backfill(
            start=MIDNIGHT, end=MIDNIGHT + 9 * DAY, current_date=MIDNIGHT, parallelism=2, running=running
        )
        return a_state(backfill=backfill)

    def test_a_date_is_started_beside_others_and_locks_nothing(self) -> None:
        fired = decided(a_context(), self.state("one"))
        assert fired.state.backfill is not None
        assert fired.state.backfill.running == ("one", firing(fired).execution_id)
        assert fired.state.execution_id is None

    def test_as_many_as_may_run_hold_the_next_date(self) -> None:
        assert decided(a_context(), self.state("one", "two")).firing is None

    def test_the_end_of_one_makes_room(self) -> None:
        fired = decided(a_context(), self.state("one", "two"), ended={"one": State.FAILED})
        assert fired.state.backfill is not None
        assert fired.state.backfill.running == ("two", firing(fired).execution_id)

    def test_one_that_cannot_begin_takes_no_room(self) -> None:
        fired = decided(a_context('    inputs: {x: "{{ nowhere }}"}'), self.state("one"))
        assert firing(fired).error is not None
        assert fired.state.backfill is not None
        assert (fired.state.backfill.running, fired.state.backfill.started) == (("one",), 1)
