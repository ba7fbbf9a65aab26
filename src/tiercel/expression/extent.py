"""How large a value is when everything in it is counted each time it occurs.

A list that holds the same list twice is small in memory and large on paper: whoever walks a value asks here first.
"""

from collections.abc import Iterable

from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import Value, is_list, is_map

MOST_PARTS = 2_000_000


def ensure_walkable(value: Value) -> None:
    """Raises ExpressionError when walking the value would take too long."""
    waiting: list[Iterable[Value]] = [(value,)]
    count = 0
    while waiting:
        for item in waiting.pop():
            count += 1
            if is_map(item):
                waiting.append(item.values())
            elif is_list(item):
                waiting.append(item)
        if count > MOST_PARTS:
            raise too_large()


def too_large() -> ExpressionError:
    return ExpressionError("limit", f"the value has more than {MOST_PARTS} parts")
