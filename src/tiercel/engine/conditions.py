"""Whether conditions of 1.x hold, for a date or for an execution that another flow listens to.

Pure: what expressions ask of the world comes out as `Unanswered`. What cannot be rendered is an ExpressionError, and the
caller's to judge: a Schedule fails, everything else counts it as false.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from pydantic import TypeAdapter, ValidationError

from tiercel.engine.whens import When
from tiercel.expression import ExpressionError, Surroundings, compile, render, to_text
from tiercel.expression.dates.moments import read_iso
from tiercel.model.conditions import (
    AboutDate,
    AnyCondition,
    Condition,
    DateTimeBetween,
    DayWeek,
    DayWeekInMonth,
    ExecutionFlow,
    ExecutionLabels,
    ExecutionNamespace,
    ExecutionOutputs,
    ExecutionStatus,
    Expression,
    FlowIs,
    FlowNamespace,
    HasRetryAttempt,
    MultipleCondition,
    Not,
    Or,
    PublicHoliday,
    TimeBetween,
    Weekend,
)
from tiercel.model.execution import Label
from tiercel.model.flow import Listener, Trigger
from tiercel.model.states import State

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_PLACES = ("FIRST", "SECOND", "THIRD", "FOURTH")
_WEEK = timedelta(days=7)
_HOLIDAY = "{{ isPublicHoliday(condition.date, condition.country, condition.subDivision) }}"


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An execution in a state that it has just entered."""

    namespace: str
    flow_id: str
    state: State
    labels: tuple[Label, ...] = ()
    outputs: Mapping[str, Any] | None = None
    retried: tuple[State, ...] = ()
    """States of all attempts of task runs that were tried more than once."""


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """What conditions look at."""

    names: Mapping[str, Any]
    """Variables of expressions: `trigger`, `flow`, `vars` …"""
    surroundings: Surroundings
    namespace: str
    """Of the flow that the trigger stands in."""
    flow_id: str
    heard: Heard | None = None


def read_conditions(trigger: Trigger) -> tuple[Condition, ...]:
    """What a trigger says in the way of 1.x, in either of two places. Raises ValidationError."""
    return _conditions.validate_python([*trigger.conditions, *trigger.properties.get("scheduleConditions", ())])


def conditions_of(listener: Listener) -> tuple[Condition, ...] | None:
    """What a listener of 1.x says; None where that makes no sense, so that it never runs."""
    try:
        return _conditions.validate_python(listener.conditions)
    except ValidationError:
        return None


_conditions = TypeAdapter[tuple[Condition, ...]](tuple[AnyCondition, ...])


def all_hold(conditions: Iterable[Condition], scene: Scene) -> bool:
    return all(holds(condition, scene) for condition in conditions)


def holds(condition: Condition, scene: Scene) -> bool:
    """Raises ExpressionError, Unanswered."""
    match condition:
        case Not():
            return not any(holds(one, scene) for one in condition.conditions)
        case Or():
            return any(holds(one, scene) for one in condition.conditions)
        case Expression():
            return _says_yes(condition.expression, scene)
        case FlowIs():
            return (scene.namespace, scene.flow_id) == (condition.namespace, condition.flow_id)
        case FlowNamespace():
            return _begins(scene.namespace, condition.namespace, prefix=condition.prefix)
        case AboutDate():
            return _holds_for_date(condition, scene)
        case MultipleCondition():
            return False  # its window counts, which is engine.windows' to look at
        case _:
            return scene.heard is not None and _holds_for_execution(condition, scene.heard, scene)


def can_be_foreseen(conditions: Iterable[Condition]) -> bool:
    """Whether the answer for a date is the same today as when the date has come."""
    return all(_is_timeless(condition) for condition in conditions)


def _is_timeless(condition: Condition) -> bool:
    match condition:
        case Not() | Or():
            return can_be_foreseen(condition.conditions)
        case Expression():
            return When(condition.expression).foresight > 0
        case PublicHoliday():
            return False  # the calendar of holidays is asked of the world
        case AboutDate():
            return When(condition.date).foresight > 0
        case _:
            return True


# About a date --------------------------------------------------------------------------------------------------------


def _holds_for_date(condition: AboutDate, scene: Scene) -> bool:
    moment = _moment(condition, scene)
    match condition:
        case DateTimeBetween():
            return _lies_between(moment, _aware(condition.after, moment), _aware(condition.before, moment))
        case TimeBetween():
            return _time_lies_between(moment, condition)
        case DayWeek():
            return _DAYS[moment.weekday()] == condition.day_of_week
        case DayWeekInMonth():
            return _DAYS[moment.weekday()] == condition.day_of_week and _is_in_place(moment, condition.day_in_month)
        case Weekend():
            return _DAYS[moment.weekday()] in ("SATURDAY", "SUNDAY")
        case PublicHoliday():
            return _is_holiday(condition, moment, scene)
        case _:
            raise _not_known(condition)


def _moment(condition: AboutDate, scene: Scene) -> datetime:
    text = to_text(render(condition.date, scene.names, scene.surroundings))
    moment = read_iso(text)
    if moment is None:
        raise ExpressionError("value", f"the `date` of a {type(condition).__name__} must be a date, not {text!r}")
    return moment


def _aware(bound: datetime | None, moment: datetime) -> datetime | None:
    """Whatever has no offset is meant in the zone of the date."""
    return bound if bound is None or bound.tzinfo is not None else bound.replace(tzinfo=moment.tzinfo)


def _lies_between(moment: datetime, after: datetime | None, before: datetime | None) -> bool:
    return (after is None or after < moment) and (before is None or moment < before)


def _time_lies_between(moment: datetime, condition: TimeBetween) -> bool:
    """Times with an offset are compared on the day of the date."""
    day = moment.date()
    after, before = (_on_day(bound, day, moment) for bound in (condition.after, condition.before))
    return _lies_between(moment, after, before)


def _on_day(bound: time | None, day: date, moment: datetime) -> datetime | None:
    return None if bound is None else _aware(datetime.combine(day, bound), moment)


def _is_in_place(moment: datetime, place: str) -> bool:
    if place == "LAST":
        return (moment + _WEEK).month != moment.month
    return (moment.day - 1) // 7 == _PLACES.index(place)


def _is_holiday(condition: PublicHoliday, moment: datetime, scene: Scene) -> bool:
    asked = {
        "date": moment.date().isoformat(),
        "country": condition.country or "",
        "subDivision": condition.sub_division,
    }
    return compile(_HOLIDAY).render({**scene.names, "condition": asked}, scene.surroundings) == "true"


# About an execution --------------------------------------------------------------------------------------------------


def _holds_for_execution(condition: Condition, heard: Heard, scene: Scene) -> bool:
    match condition:
        case ExecutionFlow():
            return (heard.namespace, heard.flow_id) == (condition.namespace, condition.flow_id)
        case ExecutionNamespace():
            return _is_namespace(heard.namespace, condition)
        case ExecutionLabels():
            return {label.label() for label in condition.labels} <= set(heard.labels)
        case ExecutionStatus():
            return _is_among(heard.state, condition)
        case HasRetryAttempt():
            return any(_is_among(state, condition) for state in heard.retried)
        case ExecutionOutputs():
            return bool(heard.outputs) and _says_yes(condition.expression, scene)
        case _:
            raise _not_known(condition)


def _is_namespace(namespace: str, condition: ExecutionNamespace) -> bool:
    if condition.kind == "SUFFIX":
        return namespace.endswith(condition.namespace)
    return _begins(namespace, condition.namespace, prefix=condition.kind == "PREFIX")


def _begins(namespace: str, wanted: str, *, prefix: bool) -> bool:
    return namespace.startswith(wanted) if prefix else namespace == wanted


def _is_among(state: State, condition: ExecutionStatus | HasRetryAttempt) -> bool:
    return (not condition.among or state in condition.among) and state not in condition.not_among


def _says_yes(expression: str, scene: Scene) -> bool:
    """Neither blank nor `false`: unlike `when`, a 0 says yes."""
    text = to_text(render(expression, scene.names, scene.surroundings)).strip()
    return text not in ("", "false")


def _not_known(condition: Condition) -> TypeError:
    return TypeError(f"nothing here decides a {type(condition).__name__}")
