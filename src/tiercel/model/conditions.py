"""Conditions of triggers as 1.x writes them: legacy, but understood for ever. 2.0 writes `when` and `dependsOn` instead.

Typed here; whether one holds is decided by engine.conditions.
"""

from datetime import datetime, time
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from tiercel.model.labels import Labels
from tiercel.model.states import State
from tiercel.model.task import Authored, Duration, Shift

_NOW = "io.kestra.plugin.core.condition."
_OLD = "io.kestra.core.models.conditions.types."

DayName = Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]


def build_condition(raw: object) -> object:
    """The condition that a raw mapping describes; anything else is handed on for pydantic to complain about."""
    if not isinstance(raw, dict):
        return raw
    written = cast(dict[str, Any], raw)
    known = condition_class(str(written.get("type")))
    if known is None:
        raise ValueError(f"unknown type of condition {written.get('type')!r}")
    return known.model_validate(written)


def condition_class(type_name: str) -> "type[Condition] | None":
    """The class that models a type, by its full name, its short name or an old alias."""
    return CONDITIONS.get(type_name) or CONDITIONS.get(f"io.kestra.plugin.{type_name}")


class Condition(Authored):
    """Base of all."""

    names: ClassVar[tuple[str, ...]] = ()
    """Full type name first, then aliases."""
    type: str
    """What must hold."""


AnyCondition = Annotated[Condition, BeforeValidator(build_condition)]
SomeConditions = Annotated[tuple[AnyCondition, ...], Field(min_length=1)]


def _named(word: str, *others: str) -> tuple[str, ...]:
    """Every condition was once called with `Condition` behind."""
    return (_NOW + word, f"{_NOW}{word}Condition", f"{_OLD}{word}Condition", *others)


# About a date --------------------------------------------------------------------------------------------------------


class AboutDate(Condition):
    """Base of those that look at a date."""

    date: str = "{{ trigger.date }}"
    """The date, as an expression."""


class DateTimeBetween(AboutDate):
    """The date lies strictly between two instants; at least one of them is given."""

    names = _named("DateTimeBetween")
    after: datetime | None = None
    """The earlier bound."""
    before: datetime | None = None
    """The later bound."""

    @model_validator(mode="after")
    def _has_a_bound(self) -> "DateTimeBetween":
        return _bounded(self, self.after, self.before)


class TimeBetween(AboutDate):
    """The time of day lies strictly between two; at least one of them is given."""

    names = _named("TimeBetween")
    after: time | None = None
    """The earlier bound."""
    before: time | None = None
    """The later bound."""

    @model_validator(mode="after")
    def _has_a_bound(self) -> "TimeBetween":
        return _bounded(self, self.after, self.before)


class DayWeek(AboutDate):
    """The date falls on a weekday."""

    names = _named("DayWeek")
    day_of_week: DayName
    """The weekday."""


class DayWeekInMonth(AboutDate):
    """The date is the first, second … weekday of its kind in the month."""

    names = _named("DayWeekInMonth")
    day_of_week: DayName
    """The weekday."""
    day_in_month: Literal["FIRST", "SECOND", "THIRD", "FOURTH", "LAST"]
    """Which one of the month."""


class Weekend(AboutDate):
    """The date is a Saturday or a Sunday."""

    names = _named("Weekend")


class PublicHoliday(AboutDate):
    """The date is a public holiday of a country or of a part of it."""

    names = _named("PublicHoliday")
    country: str | None = None
    """The country, as ISO 3166 code; that of the server where nothing is said."""
    sub_division: str | None = None
    """A part of the country, as ISO 3166-2 code without the country."""


# About other conditions ----------------------------------------------------------------------------------------------


class Not(Condition):
    """None of the conditions holds."""

    names = _named("Not")
    conditions: SomeConditions
    """None of them may hold."""


class Or(Condition):
    """One of the conditions holds."""

    names = _named("Or")
    conditions: SomeConditions
    """One of them must hold."""


class Expression(Condition):
    """A rendered text is neither blank nor `false`."""

    names = (_NOW + "Expression", f"{_NOW}ExpressionCondition", f"{_OLD}VariableCondition")
    expression: str
    """The text."""


# About an execution --------------------------------------------------------------------------------------------------


class ExecutionFlow(Condition):
    """The execution is one of this flow."""

    names = _named("ExecutionFlow")
    namespace: str
    """The namespace of the flow."""
    flow_id: str
    """The flow."""


class ExecutionNamespace(Condition):
    """The execution's namespace is this one, or begins or ends with it."""

    names = _named("ExecutionNamespace")
    namespace: str
    """The namespace, or a part of it."""
    comparison: Literal["EQUALS", "PREFIX", "SUFFIX"] | None = None
    """How it is compared."""
    prefix: bool = False
    """Whether it may be the beginning; write `comparison: PREFIX`."""

    @property
    def kind(self) -> Literal["EQUALS", "PREFIX", "SUFFIX"]:
        return self.comparison or ("PREFIX" if self.prefix else "EQUALS")


class ExecutionLabels(Condition):
    """The execution has all these labels."""

    names = _named("ExecutionLabels")
    labels: Labels
    """The labels."""


class ExecutionStatus(Condition):
    """The execution's state is one of some, and none of others."""

    names = _named("ExecutionStatus")
    among: Annotated[tuple[State, ...], Field(validation_alias=AliasChoices("in", "among"))] = ()
    """The states of which it must have one."""
    not_among: Annotated[tuple[State, ...], Field(validation_alias=AliasChoices("notIn", "not_among"))] = ()
    """The states of which it must have none."""


class HasRetryAttempt(Condition):
    """A task run that was tried more than once has an attempt whose state is one of some, and none of others."""

    names = _named("HasRetryAttempt")
    among: Annotated[tuple[State, ...], Field(validation_alias=AliasChoices("in", "among"))] = ()
    """The states of which the attempt must have one."""
    not_among: Annotated[tuple[State, ...], Field(validation_alias=AliasChoices("notIn", "not_among"))] = ()
    """The states of which it must have none."""


class ExecutionOutputs(Condition):
    """The execution has outputs, and a text rendered with them as `trigger.outputs` is neither blank nor `false`."""

    names = _named("ExecutionOutputs")
    expression: str
    """An expression over the outputs of the execution, as `trigger.outputs`."""


class FlowIs(Condition):
    """The listening flow is this one."""

    names = (_NOW + "FlowCondition", _OLD + "FlowCondition")
    namespace: str
    """The namespace of the flow."""
    flow_id: str
    """The flow."""


class FlowNamespace(Condition):
    """The listening flow's namespace is this one, or begins with it."""

    names = (_NOW + "FlowNamespaceCondition", _OLD + "FlowNamespaceCondition")
    namespace: str
    """The namespace."""
    prefix: bool = False
    """Whether it may be the beginning."""


class TimeWindow(Authored):
    """During which time the conditions of a MultipleCondition, or of preconditions, count together."""

    type: Literal["DURATION_WINDOW", "SLIDING_WINDOW", "DAILY_TIME_DEADLINE", "DAILY_TIME_WINDOW"] = "DURATION_WINDOW"
    """Spans from midnight on, the last span until now, the day until a time, or between two times of the day."""
    window: Duration | None = None
    """DURATION_WINDOW, SLIDING_WINDOW: how long; a day, where nothing is said."""
    window_advance: Shift | None = None
    """DURATION_WINDOW: by how much the spans begin after midnight."""
    deadline: time | None = None
    """DAILY_TIME_DEADLINE: the time of day."""
    start_time: time | None = None
    """DAILY_TIME_WINDOW: from this time of day."""
    end_time: time | None = None
    """DAILY_TIME_WINDOW: until this one."""

    @model_validator(mode="after")
    def _has_what_its_type_takes(self) -> "TimeWindow":
        needed, allowed = _WINDOWS[self.type]
        given = {name for name in type(self).model_fields if name != "type" and getattr(self, name) is not None}
        if missing := sorted(needed - given):
            raise ValueError(f"a {self.type} needs {' and '.join(map(_outside, missing))}")
        if too_much := sorted(given - needed - allowed):
            raise ValueError(f"a {self.type} takes no {' and no '.join(map(_outside, too_much))}")
        return self


_WINDOWS: dict[str, tuple[set[str], set[str]]] = {
    "DURATION_WINDOW": (set(), {"window", "window_advance"}),
    "SLIDING_WINDOW": (set(), {"window"}),
    "DAILY_TIME_DEADLINE": ({"deadline"}, set()),
    "DAILY_TIME_WINDOW": ({"start_time", "end_time"}, set()),
}
"""What each type needs, and what else it takes."""


class MultipleCondition(Condition):
    """Executions within a window fulfil all conditions between them."""

    names = (_NOW + "MultipleCondition", _OLD + "MultipleCondition")
    id: str
    """Its name: what was fulfilled so far is kept by it."""
    conditions: Annotated[dict[str, AnyCondition], Field(min_length=1)]
    """The conditions, by names of their own."""
    time_window: TimeWindow | None = None
    """The window within which all must be fulfilled."""
    window: Duration | None = None
    """The length of the window."""
    window_advance: Shift | None = None
    """By how much the window begins later."""
    reset_on_success: bool = True
    """Whether all must be fulfilled anew once they were."""

    @property
    def own_window(self) -> TimeWindow:
        """The window; its two properties may stand in the condition itself."""
        if self.time_window is not None:
            return self.time_window
        return TimeWindow(window=self.window, window_advance=self.window_advance)


def _bounded(condition: Any, after: object, before: object) -> Any:
    if after is None and before is None:
        raise ValueError(f"a {type(condition).__name__} needs `after` or `before`")
    return condition


def _outside(name: str) -> str:
    first, *others = name.split("_")
    return f"`{first}{''.join(other.title() for other in others)}`"


CONDITIONS: dict[str, type[Condition]] = {
    name: known
    for known in (
        DateTimeBetween,
        TimeBetween,
        DayWeek,
        DayWeekInMonth,
        Weekend,
        PublicHoliday,
        Not,
        Or,
        Expression,
        ExecutionFlow,
        ExecutionNamespace,
        ExecutionLabels,
        ExecutionStatus,
        HasRetryAttempt,
        ExecutionOutputs,
        FlowIs,
        FlowNamespace,
        MultipleCondition,
    )
    for name in known.names
}
