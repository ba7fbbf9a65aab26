"""Filters on lists and maps. None of them changes what it is given."""

from collections.abc import Collection, Mapping
from functools import cmp_to_key
from itertools import chain
from typing import Any

from tiercel.expression.callables import Arguments, Filter, plain, wrong_input
from tiercel.expression.errors import ExpressionError
from tiercel.expression.operators import Members, is_less
from tiercel.expression.text import to_string
from tiercel.expression.values import Value, is_list, is_map, name_of_type


def _list(owner: str, value: Value) -> list[Any]:
    if not is_list(value):
        raise wrong_input(owner, value, "a list")
    return list(value)


def _default(value: Value, arguments: Arguments) -> Value:
    is_empty = not value.strip() if isinstance(value, str) else (is_list(value) or is_map(value)) and not value
    return arguments.get("default") if value is None or is_empty else value


def _length(value: Value) -> int:
    if isinstance(value, str):
        return len(value) if value.isascii() else len(value.encode("utf-16-le", "surrogatepass")) // 2
    return len(value) if is_list(value) or is_map(value) else 0


def _end(owner: str, index: int) -> Filter:
    def take(value: Value) -> Value:
        if value is None:
            return None
        if isinstance(value, str):
            if not value:
                raise ExpressionError("value", f"an empty text has no {owner} character")
            return value[index]
        items = _list(owner, value)
        return items[index] if items else None

    return plain(take)


def _join(value: Value, arguments: Arguments) -> Value:
    if value is None:
        return None
    separator = to_string(arguments.get("separator", ""))
    return separator.join([to_string(item) for item in _list("join", value)])


def _reverse(value: Value) -> Value:
    return None if value is None else _list("reverse", value)[::-1]


def _sort(owner: str, is_reversed: bool) -> Filter:
    def sort(value: Value) -> Value:
        return None if value is None else sorted(_list(owner, value), key=_ORDER, reverse=is_reversed)

    return plain(sort)


def _compare(left: Value, right: Value) -> int:
    if left is None or right is None or (isinstance(left, bool) is not isinstance(right, bool)):
        raise ExpressionError("type", f"{name_of_type(left)} and {name_of_type(right)} cannot be sorted together")
    if isinstance(left, bool):
        return left - right
    return is_less(right, left) - is_less(left, right)


_ORDER = cmp_to_key(_compare)


def _slice(value: Value, arguments: Arguments) -> Value:
    if value is None:
        return None
    items = value if isinstance(value, str) else _list("slice", value)
    start = arguments.integer("fromIndex", "type") if arguments.has("fromIndex") else 0
    end = arguments.integer("toIndex", "type") if arguments.has("toIndex") else len(items)
    if start < 0 or end > len(items) or (start >= end and len(items) > 0):
        raise ExpressionError("value", f"there is no slice from {start} to {end} of {len(items)} elements")
    return items[start:end]


def _merge(value: Value, arguments: Arguments) -> Value:
    items = arguments.get("items")
    if value is None and items is None:
        raise ExpressionError("value", "`merge` got null twice; one side must be a list or a map")
    if value is None or items is None:
        return value if items is None else items
    if is_map(value):
        return {**value, **(items if is_map(items) else {item: item for item in _list("merge", items)})}
    entries = [{"key": key, "value": item} for key, item in items.items()] if is_map(items) else _list("merge", items)
    return [*_list("merge", value), *entries]


def _chunk(value: Value, arguments: Arguments) -> Value:
    size = arguments.needed("size")
    if value is None:
        return None
    items = _list("chunk", value)
    if arguments.integer("size", "type") <= 0:
        raise ExpressionError("value", "the argument `size` of `chunk` must be at least 1")
    return [items[start : start + size] for start in range(0, len(items), size)]


def _distinct(value: Value) -> Value:
    if value is None:
        return "null"
    seen = Members(())
    kept: list[Value] = []
    for item in _list("distinct", value):
        if item not in seen:
            seen.add(item)
            kept.append(item)
    return kept


def _flatten(value: Value) -> Value:
    if value is None:
        return None
    return list(chain.from_iterable(item if is_list(item) else [item] for item in _list("flatten", value)))


def _keys(value: Value) -> Value:
    if value is None:
        return None
    if is_map(value):
        return list(value)
    if is_list(value):
        return list(range(len(value)))
    raise wrong_input("keys", value, "a map or a list")


def _values(value: Value) -> Value:
    if value is None:
        return None
    if not is_map(value):
        raise wrong_input("values", value, "a map")
    values: Collection[Any] = value.values()
    return list(values)


FILTERS: Mapping[str, Filter] = {
    "default": Filter(_default, ("default",)),
    "length": plain(_length),
    "first": _end("first", 0),
    "last": _end("last", -1),
    "join": Filter(_join, ("separator",)),
    "reverse": plain(_reverse),
    "sort": _sort("sort", False),
    "rsort": _sort("rsort", True),
    "slice": Filter(_slice, ("fromIndex", "toIndex")),
    "merge": Filter(_merge, ("items",)),
    "chunk": Filter(_chunk, ("size",)),
    "distinct": plain(_distinct),
    "flatten": plain(_flatten),
    "keys": plain(_keys),
    "values": plain(_values),
}
