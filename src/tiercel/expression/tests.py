"""What may follow `is`. An undefined value is an error everywhere but in `is defined`."""

import json
from collections.abc import Callable, Mapping

from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import Value, is_integer, is_list, is_map, name_of_type


def _is_empty(value: Value) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or ((is_list(value) or is_map(value)) and not value)


def _is_even(value: Value) -> bool:
    if value is None:
        raise ExpressionError("null", "null is neither even nor odd")
    if not is_integer(value):
        raise ExpressionError("type", f"{name_of_type(value)} is neither even nor odd; an integer is")
    return value % 2 == 0


def _is_json(value: Value) -> bool:
    if not isinstance(value, str):
        raise ExpressionError("type", f"`is json` works on a text; it got {name_of_type(value)}")
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


TESTS: Mapping[str, Callable[[Value], bool]] = {
    "defined": lambda value: value is not None,
    "null": lambda value: value is None,
    "empty": _is_empty,
    "even": _is_even,
    "odd": lambda value: not _is_even(value),
    "iterable": is_list,
    "map": is_map,
    "json": _is_json,
}
