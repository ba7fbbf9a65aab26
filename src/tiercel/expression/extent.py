"""How large a value is when everything in it is counted each time it occurs.

A list that holds the same list twice is small in memory and large on paper: whoever walks a value asks here first.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from tiercel.expression.budgets import Budget
from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import Value, is_list, is_map

USUAL = Budget()
"""For values that are written outside of any rendering."""


class Extent(NamedTuple):
    """`characters` is about what the value takes as text."""

    parts: int
    characters: int


def ensure_walkable(value: Value) -> None:
    """Raises ExpressionError when walking the value would take too long."""
    extent_of(value, USUAL)


def extent_of(value: Value, budget: Budget) -> Extent:
    """The extent. Raises ExpressionError where it goes beyond the budget."""
    parts, characters = 0, 0
    layer: list[Iterable[Value]] = [(value,)]
    for _ in range(budget.nesting + 1):
        inner: list[Iterable[Value]] = []
        for items in layer:
            for item in items:
                parts += 1
                kind = item.__class__
                if kind is str:
                    characters += len(item)
                elif is_map(item):
                    characters += _length_of_keys(item)
                    inner.append(item.values())
                elif is_list(item):
                    inner.append(item)
                else:
                    characters += _length_of_scalar(item)
            _check(parts, characters, budget)
        if not inner:
            return Extent(parts, characters)
        layer = inner
    raise ExpressionError("limit", f"the value has lists and maps more than {budget.nesting} deep in one another")


def too_large(most: int) -> ExpressionError:
    return ExpressionError("limit", f"the value has more than {most} parts")


def too_long(most: int) -> ExpressionError:
    return ExpressionError("limit", f"the text has more than {most} characters")


def _check(parts: int, characters: int, budget: Budget) -> None:
    if parts > budget.parts:
        raise too_large(budget.parts)
    if characters > budget.output:
        raise too_long(budget.output)


def _length_of_keys(value: Mapping[Any, Any]) -> int:
    return sum(len(key) if isinstance(key, str) else 8 for key in value)


def _length_of_scalar(value: Value) -> int:
    if isinstance(value, int):
        return value.bit_length() // 3 + 1
    if isinstance(value, Decimal) and value.is_finite():
        return abs(value.adjusted()) + len(value.as_tuple().digits)
    return len(value) if isinstance(value, str | bytes) else 8
