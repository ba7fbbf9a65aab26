"""Types for the properties of plugin classes."""

from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SecretStr

from tiercel.model.durations import format_duration, parse_duration

T = TypeVar("T")

LogLevel = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]


class NotRendered:
    """Marks a property whose `{{ }}` the task renders itself, if at all."""


Raw = Annotated[T, NotRendered()]
"""`Raw[str]`: the worker hands the text over as written."""


class RenderedToText:
    """Marks a value whose expressions give texts at any depth, whatever type they would have."""


Texts = Annotated[Any, RenderedToText()]
"""Anything; what an expression gives within it is a text, what is written without one keeps its type."""


def _as_duration(value: Any) -> Any:
    return parse_duration(value) if isinstance(value, str | int | float) else value


def _not_negative(span: timedelta) -> timedelta:
    if span < timedelta(0):
        raise ValueError(f"{format_duration(span)} is less than nothing: a duration here cannot be negative")
    return span


Duration = Annotated[
    timedelta, BeforeValidator(_as_duration), AfterValidator(_not_negative), PlainSerializer(format_duration)
]
"""ISO-8601 (`PT30S`) or a number of seconds."""

Secret = SecretStr
"""A value that is never shown: masked in logs, forms and errors."""
