"""Whether an assertion holds, as data. Both sides are rendered already."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tiercel.expression import to_text
from tiercel.model.record import Record


class AssertionResult(Record, frozen=True, omit_defaults=False):
    """What one operator of an assertion came to; the names are those of the original's answer."""

    operator: str
    expected: Any
    actual: Any
    is_success: bool
    task_id: str | None = None
    description: str | None = None
    error_message: str | None = None
    """Why it does not hold: the assertion's own words, or what is different."""


def judged(actual: Any, expected: Mapping[str, Any]) -> Iterator[AssertionResult]:
    """One result for each operator, by its name as it is written."""
    for operator, wanted in expected.items():
        holds = OPERATORS[operator](actual, wanted)
        yield AssertionResult(
            operator, wanted, actual, holds, error_message=None if holds else _why(operator, actual, wanted)
        )


def _why(operator: str, actual: Any, wanted: Any) -> str:
    if operator in _OF_NUMBERS and _number(actual) is None:
        return f"`{to_text(actual)}` is no number"
    if operator in ("isNull", "isNotNull"):
        return "it is null" if actual is None else f"it is {_shown(actual)}, not null"
    return f"{_shown(actual)} is not {_WORDS[operator]} {_shown(wanted)}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _equal(actual: Any, wanted: Any) -> bool:
    """Values are equal, or their texts are: an expression gives `200` where 200 is meant."""
    return actual == wanted or _text(actual) == _text(wanted)


def _text(value: Any) -> str | None:
    return None if value is None else to_text(value)


def _contains(actual: Any, wanted: Any) -> bool:
    if isinstance(actual, list | tuple | dict) and any(_equal(item, wanted) for item in actual):  # pyright: ignore[reportUnknownVariableType]
        return True
    return actual is not None and to_text(wanted) in to_text(actual)


def _among(actual: Any, wanted: Any) -> bool:
    choices = json.loads(wanted) if isinstance(wanted, str) else wanted
    return any(_equal(actual, choice) for choice in choices)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _compared(holds: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def judge(actual: Any, wanted: Any) -> bool:
        left, right = _number(actual), _number(wanted)
        return left is not None and right is not None and holds(left, right)

    return judge


def _truth(wanted: Any) -> bool:
    return to_text(wanted).lower() == "true"


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "equalTo": _equal,
    "notEqualTo": lambda actual, wanted: not _equal(actual, wanted),
    "greaterThan": _compared(lambda left, right: left > right),
    "greaterThanOrEqualTo": _compared(lambda left, right: left >= right),
    "lessThan": _compared(lambda left, right: left < right),
    "lessThanOrEqualTo": _compared(lambda left, right: left <= right),
    "startsWith": lambda actual, wanted: actual is not None and to_text(actual).startswith(to_text(wanted)),
    "endsWith": lambda actual, wanted: actual is not None and to_text(actual).endswith(to_text(wanted)),
    "contains": _contains,
    "in": _among,
    "notIn": lambda actual, wanted: not _among(actual, wanted),
    "isNull": lambda actual, wanted: (actual is None) is _truth(wanted),
    "isNotNull": lambda actual, wanted: (actual is not None) is _truth(wanted),
}
_OF_NUMBERS = frozenset({"greaterThan", "greaterThanOrEqualTo", "lessThan", "lessThanOrEqualTo"})
_WORDS = {
    "equalTo": "equal to",
    "notEqualTo": "different from",
    "greaterThan": "greater than",
    "greaterThanOrEqualTo": "greater than or equal to",
    "lessThan": "less than",
    "lessThanOrEqualTo": "less than or equal to",
    "startsWith": "something that starts with",
    "endsWith": "something that ends with",
    "contains": "something that contains",
    "in": "among",
    "notIn": "outside of",
}
