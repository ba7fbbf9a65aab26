"""What has been used so far, by all renderings that share their surroundings."""

from collections.abc import Iterable

from tiercel.expression.budgets import Budget
from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import Value, is_list, is_map

LIGHT = frozenset({int, float, bool, type(None)})
"""Types of values that cost nothing to look at."""
LARGE = 256
"""Characters or elements of a value that is worth counting; smaller ones are bounded by the steps that make them."""

_BYTES_OF_A_NUMBER = 32
_BYTES_OF_AN_EMPTY_TEXT = 73
_ELEMENTS_A_STEP = 16


class Meter:
    """Counts upwards. Each of its verbs raises ExpressionError where the budget is at its end."""

    __slots__ = ("budget", "memory", "printed", "seconds", "steps")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.steps = 0
        self.memory = 0
        """Bytes of large values: printed, in variables, or made since stock was taken."""
        self.printed = 0
        self.seconds = 0.0
        """What regular expressions have used."""

    def spend(self, steps: int) -> None:
        self.steps += steps
        if self.steps > self.budget.steps:
            raise ExpressionError(
                "limit", f"the expression takes more than {self.budget.steps} steps; leave such work to a task"
            )

    def hold(self, size: int) -> None:
        """Count the bytes of a value just made."""
        self.memory += size
        if self.memory > self.budget.memory:
            raise ExpressionError(
                "limit", f"the expression needs more than {self.budget.memory} bytes; leave such work to a task"
            )

    def keep(self, size: int) -> None:
        """Count the bytes of a value just printed: they stay until the end."""
        self.printed += size

    @property
    def is_stock_due(self) -> bool:
        return 2 * (self.memory - self.printed) > self.budget.memory

    def take_stock(self, variables: Iterable[Value]) -> None:
        """Between two statements nothing is alive but what was printed and what variables hold."""
        seen: set[int] = set()
        self.memory = self.printed + sum(self._size(value, seen) for value in variables)

    def _size(self, value: Value, seen: set[int]) -> int:
        """The bytes of large values in it, each counted once."""
        waiting, size = [value], 0
        while waiting:
            item = waiting.pop()
            if id(item) in seen:
                continue
            if is_map(item) or is_list(item):
                seen.add(id(item))
                inner = item.values() if is_map(item) else item
                self.spend(1 + len(inner) // _ELEMENTS_A_STEP)
                size += size_of(item)
                if LIGHT.issuperset(map(type, inner)):
                    size += _BYTES_OF_A_NUMBER * len(inner)
                else:
                    waiting.extend(inner)
            elif isinstance(item, str) and len(item) > LARGE:
                seen.add(id(item))
                size += size_of(item)
        return size


def size_of(value: Value) -> int:
    """The bytes a text or list takes by itself."""
    return value.__sizeof__() if isinstance(value, str | list) else 100 * len(value) if is_map(value) else 0


def width_of(text: str) -> int:
    """The bytes that each character of a text takes: one strange character makes all of them wide."""
    if text.isascii():
        return 1
    return min(4, (text.__sizeof__() - _BYTES_OF_AN_EMPTY_TEXT) // len(text))
