"""What jq does with values: order, arithmetic, paths, JSON text."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cmp_to_key
from json.encoder import encode_basestring
from typing import Any, TypeAlias

from tiercel.expression.extent import ensure_walkable
from tiercel.expression.jq.errors import JqError
from tiercel.expression.jq.kinds import Json, is_array, is_number, is_object, kind_of, shown
from tiercel.expression.numerals import double_text

Path: TypeAlias = tuple[Any, ...]
_RANKS = {"null": 0, "boolean": 1, "number": 2, "string": 3, "array": 4, "object": 5}
_MOST_ELEMENTS = 10**7
_LARGEST_DOUBLE_INTEGER = 2**63
_FAR = 2**53


# Order -----------------------------------------------------------------------------------------------------------------


def compare(left: Json, right: Json) -> int:
    """Null, false, true, numbers, texts, lists, maps: negative, 0 or positive. Not-a-number is less than everything."""
    if is_array(left) or is_object(left):
        ensure_walkable(left)
    return _compare(left, right)


def _compare(left: Json, right: Json) -> int:
    kind, other = kind_of(left), kind_of(right)
    if kind != other:
        return _RANKS[kind] - _RANKS[other]
    match kind:
        case "array":
            return _compare_lists(left, right)
        case "object":
            return _compare_maps(left, right)
        case "null":
            return 0
        case _:
            return -1 if left != left else (left > right) - (left < right)


def _compare_lists(left: Sequence[Json], right: Sequence[Json]) -> int:
    for one, other in zip(left, right, strict=False):
        if order := _compare(one, other):
            return order
    return len(left) - len(right)


def _compare_maps(left: Mapping[str, Json], right: Mapping[str, Json]) -> int:
    names, others = sorted(left), sorted(right)
    return _compare_lists(names, others) or _compare_lists(
        [left[name] for name in names], [right[name] for name in names]
    )


def is_equal(left: Json, right: Json) -> bool:
    return compare(left, right) == 0


def identity(value: Json) -> object:
    """The same for equal values, and hashable."""
    if is_array(value) or is_object(value):
        ensure_walkable(value)
    return _identity(value)


def _identity(value: Json) -> object:
    if is_array(value):
        return tuple(map(_identity, value))
    if is_object(value):
        return frozenset((name, _identity(item)) for name, item in value.items())
    return value is True or value is False, value


ORDER = cmp_to_key(compare)


def is_true(value: Json) -> bool:
    return value is not None and value is not False


# Arithmetic ------------------------------------------------------------------------------------------------------------


def add(left: Json, right: Json) -> Json:
    if left is None or right is None:
        return right if left is None else left
    kind = kind_of(left)
    if kind != kind_of(right) or kind == "boolean":
        raise _refused(left, right, "added")
    if kind == "number":
        return number(left + right)
    return {**left, **right} if kind == "object" else left + right


def subtract(left: Json, right: Json) -> Json:
    if _are_numbers(left, right):
        return number(left - right)
    if is_array(left) and is_array(right):
        removed = set(map(identity, right))
        return [item for item in left if identity(item) not in removed]
    raise _refused(left, right, "subtracted")


def multiply(left: Json, right: Json) -> Json:
    if _are_numbers(left, right):
        return number(left * right)
    if isinstance(left, str) and is_number(right):
        return _repeated(left, right)
    if isinstance(right, str) and is_number(left):
        return multiply(right, left)
    if is_object(left) and is_object(right):
        return _merged(left, right)
    raise _refused(left, right, "multiplied")


def _repeated(text: str, times: float) -> str | None:
    """Nothing where it is not repeated at all; never more than can be kept."""
    if not times > 0:
        return None
    return text * math.ceil(min(times, max(1, _MOST_ELEMENTS // max(1, len(text)))))


def divide(left: Json, right: Json) -> Json:
    if _are_numbers(left, right):
        if right == 0:
            raise JqError(f"{shown(left)} and {shown(right)} cannot be divided because the divisor is zero")
        return (
            left // right
            if isinstance(left, int) and isinstance(right, int) and left % right == 0
            else number(left / right)
        )
    if isinstance(left, str) and isinstance(right, str):
        return split(left, right)
    raise _refused(left, right, "divided")


def remainder(left: Json, right: Json) -> Json:
    if not _are_numbers(left, right):
        raise _refused(left, right, "divided")
    if math.isnan(left) or math.isnan(right):
        return math.nan
    dividend, divisor = _whole(left), abs(_whole(right))
    if divisor == 0:
        raise JqError(f"{shown(left)} and {shown(right)} cannot be divided because the divisor is zero")
    return int(math.copysign(abs(dividend) % divisor, dividend)) if abs(dividend) < 2**53 else dividend % divisor


def negative(value: Json) -> Json:
    if not is_number(value):
        raise JqError(f"{shown(value)} cannot be negated")
    return -value


def split(text: str, separator: str) -> list[str]:
    if not text:
        return []
    return text.split(separator) if separator else list(text)


def number(value: float) -> int | float:
    """Integers stay integers, and doubles without a fraction become some; larger ones than a double are doubles."""
    if isinstance(value, int):
        return value if abs(value) < _LARGEST_DOUBLE_INTEGER else _double(value)
    return int(value) if value.is_integer() and abs(value) < 1e17 else value


def _double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _whole(value: float) -> int:
    return int(value) if math.isfinite(value) else _LARGEST_DOUBLE_INTEGER - 1


def _merged(left: Mapping[str, Json], right: Mapping[str, Json]) -> dict[str, Json]:
    merged = dict(left)
    for name, value in right.items():
        mine = merged.get(name)
        merged[name] = _merged(mine, value) if is_object(mine) and is_object(value) else value
    return merged


def _are_numbers(left: Json, right: Json) -> bool:
    return is_number(left) and is_number(right)


def _refused(left: Json, right: Json, done: str) -> JqError:
    return JqError(f"{shown(left)} and {shown(right)} cannot be {done}")


ARITHMETIC: Mapping[str, Callable[[Json, Json], Json]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "==": is_equal,
    "!=": lambda left, right: not is_equal(left, right),
    "<": lambda left, right: compare(left, right) < 0,
    "<=": lambda left, right: compare(left, right) <= 0,
    ">": lambda left, right: compare(left, right) > 0,
    ">=": lambda left, right: compare(left, right) >= 0,
}


# Paths -----------------------------------------------------------------------------------------------------------------


def index(value: Json, key: Json) -> Json:
    """`value[key]`; null where there is nothing."""
    if is_object(value) and isinstance(key, str):
        return value.get(key)
    if is_array(value) and is_number(key):
        place = _floor(key)
        place += len(value) if place < 0 else 0
        return value[place] if 0 <= place < len(value) else None
    if is_array(value) and is_array(key):
        return indices(value, key)
    if is_object(key) and {"start", "end"} >= key.keys() and key:
        return cut(value, key.get("start"), key.get("end"))
    if value is None and (key is None or kind_of(key) in ("string", "number")):
        return None
    named = f'"{key}"' if isinstance(key, str) else kind_of(key)
    raise JqError(f"Cannot index {kind_of(value)} with {named}")


def cut(value: Json, start: Json, end: Json) -> Json:
    if value is None:
        return None
    if not isinstance(value, str) and not is_array(value):
        raise JqError(f"Cannot index {kind_of(value)} with object")
    first, last = bounds(len(value), start, end)
    return value[first:last]


def bounds(length: int, start: Json, end: Json) -> tuple[int, int]:
    """The part of something that long from `start` to `end`, which may be negative or null."""
    for edge in (start, end):
        if edge is not None and not is_number(edge):
            raise JqError("Start and end indices of an array slice must be numbers")
    first = 0 if start is None else _floor(start)
    last = length if end is None else -_floor(-end)
    first = max(0, first + length) if first < 0 else min(first, length)
    last = max(0, last + length) if last < 0 else min(last, length)
    return first, max(first, last)


def indices(value: Json, wanted: Json) -> Json:
    """Where a part begins."""
    if value is None:
        return None
    if isinstance(value, str) and isinstance(wanted, str):
        return [place for place in range(len(value)) if wanted and value.startswith(wanted, place)]
    if is_array(value):
        parts: list[Json] = wanted if is_array(wanted) else [wanted]
        if not parts:
            return None
        return [place for place in range(len(value)) if is_equal(value[place : place + len(parts)], parts)]
    return index(value, wanted)


def _floor(value: float) -> int:
    """An index: what is no number, or beyond all of them, lies outside of every list."""
    return math.floor(value) if math.isfinite(value) else -_FAR if value < 0 else _FAR


def get_path(value: Json, path: Iterable[Json]) -> Json:
    for key in path:
        value = None if value is None else index(value, key)
    return value


def set_path(value: Json, path: Sequence[Json], new: Json) -> Json:
    """The value with another one at the end of a path; what is missing on the way is made."""
    if not path:
        return new
    key, *rest = path
    if is_object(key):
        return _set_slice(value, key, rest, new)
    if isinstance(key, str) and (value is None or is_object(value)):
        entries: dict[str, Json] = value or {}
        return {**entries, key: set_path(entries.get(key), rest, new)}
    if is_number(key) and (value is None or is_array(value)):
        return _set_element(list(value or ()), _floor(key), rest, new)
    index(value, key)
    raise JqError(f"Cannot update field at {kind_of(key)} index of {kind_of(value)}")


def _set_element(items: list[Json], place: int, rest: Sequence[Json], new: Json) -> list[Json]:
    place += len(items) if place < 0 else 0
    if place < 0:
        raise JqError("Out of bounds negative array index")
    if place >= _MOST_ELEMENTS:
        raise JqError("Array index too large")
    items.extend([None] * (place + 1 - len(items)))
    items[place] = set_path(items[place], rest, new)
    return items


def _set_slice(value: Json, key: Mapping[str, Json], rest: Sequence[Json], new: Json) -> Json:
    items = list(value or ()) if value is None or is_array(value) else None
    if items is None:
        raise JqError(f"Cannot update field at object index of {kind_of(value)}")
    first, last = bounds(len(items), key.get("start"), key.get("end"))
    part = set_path(items[first:last], rest, new)
    if not is_array(part):
        raise JqError("A slice of an array can only be assigned another array")
    return [*items[:first], *part, *items[last:]]


def delete_paths(value: Json, paths: Iterable[Sequence[Json]]) -> Json:
    """The last ones first, so that earlier ones stay where they are."""
    for path in sorted(paths, key=ORDER, reverse=True):
        value = _without(value, path)
    return value


def _without(value: Json, path: Sequence[Json]) -> Json:
    if not path or value is None:
        return None
    key, *rest = path
    if rest:
        inner = index(value, key)
        return value if inner is None else set_path(value, [key], _without(inner, rest))
    if is_object(value) and isinstance(key, str):
        entries: dict[str, Json] = value
        return {name: item for name, item in entries.items() if name != key}
    if is_array(value) and (is_object(key) or is_number(key)):
        return _without_elements(value, key)
    raise JqError(f"Cannot delete field at {kind_of(key)} index of {kind_of(value)}")


def _without_elements(items: list[Json], key: Json) -> list[Json]:
    if is_object(key):
        first, last = bounds(len(items), key.get("start"), key.get("end"))
    else:
        first = _floor(key) + (len(items) if key < 0 else 0)
        last = first + 1
    return items if first < 0 else [*items[:first], *items[last:]]


# Text ------------------------------------------------------------------------------------------------------------------


def to_json(value: Json) -> str:
    """Compact, every null kept."""
    ensure_walkable(value)
    return _json(value)


def _json(value: Json) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if is_array(value):
        return "[" + ",".join(map(_json, value)) + "]"
    if is_object(value):
        return "{" + ",".join(f"{encode_basestring(name)}:{_json(item)}" for name, item in value.items()) + "}"
    if isinstance(value, float):
        return "null" if math.isnan(value) else double_text(_finite(value))
    return "null" if value is None else str(value).lower()


def to_text(value: Json) -> str:
    return value if isinstance(value, str) else to_json(value)


def from_json(text: str) -> Json:
    """Raises JqError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise JqError(f"{error} (while parsing '{text[:100]}')") from None


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.copysign(1.7976931348623157e308, value)
