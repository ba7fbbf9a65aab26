"""Filters on lists and maps. None of them changes what it is given."""

from collections.abc import Collection, Mapping
from functools import cmp_to_key
from itertools import chain
from typing import Any

from tiercel.expression.callables import About, Arguments, Filter, plain, wrong_input
from tiercel.expression.errors import ExpressionError
from tiercel.expression.operators import Members, is_less
from tiercel.expression.text import to_string
from tiercel.expression.values import Entry, Value, is_list, is_map, name_of_type


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


def _end(owner: str, index: int, about: About) -> Filter:
    def take(value: Value) -> Value:
        if value is None:
            return None
        if isinstance(value, str):
            if not value:
                raise ExpressionError("value", f"an empty text has no {owner} character")
            return value[index]
        items = _list(owner, value)
        return items[index] if items else None

    return plain(take, about)


def _join(value: Value, arguments: Arguments) -> Value:
    if value is None:
        return None
    separator, items = to_string(arguments.get("separator", "")), _list("join", value)
    rendering = arguments.rendering
    rendering.make_room(len(separator) * len(items) + rendering.walk(items))
    return separator.join([to_string(item) for item in items])


def _reverse(value: Value) -> Value:
    return None if value is None else _list("reverse", value)[::-1]


def _sort(owner: str, is_reversed: bool, about: About) -> Filter:
    def sort(value: Value, arguments: Arguments) -> Value:
        if value is None:
            return None
        items = _list(owner, value)
        comparisons = len(items) * len(items).bit_length()
        kinds = set(map(type, items))
        if kinds == {int}:
            arguments.rendering.spend(comparisons // _FAST_COMPARISONS_A_STEP)
            return sorted(items, reverse=is_reversed)
        arguments.rendering.spend(comparisons)
        return sorted(items, key=_ORDER, reverse=is_reversed)

    return Filter(sort, "", about)


def _compare(left: Value, right: Value) -> int:
    if left is None or right is None or (isinstance(left, bool) is not isinstance(right, bool)):
        raise ExpressionError("type", f"{name_of_type(left)} and {name_of_type(right)} cannot be sorted together")
    if isinstance(left, bool):
        return left - right
    return is_less(right, left) - is_less(left, right)


_ORDER = cmp_to_key(_compare)
_FAST_COMPARISONS_A_STEP = 16


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
    entries = [Entry(key=key, value=item) for key, item in items.items()] if is_map(items) else _list("merge", items)
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
    "default": Filter(
        _default,
        "default?",
        About(
            "The value, or another one where it is undefined, null, blank or empty.",
            "{{ nobody | default('friend') }} → friend",
            "{{ 0 | default(5) }} → 0",
        ),
    ),
    "length": plain(
        _length,
        About(
            "How many characters a text has, or elements a list or map; 0 for everything else.",
            "{{ [4, 5, 6] | length }} → 3",
        ),
    ),
    "first": _end(
        "first", 0, About("The first element of a list, or the first character of a text.", "{{ [4, 5] | first }} → 4")
    ),
    "last": _end(
        "last", -1, About("The last element of a list, or the last character of a text.", "{{ [4, 5] | last }} → 5")
    ),
    "join": Filter(
        _join,
        "separator=''",
        About("The elements as one text, with a separator between them.", "{{ ['a', 'b'] | join(', ') }} → a, b"),
    ),
    "reverse": plain(_reverse, About("The list from its end to its start.", "{{ [1, 2, 3] | reverse }} → [3,2,1]")),
    "sort": _sort("sort", False, About("The list in ascending order.", "{{ [3, 1, 2] | sort }} → [1,2,3]")),
    "rsort": _sort("rsort", True, About("The list in descending order.", "{{ [3, 1, 2] | rsort }} → [3,2,1]")),
    "slice": Filter(
        _slice,
        "fromIndex=0, toIndex=length",
        About(
            "The part of a list or text from one index, counted from 0, up to another one that is not part of it.",
            "{{ 'abcde' | slice(1, 3) }} → bc",
        ),
    ),
    "merge": Filter(
        _merge,
        "items",
        About(
            "Two maps or two lists as one; entries of the second map win.",
            "{{ {'a': 1} | merge({'b': 2}) }} → {\"a\":1,\"b\":2}",
            "{{ [1] | merge([2, 3]) }} → [1,2,3]",
        ),
    ),
    "chunk": Filter(
        _chunk,
        "size",
        About(
            "The list in pieces of `size` elements; the last one may have fewer.",
            "{{ [1, 2, 3] | chunk(2) }} → [[1,2],[3]]",
        ),
    ),
    "distinct": plain(
        _distinct,
        About("The list with equal elements once, where they come first.", "{{ [1, 2, 1] | distinct }} → [1,2]"),
    ),
    "uniq": plain(
        lambda value: _distinct(value) if is_list(value) else value,
        About(
            "The list with equal elements once.", "{{ [1, 2, 1] | uniq }} → [1,2]", until="preview", instead="distinct"
        ),
    ),
    "flatten": plain(
        _flatten,
        About(
            "The list with the elements of lists in it, one level deep.", "{{ [1, [2, [3]]] | flatten }} → [1,2,[3]]"
        ),
    ),
    "keys": plain(
        _keys,
        About(
            "The keys of a map, or the indexes of a list.",
            "{{ {'a': 1} | keys }} → [\"a\"]",
            "{{ ['x'] | keys }} → [0]",
        ),
    ),
    "values": plain(_values, About("The values of a map.", "{{ {'a': 1} | values }} → [1]")),
}
