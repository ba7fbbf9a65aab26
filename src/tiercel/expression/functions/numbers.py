"""Functions on numbers."""

from collections.abc import Mapping
from typing import TypeGuard

from tiercel.expression.callables import About, Arguments, Function
from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import Number, Value, is_integer, is_number, name_of_type

_ELEMENTS_A_STEP = 32
_BYTES_AN_ELEMENT = 32


def _range(arguments: Arguments) -> Value:
    start, end = arguments.get("start"), arguments.get("end")
    increment = arguments.get("increment", 1)
    if not is_integer(increment) or increment == 0:
        raise ExpressionError("value", "the argument `increment` of `range` must be an integer other than 0")
    if is_integer(start) and is_integer(end):
        return _integers(start, end, increment, arguments)
    if _is_character(start) and _is_character(end):
        return list(map(chr, _integers(ord(start), ord(end), increment, arguments)))
    wanted = "two integers or two characters"
    raise ExpressionError("value", f"a range needs {wanted}; it got {name_of_type(start)} and {name_of_type(end)}")


def _integers(start: int, end: int, increment: int, arguments: Arguments) -> list[int]:
    """Both ends belong to it."""
    span = range(start, end + (1 if increment > 0 else -1), increment)
    most = arguments.rendering.surroundings.budget.range_elements
    if (end - start) // increment >= most:
        raise ExpressionError("limit", f"the range has more than {most} elements")
    arguments.rendering.spend(len(span) // _ELEMENTS_A_STEP)
    arguments.rendering.meter.hold(len(span) * _BYTES_AN_ELEMENT)
    return list(span)


def _is_character(value: Value) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) == 1


def _numbers(arguments: Arguments) -> list[Number]:
    values: list[Value] = arguments.get("values")
    if not values:
        raise ExpressionError("argument", f"`{arguments.owner}` needs at least one number")
    for value in values:
        if not is_number(value):
            raise ExpressionError("type", f"`{arguments.owner}` compares numbers; it got {name_of_type(value)}")
    return values


FUNCTIONS: Mapping[str, Function] = {
    "range": Function(
        _range,
        "start, end, increment=1",
        About(
            "The numbers, or characters, from one to another, both of them part of it.",
            "{{ range(1, 4) }} → [1,2,3,4]",
            "{{ range(10, 0, -5) }} → [10,5,0]",
            '{{ range(\'a\', \'c\') }} → ["a","b","c"]',
        ),
        missing="value",
    ),
    "max": Function(
        lambda arguments: max(_numbers(arguments)),
        "values…",
        About("The largest of some numbers.", "{{ max(3, 10.5, 2) }} → 10.5"),
    ),
    "min": Function(
        lambda arguments: min(_numbers(arguments)),
        "values…",
        About("The smallest of some numbers.", "{{ min(3, 10.5, 2) }} → 2"),
    ),
}
