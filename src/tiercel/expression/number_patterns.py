"""Number patterns like `#,##0.00` and `0%`, rounded half to even."""

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache

from tiercel.expression.errors import ExpressionError
from tiercel.expression.values import Number

_DIGITS = re.compile(r"(?P<integer>[#0,]*)(?:\.(?P<fraction>0*#*))?(?:E(?P<exponent>0+))?")
_QUOTED = re.compile(r"'([^']*)'")
_MOST_DIGITS = 400
_EXACT = Context(prec=2 * _MOST_DIGITS)


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """One pattern, taken apart."""

    prefix: str
    suffix: str
    integer_digits: int
    group: int
    fraction_least: int
    fraction_most: int
    exponent_digits: int

    @staticmethod
    @lru_cache(256)
    def of(pattern: str) -> "NumberPattern":
        """The pattern a text says. Raises ExpressionError."""
        positive = pattern.split(";")[0]
        start = next((index for index, character in enumerate(positive) if character in "#0,."), len(positive))
        found = _DIGITS.match(positive, start)
        if found is None or not found.group() or len(pattern) > _MOST_DIGITS:
            raise ExpressionError("value", f"`{pattern[:100]}` is no number pattern; write for example #,##0.00")
        integer, fraction = found["integer"], found["fraction"] or ""
        group = len(integer) - integer.rfind(",") - 1 if "," in integer else 0
        return NumberPattern(
            prefix=positive[:start],
            suffix=positive[found.end() :],
            integer_digits=integer.count("0"),
            group=group,
            fraction_least=fraction.count("0"),
            fraction_most=len(fraction),
            exponent_digits=len(found["exponent"] or ""),
        )

    def format(self, number: Number) -> str:
        if not isinstance(number, int) and not math.isfinite(number):
            return "NaN" if math.isnan(number) else "∞" if number > 0 else "-∞"
        value = _EXACT.multiply(Decimal(number), self._factor())
        if value.adjusted() > _MOST_DIGITS:
            raise ExpressionError("limit", f"the number has more than {_MOST_DIGITS} digits")
        exponent = value.adjusted() if self.exponent_digits and value else 0
        digits = self._digits(abs(value.scaleb(-exponent, _EXACT)))
        sign = "-" if value < 0 and any(digit in "123456789" for digit in digits) else ""
        power = f"E{exponent:0{self.exponent_digits}d}" if self.exponent_digits else ""
        return f"{sign}{_unquoted(self.prefix)}{digits}{power}{_unquoted(self.suffix)}"

    def _factor(self) -> int:
        affixes = self.prefix + self.suffix
        return 100 if "%" in affixes else 1000 if "‰" in affixes else 1

    def _digits(self, magnitude: Decimal) -> str:
        step = Decimal(1).scaleb(-self.fraction_most)
        rounded = magnitude.quantize(step, ROUND_HALF_EVEN, _EXACT)
        integer, _, fraction = format(rounded, "f").partition(".")
        integer = integer.lstrip("0").rjust(self.integer_digits, "0")
        fraction = fraction[: self.fraction_least] + fraction[self.fraction_least :].rstrip("0")
        return (self._grouped(integer) + (f".{fraction}" if fraction else "")) or "0"

    def _grouped(self, integer: str) -> str:
        if not self.group:
            return integer
        first = len(integer) % self.group
        groups = [integer[start : start + self.group] for start in range(first, len(integer), self.group)]
        return ",".join([integer[:first], *groups] if first else groups)


def _unquoted(affix: str) -> str:
    return _QUOTED.sub(lambda found: found.group(1) or "'", affix).replace("¤", "$")
