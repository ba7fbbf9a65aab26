"""Functions of jq that take values and give one: `native(rendering, value, *arguments)`."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tiercel.expression.jq.dates import DATES
from tiercel.expression.jq.errors import JqError
from tiercel.expression.jq.kinds import Json, is_array, is_number, is_object, kind_of, shown
from tiercel.expression.jq.numbers import NUMBERS
from tiercel.expression.jq.patterns import matches
from tiercel.expression.jq.scope import Native, of_two, of_value
from tiercel.expression.jq.values import (
    add,
    compare,
    delete_paths,
    from_json,
    indices,
    is_equal,
    is_true,
    set_path,
    split,
    to_json,
    to_text,
)
from tiercel.expression.rendering import Rendering

BLOCKED: Mapping[str, str] = {
    "env": "the environment of the server is not to be seen from here",
    "$ENV": "the environment of the server is not to be seen from here",
    **dict.fromkeys(
        (
            "input",
            "inputs",
            "input_filename",
            "input_line_number",
            "debug",
            "stderr",
            "halt",
            "halt_error",
            "modulemeta",
            "get_search_list",
        ),
        "a program sees its one input only",
    ),
}
"""What jq has and an expression must not have, and why."""


def _length(_: Rendering, value: Json) -> Json:
    if value is None:
        return 0
    if is_number(value):
        return abs(value)
    if isinstance(value, bool):
        raise JqError(f"{shown(value)} has no length")
    return len(value)


def _keys(_: Rendering, value: Json) -> Json:
    return sorted(_keys_unsorted(_, value))


def _keys_unsorted(_: Rendering, value: Json) -> list[Any]:
    if is_object(value):
        return list(value)
    if is_array(value):
        return list(range(len(value)))
    raise JqError(f"{shown(value)} has no keys")


def _has(_: Rendering, value: Json, key: Json) -> bool:
    if is_object(value) and isinstance(key, str):
        return key in value
    if is_array(value) and is_number(key):
        return 0 <= key < len(value)
    raise JqError(f"Cannot check whether {kind_of(value)} has a {kind_of(key)} key")


def _contains(rendering: Rendering, value: Json, other: Json) -> bool:
    if kind_of(value) != kind_of(other):
        raise JqError(f"{shown(value)} and {shown(other)} cannot have their containment checked")
    return _holds(rendering, value, other)


def _holds(rendering: Rendering, value: Json, other: Json) -> bool:
    rendering.spend(2)
    if is_object(value) and is_object(other):
        wanted: dict[str, Json] = other
        return all(name in value and _holds(rendering, value[name], item) for name, item in wanted.items())
    if is_array(value) and is_array(other):
        own: list[Json] = value
        return all(any(_holds(rendering, mine, item) for mine in own) for item in other)
    if isinstance(value, str) and isinstance(other, str):
        return other in value
    return is_equal(value, other)


def _add(rendering: Rendering, value: Json) -> Json:
    items: Sequence[Json] = list(value.values()) if is_object(value) else value
    if not is_array(items):
        raise JqError(f"Cannot iterate over {shown(value)}")
    if items and all(isinstance(item, str) for item in items):
        return rendering.joined([str(item) for item in items])
    total: Json = None
    for item in items:
        rendering.spend()
        total = rendering.admit(add(total, item))
    return total


def _flatten(_: Rendering, value: Json, depth: Json = math.inf) -> Json:
    if not is_array(value):
        raise JqError(f"Cannot iterate over {shown(value)}")
    if not is_number(depth) or depth < 0:
        raise JqError("flatten depth must not be negative")
    return _flat(value, depth)


def _flat(items: list[Json], depth: float) -> list[Json]:
    flat: list[Json] = []
    for item in items:
        if is_array(item) and depth > 0:
            flat.extend(_flat(item, depth - 1))
        else:
            flat.append(item)
    return flat


def _reverse(_: Rendering, value: Json) -> Json:
    if value is None:
        return []
    if not isinstance(value, str) and not is_array(value):
        raise JqError(f"Cannot reverse {shown(value)}")
    return value[::-1]


def _to_number(_: Rendering, value: Json) -> Json:
    if is_number(value):
        return value
    if not isinstance(value, str):
        raise JqError(f"{shown(value)} cannot be parsed as a number")
    parsed = from_json(value)
    if not is_number(parsed):
        raise JqError(f"{shown(value)} cannot be parsed as a number")
    return parsed


def _text(owner: str, change: Callable[[str], Json]) -> Native:
    def native(_: Rendering, value: Json) -> Json:
        if not isinstance(value, str):
            raise JqError(f"{owner} input must be a string")
        return change(value)

    return native


def _with_text(check: Callable[[str, str], Json], owner: str) -> Native:
    """A function of two texts that must both be some."""

    def native(_: Rendering, value: Json, other: Json) -> Json:
        if not isinstance(value, str) or not isinstance(other, str):
            raise JqError(f"{owner}() requires string inputs")
        return check(value, other)

    return native


def _stripping(strip: Callable[[str, str], str]) -> Native:
    """What is no text stays as it is."""

    def native(_: Rendering, value: Json, part: Json) -> Json:
        return strip(value, part) if isinstance(value, str) and isinstance(part, str) else value

    return native


def _split(rendering: Rendering, value: Json, separator: Json, flags: Json = None) -> Json:
    if not isinstance(value, str) or not isinstance(separator, str):
        raise JqError("split input and separator must be strings")
    return split(value, separator)


def _split_by_pattern(rendering: Rendering, value: Json, expression: Json, flags: Json) -> Json:
    parts: list[str] = []
    position = 0
    for found in matches(rendering, value, expression, "g" + (flags or "")):
        parts.append(value[position : found.start])
        position = found.end
    return [*parts, value[position:]]


def _test(rendering: Rendering, value: Json, expression: Json, flags: Json) -> bool:
    return bool(matches(rendering, value, expression, flags))


def _explode(text: str) -> list[int]:
    return [ord(character) for character in text]


def _implode(_: Rendering, value: Json) -> str:
    if not is_array(value):
        raise JqError("implode input must be an array")
    codes: list[Json] = value
    if not all(is_number(code) and 0 <= code < 0x110000 for code in codes):
        raise JqError("Unicode codepoint must be numeric")
    return "".join(chr(int(code)) for code in codes)


def _transpose(_: Rendering, value: Json) -> Json:
    if not is_array(value) or not all(map(is_array, value)):
        raise JqError(f"{shown(value)} cannot be transposed, as it is not an array of arrays")
    rows: list[list[Json]] = value
    width = max(map(len, rows), default=0)
    return [[row[place] if place < len(row) else None for row in rows] for place in range(width)]


def _search(_: Rendering, value: Json, wanted: Json) -> int:
    """Where it is in a sorted list; less than 0 where it would have to be put."""
    if not is_array(value):
        raise JqError(f"{shown(value)} cannot be searched from")
    items: list[Json] = value
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if compare(items[middle], wanted) < 0:
            low = middle + 1
        else:
            high = middle
    return low if low < len(items) and is_equal(items[low], wanted) else -1 - low


def _set_path(_: Rendering, value: Json, path: Json, new: Json) -> Json:
    if not is_array(path):
        raise JqError("Path must be specified as an array")
    return set_path(value, path, new)


def _delete_paths(_: Rendering, value: Json, paths: Json) -> Json:
    if not is_array(paths):
        raise JqError("Paths must be specified as an array")
    return delete_paths(value, paths)


NATIVES: Mapping[str, Native] = {
    **NUMBERS,
    **DATES,
    "not/0": of_value(lambda value: not is_true(value)),
    "true/0": of_value(lambda value: True),
    "false/0": of_value(lambda value: False),
    "null/0": of_value(lambda value: None),
    "type/0": of_value(kind_of),
    "length/0": _length,
    "utf8bytelength/0": _text("utf8bytelength", lambda text: len(text.encode("utf-8", "replace"))),
    "keys/0": _keys,
    "keys_unsorted/0": _keys_unsorted,
    "has/1": _has,
    "contains/1": _contains,
    "add/0": _add,
    "flatten/0": _flatten,
    "flatten/1": _flatten,
    "reverse/0": _reverse,
    "indices/1": of_two(indices),
    "_indices/1": of_two(indices),
    "transpose/0": _transpose,
    "bsearch/1": _search,
    "setpath/2": _set_path,
    "delpaths/1": _delete_paths,
    "tostring/0": of_value(to_text),
    "tonumber/0": _to_number,
    "tojson/0": of_value(to_json),
    "fromjson/0": _text("fromjson", from_json),
    "ascii_downcase/0": _text("ascii_downcase", lambda text: "".join(c.lower() if c.isascii() else c for c in text)),
    "ascii_upcase/0": _text("ascii_upcase", lambda text: "".join(c.upper() if c.isascii() else c for c in text)),
    "explode/0": _text("explode", _explode),
    "implode/0": _implode,
    "trim/0": _text("trim", str.strip),
    "ltrim/0": _text("trim", str.lstrip),
    "rtrim/0": _text("trim", str.rstrip),
    "startswith/1": _with_text(str.startswith, "startswith"),
    "endswith/1": _with_text(str.endswith, "endswith"),
    "ltrimstr/1": _stripping(str.removeprefix),
    "rtrimstr/1": _stripping(str.removesuffix),
    "trimstr/1": _stripping(lambda text, part: text.removeprefix(part).removesuffix(part)),
    "split/1": _split,
    "split/2": _split_by_pattern,
    "test/2": _test,
}
