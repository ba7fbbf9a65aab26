"""Number patterns like `#,##0.00`, `0%`, `0.##E0` and `0.00;(0.00)`, rounded half to even."""

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache

from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import Number

_AFFIX = r"(?:'(?:[^']|'')*'|[^'#0,.;])*"
_PATTERN = re.compile(
    rf"(?P<prefix>{_AFFIX})(?P<integer>[#,]*[0,]*)(?:(?P<point>\.)(?P<fraction>0*#*))?(?:E(?P<exponent>0+))?(?P<suffix>{_AFFIX})"
    rf"(?:;(?P<negative_prefix>{_AFFIX})[#0,.E]*(?P<negative_suffix>{_AFFIX}))?"
)
_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_MOST_DIGITS = 400
_EXACT = Context(prec=2 * _MOST_DIGITS)


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """One pattern, taken apart."""

    positive: tuple[str, str]
    """What stands before and behind the digits of a number that is not negative."""
    negative: tuple[str, str]
    factor: int
    integer_least: int
    integer_most: int
    group: int
    fraction_least: int
    fraction_most: int
    exponent_digits: int

    @staticmethod
    @lru_cache(256)
    def of(pattern: str) -> "NumberPattern":
        """The pattern a text says. Raises ExpressionError."""
        found = _PATTERN.fullmatch(pattern) if len(pattern) <= _MOST_DIGITS else None
        if found is None or not (found["integer"] or found["point"]):
            raise ExpressionError("value", f"`{pattern[:100]}` is no number pattern; write for example #,##0.00")
        integer, fraction = found["integer"].replace(",", ""), found["fraction"] or ""
        least, fraction_least = integer.count("0"), fraction.count("0")
        if found["point"] and not least and not fraction_least:
            # A pattern without any 0 has one all the same: before the point, or behind it where nothing stands before.
            least, fraction_least = (1, 0) if integer else (0, min(1, len(fraction)))
        affixes = found["prefix"] + found["suffix"]
        return NumberPattern(
            positive=(_unquoted(found["prefix"]), _unquoted(found["suffix"])),
            negative=_negative(found),
            factor=100 if "%" in affixes else 1000 if "‰" in affixes else 1,
            integer_least=least,
            integer_most=len(integer),
            group=len(found["integer"]) - found["integer"].rfind(",") - 1 if "," in found["integer"] else 0,
            fraction_least=fraction_least,
            fraction_most=len(fraction),
            exponent_digits=len(found["exponent"] or ""),
        )

    def format(self, number: Number) -> str:
        before, behind = self.negative if _is_negative(number) else self.positive
        if not isinstance(number, int) and not math.isfinite(number):
            return "NaN" if math.isnan(number) else f"{before}∞{behind}"
        value = abs(_EXACT.multiply(Decimal(number), self.factor))
        if value.adjusted() > _MOST_DIGITS:
            raise ExpressionError("limit", f"the number has more than {_MOST_DIGITS} digits")
        return f"{before}{self._scientific(value) if self.exponent_digits else self._digits(value)}{behind}"

    def _scientific(self, value: Decimal) -> str:
        """More places before the point than are needed: the exponent is a multiple of their number."""
        repeats = self.integer_most > max(1, self.integer_least)
        place = value.adjusted() + 1 if value else 0
        exponent = (place - 1) // self.integer_most * self.integer_most if repeats else place - self.integer_least
        exponent = exponent if value else 0
        significant = (self.integer_most if repeats else self.integer_least) + self.fraction_most
        rounded = Context(prec=max(1, significant), rounding=ROUND_HALF_EVEN).plus(value)
        digits = self._digits(rounded.scaleb(-exponent, _EXACT), most=significant)
        sign = "-" if exponent < 0 else ""
        return f"{digits}E{sign}{abs(exponent):0{self.exponent_digits}d}"

    def _digits(self, magnitude: Decimal, most: int | None = None) -> str:
        places = self.fraction_most if most is None else most
        rounded = magnitude.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _EXACT)
        integer, _, fraction = format(rounded, "f").partition(".")
        integer = integer.lstrip("0").rjust(self.integer_least, "0")
        fraction = fraction[: self.fraction_least] + fraction[self.fraction_least :].rstrip("0")
        return (self._grouped(integer) + (f".{fraction}" if fraction else "")) or "0"

    def _grouped(self, integer: str) -> str:
        if not self.group:
            return integer
        first = len(integer) % self.group
        groups = [integer[start : start + self.group] for start in range(first, len(integer), self.group)]
        return ",".join([integer[:first], *groups] if first else groups)


def _negative(found: re.Match[str]) -> tuple[str, str]:
    """What the second pattern has around its digits; a minus where there is none, or the same as in the first."""
    own = (found["negative_prefix"], found["negative_suffix"])
    if own[0] is None or own == (found["prefix"], found["suffix"]):
        return f"-{_unquoted(found['prefix'])}", _unquoted(found["suffix"])
    return _unquoted(own[0]), _unquoted(own[1])


def _is_negative(number: Number) -> bool:
    return number < 0 if isinstance(number, int) else number == number and math.copysign(1, number) < 0


def _unquoted(affix: str) -> str:
    return _QUOTED.sub(lambda found: found.group(1).replace("''", "'") or "'", affix).replace("¤", "$")
