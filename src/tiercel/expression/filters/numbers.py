"""Filters on numbers: reading them from text, writing them by a pattern."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from tiercel.expression.callables import Arguments, Filter, plain, wrong_input
from tiercel.expression.errors import ExpressionError
from tiercel.expression.number_patterns import NumberPattern
from tiercel.expression.operators import negate
from tiercel.expression.values import LONG_HIGHEST, LONG_LOWEST, Number, Value, is_number

_DEFAULT_PATTERN = "#,##0.###"
_INTEGER = re.compile(r"(?P<sign>[+-]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|(?P<digits>[0-9]+))[lL]?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?[fFdD]?")
_LONGEST_NUMBER = 1000


def _abs(value: Value) -> Value:
    if value is None:
        raise ExpressionError("null", "null has no absolute value")
    if not is_number(value):
        raise wrong_input("abs", value, "a number")
    return negate(value) if value < 0 else value


def _number(value: Value, arguments: Arguments) -> Value:
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong_input("number", value, "a text")
    read = _READERS.get(str(arguments.get("type")), _inferred)
    try:
        return read(value)
    except (ValueError, InvalidOperation, OverflowError):
        raise ExpressionError("parse", f"`{value[:100]}` is no number") from None


def _inferred(text: str) -> Number:
    return _integer(text) if _INTEGER.fullmatch(text) else _double_or_decimal(text)


def _integer(text: str) -> int:
    found = _INTEGER.fullmatch(text)
    if found is None or len(text) > _LONGEST_NUMBER:
        raise ValueError(text)
    magnitude = int(found["hex"], 16) if found["hex"] else int(found["digits"])
    return -magnitude if found["sign"] == "-" else magnitude


def _bounded(lowest: int, highest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = _integer(text)
        if not lowest <= value <= highest:
            raise ValueError(text)
        return value

    return read


def _double_or_decimal(text: str) -> Number:
    """A double where it says the same number, a decimal where it would lose digits."""
    exact = _decimal(text)
    double = float(exact)
    return double if Decimal(repr(double)) == exact else exact


def _double(text: str) -> float:
    return float(_decimal(text))


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text) or len(text) > _LONGEST_NUMBER:
        raise ValueError(text)
    return Decimal(text.rstrip("fFdD"))


def _number_format(value: Value, arguments: Arguments) -> Value:
    if value is None:
        return None
    if not is_number(value):
        raise wrong_input("numberFormat", value, "a number; `| number` makes one")
    return NumberPattern.of(arguments.optional_text("format", "type") or _DEFAULT_PATTERN).format(value)


_READERS: Mapping[str, Callable[[str], Number]] = {
    "INT": _bounded(-(2**31), 2**31 - 1),
    "LONG": _bounded(LONG_LOWEST, LONG_HIGHEST),
    "BIGINTEGER": _integer,
    "FLOAT": _double,
    "DOUBLE": _double,
    "BIGDECIMAL": _decimal,
}
FILTERS: Mapping[str, Filter] = {
    "abs": plain(_abs),
    "number": Filter(_number, ("type",)),
    "numberFormat": Filter(_number_format, ("format",)),
}
