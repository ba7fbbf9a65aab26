"""Shortcuts for tests of expressions: a template, its context as named arguments, and surroundings that never change."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tiercel.expression import Budget, ExpressionError, Host, NoHost, Surroundings, compile

AT = datetime(2025, 1, 6, 10, 15, 30, 123456, tzinfo=UTC)


def surroundings(*, seed: int = 7, task_run: str = "run", host: Host | None = None, **limits: Any) -> Surroundings:
    return Surroundings(
        at=AT, zone=ZoneInfo("UTC"), seed=seed, task_run=task_run, host=host or NoHost(), budget=Budget(**limits)
    )


def rendered(template: str, **context: Any) -> str:
    return compile(template).render(context, surroundings())


def typed(template: str, **context: Any) -> Any:
    return compile(template).render_typed(context, surroundings())


def refused(template: str, context: Mapping[str, Any] | None = None, **limits: Any) -> ExpressionError:
    """The error a template ends with."""
    try:
        text = compile(template).render(context or {}, surroundings(**limits))
    except ExpressionError as error:
        return error
    raise AssertionError(f"{template[:200]!r} was rendered as {text[:200]!r}")
