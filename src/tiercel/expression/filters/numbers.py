"""Filters on numbers: reading them from text, writing them by a pattern."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from tiercel.expression.callables import About, Arguments, Filter, plain, wrong_input
from tiercel.expression.errors import ExpressionError
from tiercel.expression.number_patterns import NumberPattern
from tiercel.expression.numerals import double_text, float_text
from tiercel.expression.operators import negate
from tiercel.expression.values import LONG_HIGHEST, LONG_LOWEST, Float, Integer, Number, Value, is_number

_DEFAULT_PATTERN = "#,##0.###"
_INTEGER = re.compile(
    r"(?P<sign>[+-]?)(?:(?:0[xX]|\#)(?P<hex>[0-9a-fA-F]+)|(?P<octal>0[0-7]+)|(?P<digits>0|[1-9][0-9]*))"
)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_LONGEST_NUMBER = 1000
_INTEGER_LOWEST, _INTEGER_HIGHEST = -(2**31), 2**31 - 1
_SUFFIXED = re.compile(r"(?P<number>[^xX#]*[0-9.])(?P<suffix>[lLfFdD])")


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
    """The smallest type that holds it, unless its last letter names one."""
    found = _SUFFIXED.fullmatch(text)
    if found is not None:
        return _SUFFIXES[found["suffix"].lower()](found["number"])
    return (
        _smallest_decimal(text) if set(text) & set(".eE") and not _INTEGER.fullmatch(text) else _smallest_integer(text)
    )


def _smallest_integer(text: str) -> int:
    value = _integer(text)
    return Integer(value) if _INTEGER_LOWEST <= value <= _INTEGER_HIGHEST else value


def _integer(text: str) -> int:
    """A leading zero means octal."""
    found = _INTEGER.fullmatch(text)
    if found is None or len(text) > _LONGEST_NUMBER:
        raise ValueError(text)
    digits = found["hex"] or found["octal"] or found["digits"]
    magnitude = int(digits, 16 if found["hex"] else 8 if found["octal"] else 10)
    return -magnitude if found["sign"] == "-" else magnitude


def _integer_of_32_bits(text: str) -> int:
    return Integer(_within(_integer(text), _INTEGER_LOWEST, _INTEGER_HIGHEST))


def _long(text: str) -> int:
    return _within(_integer(text), LONG_LOWEST, LONG_HIGHEST)


def _within(value: int, lowest: int, highest: int) -> int:
    if not lowest <= value <= highest:
        raise ValueError(str(value))
    return value


def _smallest_decimal(text: str) -> Number:
    """32 bits where they print the same digits, a double where it says the same number, else a decimal."""
    exact = _decimal(text)
    double = float(exact)
    if float_text(Float.rounded(double)) == double_text(double):
        return Float.rounded(double)
    return double if Decimal(repr(double)) == exact else exact


def _float(text: str) -> float:
    return Float.rounded(_double(text))


def _double(text: str) -> float:
    return float(_decimal(text.strip().rstrip("fFdD")))


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text) or len(text) > _LONGEST_NUMBER:
        raise ValueError(text)
    return Decimal(text)


def _number_format(value: Value, arguments: Arguments) -> Value:
    if value is None:
        return None
    if not is_number(value):
        raise wrong_input("numberFormat", value, "a number; `| number` makes one")
    return NumberPattern.of(arguments.optional_text("format", "type") or _DEFAULT_PATTERN).format(value)


_READERS: Mapping[str, Callable[[str], Number]] = {
    "INT": _integer_of_32_bits,
    "LONG": _long,
    "BIGINTEGER": _integer,
    "FLOAT": _float,
    "DOUBLE": _double,
    "BIGDECIMAL": _decimal,
}
_SUFFIXES: Mapping[str, Callable[[str], Number]] = {"l": _integer, "f": _float, "d": _double}
FILTERS: Mapping[str, Filter] = {
    "abs": plain(_abs, About("The number without its sign.", "{{ -2.5 | abs }} → 2.5")),
    "number": Filter(
        _number,
        "type?",
        About(
            "The number that a text says: INT, LONG, FLOAT, DOUBLE, BIGDECIMAL, BIGINTEGER, or what it looks like.",
            "{{ '12' | number + 1 }} → 13",
            "{{ '1.10' | number('BIGDECIMAL') }} → 1.10",
        ),
    ),
    "numberFormat": Filter(
        _number_format,
        "format?",
        About(
            "The number written by a pattern, rounded half to even; without one grouped, with up to three decimals.",
            "{{ 1234.5 | numberFormat('#,##0.00') }} → 1,234.50",
            "{{ 0.256 | numberFormat('#%') }} → 26%",
        ),
    ),
}
