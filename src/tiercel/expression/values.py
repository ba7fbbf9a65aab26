"""The values of expressions: plain data, and the questions asked about its type.

A bool is never a number. Lists are lists, tuples and sets; maps are mappings of any kind, lazy ones included.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from struct import pack, unpack
from typing import Any, Self, TypeAlias, TypeGuard

from tiercel.expression.numerals import float_text

Value: TypeAlias = Any
Number: TypeAlias = int | float | Decimal

LONG_LOWEST = -(2**63)
LONG_HIGHEST = 2**63 - 1

_SCALARS = (str, int, float, Decimal, date, time, timedelta, bytes)


class Integer(int):
    """An integer of 32 bits, made by `number`. It knows its type and computes as every integer."""

    __slots__ = ()


class Float(float):
    """A number rounded to 32 bits, made by `number`; what is computed with it is rounded so too."""

    __slots__ = ()

    @classmethod
    def rounded(cls, value: float) -> Self:
        try:
            return cls(unpack("f", pack("f", value))[0])
        except OverflowError:
            return cls(math.copysign(math.inf, value))


class HashMap(dict[Any, Any]):
    """A map written in an expression: it knows that, for `className` to say so."""

    __slots__ = ()


class Entry(dict[str, Any]):
    """An entry of a map, `key` and `value`, which prints as the entry it is."""

    __slots__ = ()


def plain(value: Value) -> Value:
    """The value with numbers of 32 bits as ordinary ones, as everything outside expressions knows them."""
    if isinstance(value, Integer):
        return int(value)
    if isinstance(value, Float):
        return float(float_text(value))
    if is_map(value):
        return {key: plain(item) for key, item in value.items()}
    return list(map(plain, value)) if is_sequence(value) else value


def is_number(value: Value) -> TypeGuard[Number]:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def is_integer(value: Value) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def is_scalar(value: Value) -> bool:
    """Whether it is a value of the language that holds no others. What Python has besides is nobody's business here."""
    return value is None or isinstance(value, _SCALARS)


def is_list(value: Value) -> TypeGuard[Collection[Any]]:
    return isinstance(value, list | tuple | set | frozenset)


def is_sequence(value: Value) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, list | tuple)


def is_map(value: Value) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


_TYPE_NAMES: Mapping[type, str] = {
    bool: "a boolean",
    str: "a text",
    int: "a number",
    float: "a number",
    Decimal: "a number",
    Integer: "a number",
    Float: "a number",
}


def name_of_type(value: Value) -> str:
    """The type as error messages call it."""
    if value is None:
        return "null"
    if is_list(value):
        return "a list"
    if is_map(value):
        return "a map"
    return _TYPE_NAMES.get(value.__class__, f"a {type(value).__name__}")
