"""The values of expressions: plain data, and the questions asked about its type.

A bool is never a number. Lists are lists, tuples and sets; maps are mappings of any kind, lazy ones included.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias, TypeGuard

Value: TypeAlias = Any
Number: TypeAlias = int | float | Decimal

LONG_LOWEST = -(2**63)
LONG_HIGHEST = 2**63 - 1

_TYPE_NAMES = {bool: "a boolean", str: "a text", int: "a number", float: "a number", Decimal: "a number"}


def is_number(value: Value) -> TypeGuard[Number]:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def is_integer(value: Value) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def is_list(value: Value) -> TypeGuard[Collection[Any]]:
    return isinstance(value, list | tuple | set | frozenset)


def is_sequence(value: Value) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, list | tuple)


def is_map(value: Value) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def name_of_type(value: Value) -> str:
    """The type as error messages call it."""
    if value is None:
        return "null"
    if is_list(value):
        return "a list"
    if is_map(value):
        return "a map"
    return _TYPE_NAMES.get(value.__class__, f"a {type(value).__name__}")
