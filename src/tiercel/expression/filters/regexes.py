"""Filters that search with regular expressions."""

from collections.abc import Mapping

from tiercel.expression.callables import About, Arguments, Filter, wrong_input
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
    "regexMatch": Filter(
        _match,
        "regex",
        About(
            "Whether a regular expression matches anywhere in the text; null never does.",
            "{{ 'order-17' | regexMatch('[0-9]+') }} → true",
        ),
    ),
    "regexReplace": Filter(
        _replace,
        "regex, replacement",
        About(
            "The text with each match replaced; `$1` is the first group.",
            "{{ 'a1b22' | regexReplace('([0-9]+)', '<$1>') }} → a<1>b<22>",
        ),
    ),
    "regexExtract": Filter(
        _extract,
        "regex, group=0",
        About(
            "The first match, or one of its groups; null where there is none.",
            "{{ 'order-17' | regexExtract('order-([0-9]+)', 1) }} → 17",
        ),
    ),
    "split": Filter(
        _split,
        "delimiter, limit=0",
        About(
            "The text cut at each match of a regular expression; at most `limit` parts when it is positive, and empty ones at"
            " the end stay when it is negative.",
            "{{ 'a,b,,' | split(',') }} → [\"a\",\"b\"]",
            "{{ 'a,b,c' | split(',', 2) }} → [\"a\",\"b,c\"]",
        ),
        missing="type",
    ),
}
