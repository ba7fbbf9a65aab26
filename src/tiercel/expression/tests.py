"""What may follow `is`. An undefined value is an error everywhere but in `is defined`."""

from collections.abc import Mapping

from tiercel.expression.callables import About, Test
from tiercel.expression.errors import ExpressionError
from tiercel.expression.json_reading import is_json
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
    return is_json(value)


TESTS: Mapping[str, Test] = {
    "defined": Test(
        lambda value: value is not None,
        About("It is there, and not null.", "{{ nobody is defined }} → false", "{{ inputs.name is defined }} → true"),
    ),
    "null": Test(lambda value: value is None, About("It is null.", "{{ null is null }} → true")),
    "empty": Test(
        _is_empty, About("It is null, a blank text, or a list or map of nothing.", "{{ '  ' is empty }} → true")
    ),
    "even": Test(_is_even, About("It is an integer that 2 divides.", "{{ 4 is even }} → true")),
    "odd": Test(
        lambda value: not _is_even(value), About("It is an integer that 2 does not divide.", "{{ 4 is odd }} → false")
    ),
    "iterable": Test(is_list, About("It is a list.", "{{ [1] is iterable }} → true", "{{ 'ab' is iterable }} → false")),
    "map": Test(is_map, About("It is a map.", "{{ {'a': 1} is map }} → true")),
    "json": Test(_is_json, About("It is a text that is JSON.", "{{ '[1' is not json }} → true")),
}
