"""When a trigger is given to the workers, and what their answer leads to, decided without a clock or a worker."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.engine.test_triggers import UTC_ZONE, a_state

from tiercel.definition import read
from tiercel.engine import FlowContext, World
from tiercel.engine.conditions import read_conditions
from tiercel.engine.firing import Fired, Firing, Occasion
from tiercel.engine.polls import LONGEST_REST, PollContext, event, look
from tiercel.model.execution import Label
from tiercel.model.ids import shard_of
from tiercel.model.log import Level
from tiercel.model.states import State
from tiercel.model.trigger import Evaluation, Finding, TriggerRecord, TriggerState

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def a_context(written: str = "", *, interval: timedelta | None = MINUTE) -> PollContext:
    """A poll, or a stream where there is no interval."""
    source = f"""
id: watching
namespace: test
variables:
  place: nest
  other: attic
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: hello
triggers:
  - id: watch
    type: io.test.Box
    name: "{{{{ vars.place }}}}"
{written}"""
    flow = read(source).flow
    assert flow is not None
    context = FlowContext.of(flow, revision=3, tenant="main", world=World(zone=UTC_ZONE), instant=frozenset())
    [trigger] = flow.triggers
    return PollContext(context, trigger, interval, read_conditions(trigger))


def a_poll(**given: Any) -> TriggerState:
    return a_state(given.pop("next_at", NOON), kind="POLLING", trigger_id="watch", **given)


def asked(context: PollContext, state: TriggerState, at: datetime = NOON) -> TriggerState:
    """The state once a worker has been asked, as it is read from its row."""
    fired = look(context, state, Occasion(at=at, seed=1))
    assert fired.job is not None
    assert fired.firing is None
    return replace(fired.state, version=state.version + 1)


def answered(context: PollContext, state: TriggerState, finding: Finding, at: datetime = NOON + SECOND) -> Fired:
    assert state.evaluation is not None
    evaluation = replace(state.evaluation, worker="w", finding=finding)
    return look(context, replace(state, evaluation=evaluation), Occasion(at=at, seed=2))


def the_firing(fired: Fired) -> Firing:
    assert fired.firing is not None
    return fired.firing


class TestAsking:
    def test_comes_when_the_date_has_and_tells_the_worker_what_it_needs(self) -> None:
        fired = look(a_context("    logLevel: WARN"), a_poll(), Occasion(at=NOON + SECOND, seed=9))
        assert fired.state == replace(a_poll(), evaluation=Evaluation(NOON + SECOND))
        job = fired.job
        assert job is not None
        assert job.trigger is not None
        assert (job.task_id, job.type, job.log_level, job.seed) == ("watch", "io.test.Box", "WARN", 9)
        assert (job.trigger.id, job.trigger.date, job.trigger.last) == ("watch", NOON, None)
        assert job.properties == {"name": "{{ vars.place }}"}
        assert job.variables == {"vars": {"place": "nest"}}
        assert shard_of(job.execution_id) == 99

    @pytest.mark.parametrize(
        "state",
        [
            a_poll(next_at=NOON + SECOND),
            a_poll(next_at=None),
            a_poll(disabled=True),
            a_poll(execution_id="0running"),
            a_poll(evaluation=Evaluation(NOON)),
            a_poll(evaluation=Evaluation(NOON, "w")),
        ],
        ids=["not due", "never due", "switched off", "its execution runs", "waits for a worker", "is with a worker"],
    )
    def test_does_not_come(self, state: TriggerState) -> None:
        assert look(a_context(), state, Occasion(at=NOON, seed=1)) == Fired(state)

    def test_comes_beside_an_execution_where_they_may_overlap(self) -> None:
        asked(a_context("    allowConcurrent: true"), a_poll(execution_id="0running"))

    def test_does_not_come_where_the_source_disables_the_trigger(self) -> None:
        fired = look(a_context("    disabled: true"), a_poll(), Occasion(at=NOON, seed=1))
        assert fired == Fired(a_poll(next_at=None))

    def test_waits_an_interval_where_a_condition_is_false_for_the_date(self) -> None:
        for written in (
            """    when: "{{ trigger.date | date('HH') == '11' }}\"""",
            "    conditions: [{type: io.kestra.plugin.core.condition.DayWeek, dayOfWeek: MONDAY}]",
        ):
            fired = look(a_context(written), a_poll(), Occasion(at=NOON, seed=1))
            assert (fired.job, fired.state.next_at) == (None, NOON + MINUTE)

    def test_leaves_a_line_where_a_condition_breaks(self) -> None:
        fired = look(a_context('    when: "{{ nothing.there }}"'), a_poll(), Occasion(at=NOON, seed=1))
        assert (fired.job, fired.firing, fired.state.next_at) == (None, None, NOON + MINUTE)
        [(level, message)] = fired.lines
        assert level is Level.ERROR
        assert "condition cannot be rendered" in message

    def test_is_one_look_however_many_intervals_were_missed(self) -> None:
        late = NOON + 100 * MINUTE
        fired = answered(a_context(), asked(a_context(), a_poll(), late), Finding(), late + SECOND)
        assert fired.state.next_at == late + SECOND + MINUTE


class TestAnAnswer:
    def test_of_nothing_waits_for_the_next_look(self) -> None:
        fired = answered(a_context(), asked(a_context(), a_poll()), Finding())
        record = TriggerRecord(evaluated=NOON)
        next_at = NOON + SECOND + MINUTE
        assert fired == Fired(replace(a_poll(next_at=next_at, record=record), version=5))

    def test_of_something_starts_the_execution_that_the_worker_was_told_of(self) -> None:
        context = a_context('    inputs: {egg: "{{ trigger.egg }}"}\n    labels: {team: "{{ vars.place }}"}')
        fired = look(context, a_poll(), Occasion(at=NOON, seed=1))
        firing = the_firing(found := answered(context, asked(context, a_poll()), Finding({"egg": 3})))
        assert fired.job is not None
        assert firing.execution_id == fired.job.execution_id == found.state.execution_id
        assert (firing.variables, firing.inputs, firing.labels) == ({"egg": 3}, {"egg": 3}, (Label("team", "nest"),))
        assert found.state.evaluation is None
        assert found.state.record == TriggerRecord(evaluated=NOON, last_triggered=NOON + SECOND)

    def test_locks_nothing_where_executions_may_overlap(self) -> None:
        context = a_context("    allowConcurrent: true")
        assert answered(context, asked(context, a_poll()), Finding({})).state.execution_id is None

    def test_watches_the_execution_where_its_end_may_switch_the_trigger_off(self) -> None:
        context = a_context("    stopAfter: [FAILED]")
        fired = answered(context, asked(context, a_poll()), Finding({}))
        identifier = the_firing(fired).execution_id
        assert fired.state.record.watched == (identifier,)
        over = replace(fired.state, execution_id=None)
        ended = look(context, over, Occasion(at=NOON + SECOND, seed=1, ended={identifier: State.FAILED}))
        assert ended.state.disabled

    def test_is_not_waited_for_where_an_execution_switches_the_trigger_off(self) -> None:
        context = a_context("    stopAfter: [FAILED]")
        state = asked(context, a_poll(record=TriggerRecord(watched=("0a",))))
        fired = look(context, state, Occasion(at=NOON, seed=1, ended={"0a": State.FAILED}))
        assert (fired.state.disabled, fired.state.evaluation, fired.firing) == (True, None, None)

    def test_of_an_error_starts_nothing(self) -> None:
        fired = answered(a_context(), asked(a_context(), a_poll()), Finding(error="no way"))
        assert (fired.firing, fired.state.next_at) == (None, NOON + SECOND + MINUTE)

    def test_of_an_error_is_an_execution_that_failed_where_the_flow_asks_for_it(self) -> None:
        context = a_context("    failOnTriggerError: true")
        fired = answered(context, asked(context, a_poll()), Finding(error="no way"))
        assert the_firing(fired).error == "no way"
        assert (fired.state.execution_id, fired.state.next_at) == (None, NOON + SECOND + MINUTE)

    def test_names_its_execution_whenever_it_is_decided(self) -> None:
        state = asked(a_context(), a_poll())
        one, two = (answered(a_context(), state, Finding({}), NOON + at * SECOND) for at in (1, 50))
        assert the_firing(one).execution_id == the_firing(two).execution_id


class TestAStream:
    def test_has_no_date_while_it_runs(self) -> None:
        assert asked(a_context(interval=None), a_poll()).next_at is None

    def test_is_asked_for_whatever_its_condition_says_of_events(self) -> None:
        asked(a_context('    when: "{{ trigger.value == 1 }}"', interval=None), a_poll())

    def test_begins_again_twice_as_late_after_each_that_broke_and_people_are_told_once(self) -> None:
        context, state, at = a_context(interval=None), a_poll(), NOON
        rests: list[float] = []
        told: list[bool] = []
        for _ in range(8):
            fired = answered(context, asked(context, state, at), Finding(error="shut"), at)
            assert fired.state.next_at is not None
            rests.append((fired.state.next_at - at).total_seconds())
            told.append(fired.firing is not None)
            state, at = fired.state, fired.state.next_at
        assert rests == [1, 2, 4, 8, 16, 32, 60, 60]
        assert told == [True] + [False] * 7

    def test_that_gave_events_begins_again_soon_and_nobody_is_told(self) -> None:
        state = a_poll(record=TriggerRecord(failures=5))
        context = a_context(interval=None)
        fired = answered(context, asked(context, state), Finding(error="shut", events=7))
        assert (fired.firing, fired.state.next_at, fired.state.record.failures) == (None, NOON + 2 * SECOND, 1)

    @given(st.integers(0, 10_000), st.booleans(), st.integers(0, 3))
    def test_rests_neither_for_ever_nor_not_at_all(self, failures: int, broke: bool, events: int) -> None:
        state = a_poll(record=TriggerRecord(failures=failures))
        finding = Finding(error="shut" if broke else None, events=events)
        fired = answered(a_context(interval=None), asked(a_context(interval=None), state), finding, NOON)
        assert fired.state.next_at is not None
        assert SECOND <= fired.state.next_at - NOON <= LONGEST_REST

    def test_starts_an_execution_for_an_event_that_its_condition_is_true_of(self) -> None:
        context = a_context(
            '    when: "{{ trigger.value > 1 }}"\n    inputs: {n: "{{ trigger.value }}"}', interval=None
        )
        assert event(context, "0a", {"value": 1}, Occasion(at=NOON, seed=1)) is None
        firing = event(context, "0a", {"value": 2}, Occasion(at=NOON, seed=1))
        assert firing is not None
        assert (firing.execution_id, firing.inputs, firing.variables) == ("0a", {"n": 2}, {"value": 2})
