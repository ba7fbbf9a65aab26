"""Doubles as Java writes them: an exponent outside [0.001, 10000000), at least one digit after the point."""

import math
from decimal import Decimal
from struct import pack

_MOST_DIGITS_OF_A_FLOAT = 9


def double_text(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    return _scientific(value)


def _scientific(value: float) -> str:
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    power = int(exponent) + len(text) - 1
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"


def float_text(value: float) -> str:
    """A number of 32 bits: with as few digits as tell it from its neighbours."""
    if not math.isfinite(value):
        return double_text(value)
    wanted = pack("f", value)
    shortest = (float(f"{value:.{digits}g}") for digits in range(1, _MOST_DIGITS_OF_A_FLOAT + 1))
    return double_text(next(short for short in shortest if _packed(short) == wanted))


def _packed(value: float) -> bytes | None:
    try:
        return pack("f", value)
    except OverflowError:
        return None
