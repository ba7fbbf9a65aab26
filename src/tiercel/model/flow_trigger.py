"""The Flow trigger as people write it: which executions of other flows start this one, in the ways of 1.x and 2.0.

Typed here; decided by engine.listening.
"""

from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import regex
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from tiercel.model.conditions import TimeWindow
from tiercel.model.durations import parse_duration
from tiercel.model.labels import Labels
from tiercel.model.states import State
from tiercel.model.task import Authored, Shift

TYPES = ("io.kestra.plugin.core.trigger.Flow", "io.kestra.core.models.triggers.types.Flow")


def _span(written: Any) -> Any:
    span = parse_duration(written)
    if span.total_seconds() <= 0:
        raise ValueError(f"{written!r} must be longer than nothing")
    return written


Span = Annotated[str | int | float, AfterValidator(_span), Field(examples=["PT30S"])]
"""A duration that is longer than nothing."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; write its IANA name, for example Europe/Paris") from error
    return name


def _upper(word: object) -> object:
    return word.upper() if isinstance(word, str) else word


# The way of 2.0 ------------------------------------------------------------------------------------------------------


class Upstream(Authored):
    """An execution that is waited for; what is left out may be anything."""

    flow_id: str | None = None
    """The id of its flow."""
    namespace: str | None = None
    """The namespace of its flow, exactly this one."""
    states: tuple[State, ...] | None = None
    """One of them; without any SUCCESS or WARNING, or what `states` of the trigger says."""
    labels: Labels = ()
    """It has all of them."""
    when: str | bool | None = None
    """An expression over `namespace`, `flowId`, `state`, `labels`, `outputs`, `hasRetryAttempt`."""


class Window(Authored):
    """During which time executions count together. One way of saying so, not two."""

    deadline: time | None = None
    """From midnight until this time of day."""
    from_: Annotated[time | None, Field(alias="from")] = None
    """From this time of day; with `to`."""
    to: time | None = None
    """Until this time of day; with `from`."""
    every: Span | None = None
    """Spans of this length, the first of them at midnight."""
    offset: Shift | None = None
    """By which those spans begin later."""
    lookback: Span | None = None
    """No longer ago than this."""
    timezone: Annotated[str, AfterValidator(_zone)] | None = None
    """The time zone of times of day and of midnight by its IANA name; the server's where nothing is said."""
    fire_once: bool | None = None
    """Accepted and without effect: what was collected is always forgotten once it has started something."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Window":
        groups = [
            self.deadline is not None,
            self.from_ is not None or self.to is not None,
            self.every is not None or self.offset is not None,
            self.lookback is not None,
        ]
        if sum(groups) != 1:
            raise ValueError("a window says one of `deadline`, `from` and `to`, `every` (and `offset`), `lookback`")
        if (self.from_ is None) != (self.to is None):
            raise ValueError("a window needs `from` and `to`")
        if self.every is None and self.offset is not None:
            raise ValueError("a window with `offset` needs `every`")
        return self


class OnMiss(Authored):
    """What happens when the deadline passes and not all has come."""

    behavior: Annotated[Literal["FAIL"], BeforeValidator(_upper)] = "FAIL"
    """FAIL: an execution that failed is created, so that it can be seen."""
    labels: Labels = ()
    """Put on that execution."""


# The way of 1.x ------------------------------------------------------------------------------------------------------


class UpstreamFlow(Authored):
    """A flow whose execution is waited for."""

    namespace: str
    """The namespace of its flow."""
    flow_id: str | None = None
    """The id of its flow; any of the namespace, where nothing is said."""
    states: tuple[State, ...] | None = None
    """One of them; any that the trigger listens to, where nothing is said."""
    labels: Labels = ()
    """It has all of them."""


FilterType = Literal[
    "EQUAL_TO",
    "NOT_EQUAL_TO",
    "IN",
    "NOT_IN",
    "IS_TRUE",
    "IS_FALSE",
    "IS_NULL",
    "IS_NOT_NULL",
    "STARTS_WITH",
    "ENDS_WITH",
    "REGEX",
    "CONTAINS",
]
_OF_MANY = ("IN", "NOT_IN")
_OF_NONE = ("IS_TRUE", "IS_FALSE", "IS_NULL", "IS_NOT_NULL")


def _check_pattern(written: str) -> None:
    try:
        regex.compile(written)
    except regex.error as error:
        raise ValueError(f"`{written}` is no pattern: {error}") from error


class ExecutionFilter(Authored):
    """What one thing of an execution must be."""

    field: Literal["FLOW_ID", "NAMESPACE", "STATE", "EXPRESSION"]
    """What is looked at."""
    type: FilterType
    """How it is compared; REGEX must match the whole."""
    value: str | None = None
    """What it is compared with; for EXPRESSION, the expression itself where the type compares with nothing."""
    values: tuple[str, ...] | None = None
    """IN, NOT_IN: the list it is compared with."""

    @model_validator(mode="after")
    def _has_its_values(self) -> "ExecutionFilter":
        if self.type in _OF_MANY and not self.values:
            raise ValueError(f"a filter {self.type} needs `values`")
        if (
            self.type not in _OF_MANY
            and self.value is None
            and not (self.type in _OF_NONE and self.field != "EXPRESSION")
        ):
            raise ValueError(f"a filter {self.type} needs `value`")
        if self.type not in _OF_MANY and self.values:
            raise ValueError(f"a filter {self.type} takes `value`, not `values`")
        if self.type == "REGEX":
            _check_pattern(self.value or "")
        return self


class Where(Authored):
    """Filters for an execution that is waited for."""

    id: str
    """Its name."""
    operand: Literal["AND", "OR"] = "AND"
    """Whether all filters must hold, or one."""
    filters: Annotated[tuple[ExecutionFilter, ...], Field(min_length=1)]
    """What is looked at."""


class Preconditions(Authored):
    """What must have happened within a window."""

    id: str
    """Its name: what has come so far is kept by it."""
    description: str | None = None
    """For people."""
    flows: tuple[UpstreamFlow, ...] = ()
    """Flows of which an execution must have come, all of them."""
    where: tuple[Where, ...] = ()
    """Filters, each of which an execution must have passed."""
    time_window: TimeWindow | None = None
    """During which time they count together; a day, where nothing is said."""
    reset_on_success: bool = True
    """Whether all must come anew once it has started something; where not, each further one starts it again."""


# Both ----------------------------------------------------------------------------------------------------------------


class FlowTrigger(Authored):
    """Its own properties; `conditions`, `when`, `inputs` and `labels` are every trigger's."""

    states: tuple[State, ...] | None = None
    """States that are listened to: any end, and PAUSED, where nothing is said."""
    depends_on: tuple[Upstream, ...] = ()
    """Executions that are waited for. Without it, and without `preconditions` and `conditions`, every execution that enters one of the states starts the flow. Since 2.0."""
    mode: Annotated[Literal["ALL", "ANY", "AT_LEAST"], BeforeValidator(_upper)] = "ALL"
    """How many of `dependsOn` must have come: ALL, ANY, or AT_LEAST `minSatisfied`. Since 2.0."""
    min_satisfied: Annotated[int | None, Field(ge=1)] = None
    """With `mode: AT_LEAST`: how many are enough."""
    window: Window | None = None
    """During which time they count together, said in one way; the day, where nothing is said. Since 2.0."""
    on_miss: OnMiss | None = None
    """What happens when the window's deadline passes and not all has come."""
    preconditions: Preconditions | None = None
    """1.x: what must have happened within a window; write `dependsOn` and `window`."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "FlowTrigger":
        if self.preconditions is not None and self.depends_on:
            raise ValueError("write either `preconditions` or `dependsOn`")
        if self.mode == "AT_LEAST" and self.min_satisfied is None:
            raise ValueError("`mode: AT_LEAST` needs `minSatisfied`")
        if self.min_satisfied is not None and self.min_satisfied > max(len(self.depends_on), 1):
            raise ValueError(
                f"`minSatisfied` is {self.min_satisfied}, but `dependsOn` has {len(self.depends_on)} entries"
            )
        if self.on_miss is not None and (self.window is None or self.window.deadline is None):
            raise ValueError("`onMiss` needs a window with a `deadline`")
        return self
