"""Filters that search with regular expressions."""

from collections.abc import Mapping

from tiercel.expression.callables import Arguments, Filter, wrong_input
from tiercel.expression.errors import ExpressionError
from tiercel.expression.regexes import find, replace_all, split
from tiercel.expression.text import to_string
from tiercel.expression.values import Value


def _match(value: Value, arguments: Arguments) -> bool:
    pattern = to_string(arguments.needed("regex"))
    return value is not None and find(pattern, to_string(value), arguments.rendering) is not None


def _replace(value: Value, arguments: Arguments) -> Value:
    pattern, replacement = arguments.needed("regex"), arguments.needed("replacement")
    if value is None:
        return None
    return replace_all(to_string(pattern), to_string(value), to_string(replacement), arguments.rendering)


def _extract(value: Value, arguments: Arguments) -> Value:
    pattern = to_string(arguments.needed("regex"))
    group = arguments.integer("group") if arguments.has("group") else 0
    found = None if value is None else find(pattern, to_string(value), arguments.rendering)
    if found is None:
        return None
    try:
        return found.group(group)
    except IndexError:
        raise ExpressionError("value", f"`{pattern}` has no group {group}") from None


def _split(value: Value, arguments: Arguments) -> Value:
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong_input("split", value, "a text")
    delimiter = arguments.text("delimiter", "type")
    limit = arguments.integer("limit", "type") if arguments.has("limit") else 0
    return split(delimiter, value, limit, arguments.rendering)


FILTERS: Mapping[str, Filter] = {
    "regexMatch": Filter(_match, ("regex",)),
    "regexReplace": Filter(_replace, ("regex", "replacement")),
    "regexExtract": Filter(_extract, ("regex", "group")),
    "split": Filter(_split, ("delimiter", "limit")),
}
