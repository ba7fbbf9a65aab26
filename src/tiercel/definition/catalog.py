"""What checking asks about types of tasks and triggers. services/catalog answers; here is only the question."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec


class PropertyProblem(msgspec.Struct, frozen=True):
    """What is wrong with one property of a plugin class."""

    path: tuple[str | int, ...]
    """Where, below the task or trigger: names as written in the flow, and places in lists."""
    kind: Literal["missing", "unknown", "invalid", "deprecated"]
    message: str
    suggestion: str | None = None
    """What was probably meant: a property, or one of the accepted words. Deprecated: what to write instead."""
    legacy: str | None = None
    """The original's words, where clients match on them (`invalid cron expression 'x': …`)."""
    known: tuple[str, ...] = ()
    """Unknown: the names that are known there."""


class Catalog(Protocol):
    """The known types."""

    def resolve(self, name: str) -> str | None:
        """The full current name of a type, given that name, its short form or an old alias; None where unknown."""
        ...

    def kind(self, name: str) -> str | None:
        """`task`, `trigger`, `condition`, `taskRunner` …"""
        ...

    def problems(self, name: str, properties: Mapping[str, Any]) -> Sequence[PropertyProblem]:
        """What is wrong with the properties of the type itself; values holding an expression are trusted.

        Also of a type that `missing_extra` has a sentence for, as far as its properties are known.
        """
        ...

    def outputs(self, name: str) -> Sequence[str] | None:
        """The names of what a task gives; None where that is not known, or depends on what it does."""
        ...

    def suggestions(self, name: str) -> Sequence[str]:
        """Known types that an unknown name was probably meant to be, the likeliest first."""
        ...

    def missing_extra(self, name: str) -> str | None:
        """A sentence to show for a type that exists but is not installed."""
        ...
