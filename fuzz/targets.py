"""What is fuzzed: each target takes any text and may refuse it in our own words, and in no other way."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tiercel.definition import check, legacy_text, read
from tiercel.expression import Compiler, Dialect, ExpressionError, Surroundings, render_typed, to_text
from tiercel.expression.budgets import ReadingBudget
from tiercel.expression.pieces import cut
from tiercel.services.catalog import PluginCatalog

_AT = datetime(2025, 1, 6, 10, 15, 30, 123456, tzinfo=UTC)
_BUDGET = ReadingBudget()
_CATALOG = PluginCatalog.installed()
_RECURSIVE = Compiler(Dialect(is_recursive=True), cached=1)
_PLAIN = Compiler(cached=1)
CONTEXT: Mapping[str, Any] = {
    "s": "a,b",
    "i": 5,
    "f": 1.5,
    "n": None,
    "t": True,
    "l": [1, "a", None, [2]],
    "m": {"a": {"b": [1]}, "": 0},
    "big": 10**30,
    "at": _AT,
    "json": '{"a": [1, {"b": null}]}',
    "yaml": "a: [1, yes]\nb: {c: 010}",
    "template": "{{ i }}{% for x in l %}{{ x }}{% endfor %}",
    "outputs": {"a": {"values": {"b": 1}}, "each": {"outputs": [{"outputs": {"x": 1}}]}},
    "flow": {"id": "f", "namespace": "n"},
}


def lexer(text: str) -> None:
    """A template is cut into its pieces and tokens."""
    with suppress(ExpressionError):
        cut(text, _BUDGET)


def parser(text: str) -> None:
    """A template is compiled, in both dialects."""
    for compiler in (_PLAIN, _RECURSIVE):
        with suppress(ExpressionError):
            template = compiler.compile(text)
            assert all(fault.message for fault in template.faults)


def renderer(text: str) -> None:
    """A template is rendered to text, to a value, or again and again: one of them, for each has a second of its own."""
    error = _error_of(_RENDERINGS[len(text) % len(_RENDERINGS)], text)
    assert error is None or (error.message and str(error) and 0 <= (error.offset or 0) <= len(error.template))


def _error_of(render: Callable[[str], str], text: str) -> ExpressionError | None:
    try:
        assert isinstance(render(text), str)
    except ExpressionError as error:
        return error
    return None


_RENDERINGS: tuple[Callable[[str], str], ...] = (
    lambda text: _PLAIN.compile(text).render(CONTEXT, _surroundings()),
    lambda text: to_text(render_typed(text, CONTEXT, _surroundings())),
    lambda text: _RECURSIVE.compile(text).render(CONTEXT, _surroundings()),
)


def yaml(text: str) -> None:
    """A text is read and checked as a flow."""
    reading = read(text)
    problems = check(reading, _CATALOG)
    assert reading.flow is not None or legacy_text(problems)
    assert all(problem.message for problem in problems)


def _surroundings() -> Surroundings:
    return Surroundings(at=_AT, zone=ZoneInfo("UTC"), seed=7, stopwatch=time.thread_time)


TARGETS: Mapping[str, Callable[[str], None]] = {"lexer": lexer, "parser": parser, "renderer": renderer, "yaml": yaml}


def run(name: str, data: bytes) -> None:
    """Any bytes as a text: what is no UTF-8 comes in as a flow with such bytes would, replaced."""
    TARGETS[name](data.decode("utf-8", "replace"))
