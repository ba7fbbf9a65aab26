"""The methods that flows call on values, by the names and arguments Java gives them. Nothing else is reachable."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from struct import unpack
from typing import Any

from tiercel.expression.operators import is_same
from tiercel.expression.text import to_string
from tiercel.expression.values import LONG_LOWEST, Entry, Value, is_list, is_map, is_number, is_scalar

FORBIDDEN = frozenset({"class", "getClass", "wait", "notify", "notifyAll", "finalize", "clone"})


@dataclass(frozen=True, slots=True)
class Method:
    """`takes_texts`: its arguments must be texts; those of others may be anything."""

    run: Callable[..., Value]
    arity: int = 0
    takes_texts: bool = True
    length: Callable[..., int] = lambda *_: 0
    """How long the text becomes, where it may become much longer than what it is made of."""

    @property
    def taken(self) -> str:
        """Its arguments, for a message."""
        kind = "text" if self.takes_texts else "value"
        return f"{self.arity or 'no'} {kind}{'' if self.arity == 1 else 's'}"

    def takes(self, arguments: Sequence[Value]) -> bool:
        if len(arguments) != self.arity:
            return False
        return not self.takes_texts or all(isinstance(argument, str) for argument in arguments)


def find_method(target: Value, name: str) -> Method | None:
    """The method of this value's type, if it has one of that name."""
    return _methods(target).get(name)


def method_names(target: Value) -> Sequence[str]:
    return sorted(_methods(target))


def find_getter(target: Value, name: str) -> Method | None:
    """What `target.name` without parentheses means on a value that is no map: `getX`, `isX` or `x`."""
    capitalised = name[:1].upper() + name[1:]
    methods = _methods(target)
    found = (methods.get(candidate) for candidate in (f"get{capitalised}", f"is{capitalised}", name))
    return next((method for method in found if method is not None and method.arity == 0), None)


def _methods(target: Value) -> Mapping[str, Method]:
    if isinstance(target, str):
        return _TEXT
    if is_map(target):
        return _MAP
    if is_list(target):
        return _LIST
    return _NUMBER if is_number(target) else _ANY


def _index_of(items: Sequence[Value], wanted: Value) -> int:
    return next((index for index, item in enumerate(items) if is_same(item, wanted)), -1)


def _last_index_of(items: Sequence[Value], wanted: Value) -> int:
    return next((index for index in range(len(items) - 1, -1, -1) if is_same(items[index], wanted)), -1)


def _compare_texts(left: str, right: str) -> int:
    """The distance of the first characters that differ, or of the lengths."""
    mine, others = _units(left), _units(right)
    differing = ((one, other) for one, other in zip(mine, others, strict=False) if one != other)
    one, other = next(differing, (len(mine), len(others)))
    return one - other


def _units(text: str) -> tuple[int, ...]:
    """As UTF-16, which the original counts in."""
    encoded = text.encode("utf-16-be", "surrogatepass")
    return unpack(f">{len(encoded) // 2}H", encoded)


def _to_long(value: Value) -> int:
    if math.isnan(value):
        return 0
    return int(value) if math.isfinite(value) else LONG_LOWEST if value < 0 else -LONG_LOWEST - 1


def _by_arity(*tables: Mapping[str, Callable[..., Value]], takes_texts: bool = True) -> Mapping[str, Method]:
    """The tables hold methods of no argument, of one, of two."""
    return {name: Method(run, arity, takes_texts) for arity, table in enumerate(tables) for name, run in table.items()}


_OF_ANY: Mapping[str, Callable[[Value], Value]] = {"toString": to_string}
_OF_TEXT: Mapping[str, Callable[[str], Value]] = {
    "length": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "isEmpty": lambda text: not text,
    "isBlank": lambda text: not text.strip(),
    "toUpperCase": str.upper,
    "toLowerCase": str.lower,
    "trim": str.strip,
    "strip": str.strip,
    "stripLeading": str.lstrip,
    "stripTrailing": str.rstrip,
}
_OF_TWO_TEXTS: Mapping[str, Callable[[str, str], Value]] = {
    "startsWith": lambda text, prefix: text.startswith(prefix),
    "endsWith": lambda text, suffix: text.endswith(suffix),
    "equalsIgnoreCase": lambda text, other: text.casefold() == other.casefold(),
    "concat": lambda text, other: text + other,
    "indexOf": lambda text, wanted: text.find(wanted),
    "lastIndexOf": lambda text, wanted: text.rfind(wanted),
    "compareTo": _compare_texts,
    "compareToIgnoreCase": lambda text, other: _compare_texts(text.lower(), other.lower()),
}
_OF_THREE_TEXTS: Mapping[str, Callable[[str, str, str], Value]] = {
    "replace": lambda text, old, new: text.replace(old, new),
}
_OF_LIST: Mapping[str, Callable[[Sequence[Any]], Value]] = {
    "size": len,
    "isEmpty": lambda items: not items,
    "getFirst": lambda items: items[0] if items else None,
    "getLast": lambda items: items[-1] if items else None,
    "reversed": lambda items: list(items)[::-1],
}
_OF_LIST_AND_VALUE: Mapping[str, Callable[[Sequence[Any], Value], Value]] = {
    "indexOf": _index_of,
    "lastIndexOf": _last_index_of,
}
_OF_MAP: Mapping[str, Callable[[Mapping[Any, Any]], Value]] = {
    "size": len,
    "isEmpty": lambda entries: not entries,
    "keySet": lambda entries: list(entries),
    "values": lambda entries: list(entries.values()),
    "entrySet": lambda entries: [Entry(key=key, value=value) for key, value in entries.items()],
}
_OF_MAP_AND_VALUE: Mapping[str, Callable[[Mapping[Any, Any], Value], Value]] = {
    "containsKey": lambda entries, key: _is_key(key) and key in entries,
    "containsValue": lambda entries, wanted: _index_of(list(entries.values()), wanted) >= 0,
    "get": lambda entries, key: entries.get(key) if _is_key(key) else None,
}
_OF_MAP_AND_TWO_VALUES: Mapping[str, Callable[[Mapping[Any, Any], Value, Value], Value]] = {
    "getOrDefault": lambda entries, key, default: entries.get(key, default) if _is_key(key) else default,
}
_OF_NUMBER: Mapping[str, Callable[[Value], Value]] = {
    "intValue": _to_long,
    "longValue": _to_long,
    "doubleValue": float,
}


def _is_key(key: Value) -> bool:
    return is_scalar(key)


def _replaced_length(text: str, old: str, new: str) -> int:
    return len(text) + text.count(old) * max(0, len(new) - len(old))


_ANY = _by_arity(_OF_ANY)
_TEXT = {
    **_by_arity({**_OF_ANY, **_OF_TEXT}, _OF_TWO_TEXTS, _OF_THREE_TEXTS),
    "replace": Method(_OF_THREE_TEXTS["replace"], 2, length=_replaced_length),
}
_LIST = _by_arity({**_OF_ANY, **_OF_LIST}, _OF_LIST_AND_VALUE, takes_texts=False)
_MAP = _by_arity({**_OF_ANY, **_OF_MAP}, _OF_MAP_AND_VALUE, _OF_MAP_AND_TWO_VALUES, takes_texts=False)
_NUMBER = _by_arity({**_OF_ANY, **_OF_NUMBER})
