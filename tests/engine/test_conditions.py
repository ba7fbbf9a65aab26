"""Conditions of 1.x, one by one: when each holds, under every name it ever had."""

from datetime import UTC, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from tiercel.engine.conditions import Heard, Scene, can_be_foreseen, holds
from tiercel.expression import AnsweredHost, ExpressionError, Surroundings, Unanswered
from tiercel.model.conditions import CONDITIONS, Condition, build_condition
from tiercel.model.execution import Label
from tiercel.model.states import State

HEARD = Heard(
    namespace="company.team",
    flow_id="etl",
    state=State.FAILED,
    labels=(Label("team", "a"), Label("env", "prod")),
    outputs={"rows": 3},
    retried=(State.FAILED, State.SUCCESS),
)


def a_condition(word: str, **properties: Any) -> Condition:
    made = build_condition({"type": f"io.kestra.plugin.core.condition.{word}", **properties})
    assert isinstance(made, Condition)
    return made


def a_scene(date: str = "2026-07-01T09:00:00+02:00", heard: Heard | None = HEARD, **answers: Any) -> Scene:
    surroundings = Surroundings(
        at=datetime(2026, 7, 1, tzinfo=UTC), zone=ZoneInfo("Europe/Paris"), seed=1, host=AnsweredHost(answers)
    )
    names = {"trigger": {"date": date, "outputs": {"rows": 3}}, "flow": {"id": "listener"}}
    return Scene(names=names, surroundings=surroundings, namespace="company.listener", flow_id="listener", heard=heard)


@pytest.mark.parametrize(
    ("word", "properties", "date", "expected"),
    [
        ("DateTimeBetween", {"after": "2026-07-01T00:00:00Z"}, "2026-07-01T02:00:00+02:00", False),
        ("DateTimeBetween", {"after": "2026-07-01T00:00:00Z"}, "2026-07-01T02:00:01+02:00", True),
        ("DateTimeBetween", {"before": "2026-07-01T00:00:00Z"}, "2026-07-01T02:00:00+02:00", False),
        ("DateTimeBetween", {"before": "2026-07-01T00:00:00Z"}, "2026-06-30T23:59:59Z", True),
        ("DateTimeBetween", {"after": "2026-07-01", "before": "2026-07-02"}, "2026-07-01T12:00:00+09:00", True),
        ("TimeBetween", {"after": "08:00:00Z", "before": "10:00:00Z"}, "2026-07-01T09:00:00Z", True),
        ("TimeBetween", {"after": "08:00:00Z"}, "2026-07-01T09:30:00+02:00", False),
        ("TimeBetween", {"before": "10:00:00+02:00"}, "2026-07-01T09:30:00+02:00", True),
        ("DayWeek", {"dayOfWeek": "WEDNESDAY"}, "2026-07-01", True),
        ("DayWeek", {"dayOfWeek": "THURSDAY"}, "2026-07-01", False),
        ("DayWeekInMonth", {"dayOfWeek": "WEDNESDAY", "dayInMonth": "FIRST"}, "2026-07-01", True),
        ("DayWeekInMonth", {"dayOfWeek": "WEDNESDAY", "dayInMonth": "FIRST"}, "2026-07-08", False),
        ("DayWeekInMonth", {"dayOfWeek": "WEDNESDAY", "dayInMonth": "LAST"}, "2026-07-29", True),
        ("DayWeekInMonth", {"dayOfWeek": "WEDNESDAY", "dayInMonth": "FOURTH"}, "2026-07-22", True),
        ("Weekend", {}, "2026-07-04", True),
        ("Weekend", {}, "2026-07-03", False),
        ("Weekend", {"date": "2026-07-05"}, "2026-07-03", True),
    ],
)
def test_a_date_fits_or_not(word: str, properties: dict[str, Any], date: str, expected: bool) -> None:
    assert holds(a_condition(word, **properties), a_scene(date)) is expected


@pytest.mark.parametrize(
    ("word", "properties", "expected"),
    [
        ("ExecutionFlow", {"namespace": "company.team", "flowId": "etl"}, True),
        ("ExecutionFlow", {"namespace": "company.team", "flowId": "other"}, False),
        ("ExecutionNamespace", {"namespace": "company.team"}, True),
        ("ExecutionNamespace", {"namespace": "company"}, False),
        ("ExecutionNamespace", {"namespace": "company", "prefix": True}, True),
        ("ExecutionNamespace", {"namespace": "company", "comparison": "PREFIX"}, True),
        ("ExecutionNamespace", {"namespace": "team", "comparison": "SUFFIX"}, True),
        ("ExecutionNamespace", {"namespace": "team", "comparison": "EQUALS", "prefix": True}, False),
        ("ExecutionLabels", {"labels": {"team": "a"}}, True),
        ("ExecutionLabels", {"labels": [{"key": "team", "value": "a"}, {"key": "env", "value": "test"}]}, False),
        ("ExecutionStatus", {"in": ["FAILED", "WARNING"]}, True),
        ("ExecutionStatus", {"notIn": ["FAILED"]}, False),
        ("ExecutionStatus", {"in": ["SUCCESS"], "notIn": ["WARNING"]}, False),
        ("ExecutionStatus", {}, True),
        ("HasRetryAttempt", {"in": ["FAILED"]}, True),
        ("HasRetryAttempt", {"in": ["KILLED"]}, False),
        ("HasRetryAttempt", {"notIn": ["FAILED", "SUCCESS"]}, False),
        ("ExecutionOutputs", {"expression": "{{ trigger.outputs.rows == 3 }}"}, True),
        ("ExecutionOutputs", {"expression": "{{ trigger.outputs.rows > 3 }}"}, False),
    ],
)
def test_an_execution_fits_or_not(word: str, properties: dict[str, Any], expected: bool) -> None:
    condition = a_condition(word, **properties)
    assert holds(condition, a_scene()) is expected
    assert not holds(condition, a_scene(heard=None))


@pytest.mark.parametrize(
    ("text", "expected"), [("yes", True), ("0", True), (" ", False), ("false", False), ("{{ 1 == 1 }}", True)]
)
def test_an_expression_says_yes_unless_it_is_blank_or_false(text: str, expected: bool) -> None:
    assert holds(a_condition("Expression", expression=text), a_scene()) is expected


@pytest.mark.parametrize(
    ("texts", "none", "any_"), [(["false", "false"], True, False), (["false", "yes"], False, True)]
)
def test_conditions_of_conditions(texts: list[str], none: bool, any_: bool) -> None:
    conditions = [{"type": "io.kestra.plugin.core.condition.Expression", "expression": text} for text in texts]
    assert holds(a_condition("Not", conditions=conditions), a_scene()) is none
    assert holds(a_condition("Or", conditions=conditions), a_scene()) is any_


def test_the_listening_flow_may_be_looked_at_too() -> None:
    assert holds(a_condition("FlowCondition", namespace="company.listener", flowId="listener"), a_scene())
    assert holds(a_condition("FlowNamespaceCondition", namespace="company", prefix=True), a_scene())
    assert not holds(a_condition("FlowNamespaceCondition", namespace="company"), a_scene())


def test_holidays_are_asked_of_the_world() -> None:
    condition = a_condition("PublicHoliday", country="FR")
    with pytest.raises(Unanswered) as asked:
        holds(condition, a_scene("2026-07-14T00:00:00Z"))
    assert asked.value.call.arguments["date"] == "2026-07-14"
    assert holds(condition, a_scene("2026-07-14T00:00:00Z", **{asked.value.call.key: True}))


def test_what_is_no_date_is_an_error() -> None:
    with pytest.raises(ExpressionError, match="must be a date"):
        holds(a_condition("Weekend", date="tomorrow"), a_scene())


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_old_name_means_the_same(name: str) -> None:
    assert name in CONDITIONS[name].names
    short = name.removeprefix("io.kestra.plugin.")
    with pytest.raises(ValidationError):
        build_condition({"type": short, "unknown": 1})


def test_what_can_be_known_beforehand() -> None:
    weekend = a_condition("Weekend")
    at_night = a_condition("Expression", expression="{{ hourOfDay(trigger.date) < 6 }}")
    assert can_be_foreseen([weekend, at_night])
    assert not can_be_foreseen([weekend, a_condition("Expression", expression="{{ kv('on') }}")])
    assert not can_be_foreseen([a_condition("PublicHoliday", country="FR")])


@pytest.mark.parametrize(
    "window",
    [
        {"type": "DAILY_TIME_DEADLINE"},
        {"type": "DAILY_TIME_WINDOW", "startTime": "09:00:00"},
        {"type": "DURATION_WINDOW", "deadline": "09:00:00"},
        {"type": "SLIDING_WINDOW", "windowAdvance": "PT1H"},
        {"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00", "window": "PT1H"},
    ],
)
def test_a_window_takes_what_its_type_says(window: dict[str, Any]) -> None:
    inner = {"a": {"type": "io.kestra.plugin.core.condition.ExecutionStatus", "in": ["SUCCESS"]}}
    with pytest.raises(ValidationError, match=r"needs|takes no"):
        a_condition("MultipleCondition", id="all", conditions=inner, timeWindow=window)


def test_an_old_window_stands_in_the_condition_itself() -> None:
    inner = {"a": {"type": "io.kestra.plugin.core.condition.ExecutionStatus"}}
    condition = a_condition("MultipleCondition", id="all", conditions=inner, window="PT1H", windowAdvance="PT5M")
    window = condition.own_window  # type: ignore[attr-defined]
    assert (window.type, window.window, window.window_advance) == ("DURATION_WINDOW", "PT1H", "PT5M")
    assert get_args(type(window).model_fields["type"].annotation)[0] == "DURATION_WINDOW"
