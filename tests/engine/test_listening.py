"""What a Flow trigger hears, what it collects in its window, and when it starts its flow."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tiercel.engine.conditions import Heard, Scene
from tiercel.engine.listening import Listening, hear, merged_outputs, observe, read_listening
from tiercel.engine.windows import Collected, Seen
from tiercel.expression import Surroundings
from tiercel.model.execution import Label
from tiercel.model.flow import Trigger
from tiercel.model.states import State

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 7, 1, 10, tzinfo=UTC)
"""12:00 in Paris."""
HOUR = timedelta(hours=1)
A_AND_B = "dependsOn: [{flowId: a}, {flowId: b}]"
NEW_YORK = "timezone: America/New_York"


def a_listening(written: str) -> Listening:
    properties: dict[str, Any] = yaml.safe_load(written)
    return read_listening(Trigger.model_validate({"id": "t", "type": "core.trigger.Flow", **properties}))


def an_execution(flow_id: str = "a", state: State = State.SUCCESS, **given: Any) -> Heard:
    return Heard(**{"namespace": "company.team", "flow_id": flow_id, "state": state} | given)


def a_scene(heard: Heard, at: datetime = NOON) -> Scene:
    names = {"trigger": {"outputs": heard.outputs or {}, "state": heard.state.value}, "flow": {"id": "listener"}}
    surroundings = Surroundings(at=at, zone=PARIS, seed=1)
    return Scene(names=names, surroundings=surroundings, namespace="company", flow_id="listener", heard=heard)


class Ear:
    """Hears one execution after the other, and remembers as the executor does."""

    def __init__(self, written: str) -> None:
        self.listening = a_listening(written)
        self.window: Collected | None = None

    def hears(self, flow_id: str, at: datetime = NOON, state: State = State.SUCCESS, **given: Any) -> bool:
        heard = an_execution(flow_id, state, **given)
        satisfied = hear(self.listening, heard, a_scene(heard, at))
        if satisfied is None:
            return False
        seen = Seen(at, f"{flow_id}@{at}", flow_id)
        observed = observe(self.listening, self.window, satisfied, seen, zone=PARIS)
        self.window = observed.collected
        return observed.starts


@pytest.mark.parametrize(
    ("written", "heard", "starts"),
    [
        ("{}", {}, True),
        ("{}", {"state": State.RUNNING}, False),
        ("{}", {"state": State.PAUSED}, True),
        ("states: [RUNNING]", {"state": State.RUNNING}, True),
        ("dependsOn: [{flowId: a}]", {}, True),
        ("dependsOn: [{flowId: a}]", {"flow_id": "b"}, False),
        ("dependsOn: [{flowId: a}]", {"state": State.WARNING}, True),
        ("dependsOn: [{flowId: a}]", {"state": State.FAILED}, False),
        ("{states: [FAILED], dependsOn: [{flowId: a}]}", {"state": State.FAILED}, True),
        ("{states: [FAILED], dependsOn: [{flowId: a}]}", {}, False),
        ("dependsOn: [{flowId: a, states: [PAUSED]}]", {"state": State.PAUSED}, True),
        ("dependsOn: [{flowId: a, states: [RUNNING]}]", {"state": State.RUNNING}, True),
        ("{states: [SUCCESS], dependsOn: [{flowId: a, states: [RUNNING]}]}", {"state": State.RUNNING}, False),
        ("{disabled: \"{{ trigger.state == 'SUCCESS' }}\", dependsOn: [{flowId: a}]}", {}, False),
        ("{disabled: \"{{ trigger.state == 'WARNING' }}\", dependsOn: [{flowId: a}]}", {}, True),
        (
            "dependsOn: [{when: \"{{ labels.team.of == 'b' }}\"}]",
            {"labels": (Label("team.of", "b"),)},
            True,
        ),
        ("dependsOn: [{namespace: company.team}]", {}, True),
        ("dependsOn: [{namespace: company}]", {}, False),
        ("dependsOn: [{namespace: company.team}, {states: [SUCCESS]}]", {}, True),
        ("dependsOn: [{labels: {team: a}}]", {"labels": (Label("team", "a"), Label("env", "prod"))}, True),
        ("dependsOn: [{labels: {team: a}}]", {"labels": (Label("team", "b"),)}, False),
        ("dependsOn: [{when: \"{{ outputs.rows > 3 and flowId == 'a' }}\"}]", {"outputs": {"rows": 4}}, True),
        ('dependsOn: [{when: "{{ outputs.rows > 3 }}"}]', {"outputs": {"rows": 3}}, False),
        ('dependsOn: [{when: "{{ outputs.rows > 3 }}"}]', {}, False),
        ('dependsOn: [{when: "{{ hasRetryAttempt }}"}]', {"retried": (State.FAILED,)}, True),
        ("{dependsOn: [{flowId: a}], when: \"{{ trigger.state == 'WARNING' }}\"}", {}, False),
        ("conditions: [{type: core.condition.ExecutionStatus, in: [FAILED]}]", {"state": State.FAILED}, True),
        ("conditions: [{type: core.condition.ExecutionStatus, in: [FAILED]}]", {}, False),
        ("{mode: any, dependsOn: [{flowId: a}, {flowId: b}]}", {"flow_id": "b"}, True),
        ("{mode: ALL, dependsOn: [{flowId: a}, {flowId: b}]}", {"flow_id": "b"}, False),
        ("preconditions: {id: p, flows: [{namespace: company.team, flowId: a}]}", {"state": State.FAILED}, True),
        ("preconditions: {id: p, flows: [{namespace: company.team, states: [SUCCESS]}]}", {}, True),
        ("preconditions: {id: p, flows: [{namespace: company}]}", {}, False),
        (
            "preconditions: {id: p, flows: [{namespace: company.team, states: [RUNNING]}]}",
            {"state": State.RUNNING},
            True,
        ),
    ],
)
def test_one_execution_starts_the_flow_or_not(written: str, heard: dict[str, Any], starts: bool) -> None:
    assert Ear(written).hears(**{"flow_id": "a"} | heard) is starts


@pytest.mark.parametrize(
    ("one", "passes"),
    [
        ("{field: FLOW_ID, type: EQUAL_TO, value: a}", True),
        ("{field: FLOW_ID, type: NOT_EQUAL_TO, value: a}", False),
        ("{field: STATE, type: IN, values: [SUCCESS, WARNING]}", True),
        ("{field: STATE, type: NOT_IN, values: [SUCCESS, WARNING]}", False),
        ("{field: NAMESPACE, type: STARTS_WITH, value: company}", True),
        ("{field: NAMESPACE, type: ENDS_WITH, value: company}", False),
        ("{field: NAMESPACE, type: CONTAINS, value: ny.te}", True),
        ("{field: NAMESPACE, type: REGEX, value: 'company\\..*'}", True),
        ("{field: NAMESPACE, type: REGEX, value: company}", False),
        ("{field: EXPRESSION, type: IS_TRUE, value: \"{{ trigger.state == 'SUCCESS' }}\"}", True),
        ("{field: EXPRESSION, type: IS_FALSE, value: '{{ true }}'}", False),
        ("{field: EXPRESSION, type: IS_NULL, value: '{{ null }}'}", True),
        ("{field: FLOW_ID, type: IS_NOT_NULL}", True),
    ],
)
def test_a_filter_looks_at_one_thing_of_an_execution(one: str, passes: bool) -> None:
    assert Ear(f"preconditions: {{id: p, where: [{{id: w, filters: [{one}]}}]}}").hears("a") is passes


@pytest.mark.parametrize(("operand", "passes"), [("AND", False), ("OR", True)])
def test_filters_hold_together_or_one_of_them(operand: str, passes: bool) -> None:
    filters = "{field: FLOW_ID, type: EQUAL_TO, value: a}, {field: FLOW_ID, type: EQUAL_TO, value: b}"
    written = f"preconditions: {{id: p, where: [{{id: w, operand: {operand}, filters: [{filters}]}}]}}"
    assert Ear(written).hears("a") is passes


def test_a_flow_never_hears_itself() -> None:
    assert not Ear("{}").hears("listener", namespace="company")


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_all_that_is_waited_for_must_come_in_any_order(order: tuple[str, ...]) -> None:
    ear = Ear("dependsOn: [{flowId: a}, {flowId: b}, {flowId: c}]")
    assert [ear.hears(flow_id) for flow_id in order] == [False, False, True]


def test_what_was_collected_is_forgotten_once_it_has_started_something() -> None:
    ear = Ear(A_AND_B)
    assert [ear.hears(flow_id) for flow_id in "abbaab"] == [False, True, False, True, False, True]


def test_in_1x_it_may_be_kept() -> None:
    flows = "flows: [{namespace: company.team, flowId: a}, {namespace: company.team, flowId: b}]"
    ear = Ear(f"preconditions: {{id: p, resetOnSuccess: false, {flows}}}")
    assert [ear.hears(flow_id) for flow_id in "abbac"] == [False, True, True, True, False]


def test_so_many_of_them_are_enough() -> None:
    ear = Ear("{mode: AT_LEAST, minSatisfied: 2, dependsOn: [{flowId: a}, {flowId: b}, {flowId: c}]}")
    assert [ear.hears(flow_id) for flow_id in "aacb"] == [False, False, True, False]


@pytest.mark.parametrize(
    ("window", "first", "second", "starts"),
    [
        ("", "2026-07-01T00:00:00+02:00", "2026-07-01T23:59:59+02:00", True),
        ("", "2026-07-01T23:59:59+02:00", "2026-07-02T00:00:00+02:00", False),
        ("window: {every: PT1H}", "2026-07-01T09:00:00+02:00", "2026-07-01T09:59:59+02:00", True),
        ("window: {every: PT1H}", "2026-07-01T09:59:59+02:00", "2026-07-01T10:00:00+02:00", False),
        ("window: {every: PT1H, offset: PT5M}", "2026-07-01T09:59:59+02:00", "2026-07-01T10:04:59+02:00", True),
        ("window: {every: P1D, offset: PT6H}", "2026-07-01T23:00:00+02:00", "2026-07-02T05:00:00+02:00", True),
        ("window: {every: P2D}", "2026-07-01T09:00:00+02:00", "2026-07-02T23:59:59+02:00", True),
        ("window: {every: P2D}", "2026-07-01T09:00:00+02:00", "2026-07-03T00:00:00+02:00", False),
        ("window: {lookback: PT1H}", "2026-07-01T09:30:00+02:00", "2026-07-01T10:30:00+02:00", True),
        ("window: {lookback: PT1H}", "2026-07-01T09:30:00+02:00", "2026-07-01T10:30:01+02:00", False),
        ("window: {deadline: '09:00:00'}", "2026-07-01T00:00:00+02:00", "2026-07-01T08:59:59+02:00", True),
        ("window: {deadline: '09:00:00'}", "2026-07-01T08:00:00+02:00", "2026-07-01T09:00:00+02:00", False),
        ("window: {from: '08:00:00', to: '09:00:00'}", "2026-07-01T08:00:00+02:00", "2026-07-01T08:30:00+02:00", True),
        ("window: {from: '08:00:00', to: '09:00:00'}", "2026-07-01T07:00:00+02:00", "2026-07-01T08:30:00+02:00", False),
        ("window: {from: '22:00:00', to: '02:00:00'}", "2026-07-01T23:00:00+02:00", "2026-07-02T01:00:00+02:00", True),
        ("window: {deadline: '09:00:00Z'}", "2026-07-01T10:00:00+02:00", "2026-07-01T10:59:59+02:00", True),
        (
            f"window: {{deadline: '09:00:00', {NEW_YORK}}}",
            "2026-07-01T10:00:00+02:00",
            "2026-07-01T14:59:59+02:00",
            True,
        ),
        (
            f"window: {{from: '08:00', to: '09:00', {NEW_YORK}}}",
            "2026-07-01T14:10:00+02:00",
            "2026-07-01T14:50:00+02:00",
            True,
        ),
        (f"window: {{every: P1D, {NEW_YORK}}}", "2026-07-01T06:00:00+02:00", "2026-07-02T05:59:59+02:00", True),
    ],
)
def test_executions_count_together_within_a_window(window: str, first: str, second: str, starts: bool) -> None:
    ear = Ear(f"{A_AND_B}\n{window}")
    assert not ear.hears("a", datetime.fromisoformat(first))
    assert ear.hears("b", datetime.fromisoformat(second)) is starts


@pytest.mark.parametrize(
    ("window", "second", "starts"),
    [
        ("{type: DURATION_WINDOW, window: PT1H, windowAdvance: PT30M}", NOON + HOUR / 4, True),
        ("{type: DURATION_WINDOW, window: PT1H, windowAdvance: PT30M}", NOON + HOUR / 2, False),
        ("{type: SLIDING_WINDOW, window: PT1H}", NOON + HOUR, True),
        ("{type: DAILY_TIME_WINDOW, startTime: '11:00:00', endTime: '13:00:00'}", NOON + HOUR / 2, True),
        ("{type: DAILY_TIME_DEADLINE, deadline: '13:00:00'}", NOON + HOUR, False),
    ],
)
@pytest.mark.parametrize("form", ["preconditions", "condition"])
def test_windows_of_1x_do_the_same(form: str, window: str, second: datetime, starts: bool) -> None:
    flows = "flows: [{namespace: company.team, flowId: a}, {namespace: company.team, flowId: b}]"
    inner = "{type: core.condition.ExecutionFlow, namespace: company.team, flowId: %s}"
    multiple = f"{{a: {inner % 'a'}, b: {inner % 'b'}}}"
    ear = Ear(
        f"preconditions: {{id: p, timeWindow: {window}, {flows}}}"
        if form == "preconditions"
        else f"conditions: [{{type: core.condition.MultipleCondition, id: m, timeWindow: {window}, "
        f"conditions: {multiple}}}]"
    )
    assert not ear.hears("a", NOON)
    assert ear.hears("b", second) is starts


def test_a_day_is_a_day_of_the_zone_when_the_clocks_change() -> None:
    ear = Ear(A_AND_B)
    assert not ear.hears("a", datetime.fromisoformat("2026-03-28T23:30:00+01:00"))
    assert not ear.hears("b", datetime.fromisoformat("2026-03-29T00:30:00+01:00"))
    assert ear.hears("a", datetime.fromisoformat("2026-03-29T23:30:00+02:00"))


def test_a_span_of_days_begins_anew_with_what_comes_after_it_has_started_something() -> None:
    ear = Ear(f"{A_AND_B}\nwindow: {{every: P2D}}")
    times = [("a", NOON), ("b", NOON), ("a", NOON + 24 * HOUR), ("b", NOON + 48 * HOUR)]
    assert [ear.hears(flow_id, at) for flow_id, at in times] == [False, True, False, True]


def test_needs_are_told_apart_by_what_is_written_and_not_by_their_place() -> None:
    one, other = a_listening(A_AND_B), a_listening("dependsOn: [{flowId: b}, {flowId: a}, {flowId: b}]")
    assert {need.key for need in one.needs} == {need.key for need in other.needs}


def test_outputs_come_by_flow_and_together() -> None:
    seen = [
        Seen(NOON + HOUR, "2", "b", {"rows": 2, "late": True}),
        Seen(NOON, "1", "a", {"rows": 1, "early": True}),
        Seen(NOON, "1", "a", {"rows": 1, "early": True}),
    ]
    assert merged_outputs(seen) == {
        "rows": 2,
        "early": True,
        "late": True,
        "a": {"rows": 1, "early": True},
        "b": {"rows": 2, "late": True},
    }


def test_maps_of_one_name_are_merged() -> None:
    seen = [Seen(NOON, "1", "a", {"files": {"x": 1}}), Seen(NOON + HOUR, "2", "b", {"files": {"y": 2}})]
    assert merged_outputs(seen)["files"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    "written",
    [
        "{mode: AT_LEAST, dependsOn: [{flowId: a}]}",
        "{mode: AT_LEAST, minSatisfied: 3, dependsOn: [{flowId: a}]}",
        "{mode: SOME, dependsOn: [{flowId: a}]}",
        "{dependsOn: [{flowId: a}], window: {deadline: '09:00:00', lookback: PT1H}}",
        "{dependsOn: [{flowId: a}], window: {from: '09:00:00'}}",
        "{dependsOn: [{flowId: a}], window: {offset: PT1H}}",
        "{dependsOn: [{flowId: a}], window: {every: PT0S}}",
        "{dependsOn: [{flowId: a}], window: {every: P1D, timezone: Paris}}",
        "{dependsOn: [{flowId: a}], window: {}}",
        "{dependsOn: [{flowId: a}], onMiss: {behavior: FAIL}}",
        "{dependsOn: [{flowId: a}], preconditions: {id: p}}",
        "{dependsOn: [{states: [DONE]}]}",
        "{dependsOn: [{flow: a}]}",
        "preconditions: {id: p, where: [{id: w, filters: [{field: STATE, type: IN, value: SUCCESS}]}]}",
        "preconditions: {id: p, where: [{id: w, filters: [{field: STATE, type: EQUAL_TO}]}]}",
        "preconditions: {id: p, where: [{id: w, filters: [{field: EXPRESSION, type: IS_TRUE}]}]}",
        "preconditions: {id: p, where: [{id: w, filters: []}]}",
    ],
)
def test_what_makes_no_sense_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        a_listening(written)


EVENTS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3 * 86_400)), max_size=30)
WINDOWS = st.sampled_from(["", "window: {every: PT5H}", "window: {lookback: PT7H}", "window: {deadline: '18:00:00'}"])


@given(EVENTS, WINDOWS, st.integers(1, 3))
def test_a_flow_is_started_only_by_enough_within_one_window(
    events: list[tuple[str, int]], window: str, wanted: int
) -> None:
    needs = "dependsOn: [{flowId: a}, {flowId: b}, {flowId: c}]"
    ear = Ear(f"mode: AT_LEAST\nminSatisfied: {wanted}\n{needs}\n{window}")
    since: dict[str, datetime] = {}
    for flow_id, seconds in sorted(events, key=lambda event: event[1]):
        at = NOON + timedelta(seconds=seconds)
        since[flow_id] = at
        if ear.hears(flow_id, at):
            counted: Mapping[str, datetime] = {key: seen for key, seen in since.items() if key != "d"}
            assert len(counted) >= wanted
            assert flow_id != "d"
            since.clear()
        assert ear.window is None or len(ear.window.satisfied) < wanted
