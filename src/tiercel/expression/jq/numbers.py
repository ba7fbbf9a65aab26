"""Functions of jq that compute with numbers."""

import math
from collections.abc import Callable, Mapping

from tiercel.expression.jq.errors import JqError
from tiercel.expression.jq.kinds import Json, is_number, shown
from tiercel.expression.jq.scope import Native, of_value
from tiercel.expression.jq.values import number
from tiercel.expression.rendering import Rendering


def _math(compute: Callable[..., float]) -> Native:
    """A function of numbers; what it has no result for is not a number."""

    def native(_: Rendering, *values: Json) -> Json:
        for value in values:
            if not is_number(value):
                raise JqError(f"{shown(value)} number required")
        try:
            return number(compute(*map(float, values)))
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return native


def _absolute(value: Json) -> Json:
    if not is_number(value):
        raise JqError(f"{shown(value)} has no absolute value")
    return abs(value)


def _multiply_and_add(left: float, right: float, more: float) -> float:
    return left * right + more


def _rounded(value: float) -> float:
    """Halves go away from 0."""
    return math.copysign(math.floor(abs(value) + 0.5), value)


def _logarithm(log: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: -math.inf if value == 0 else log(value)


def _whole(change: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: change(value) if math.isfinite(value) else value


def _numeric(compute: Callable[..., float]) -> Native:
    """A function of its arguments: the input is not one of them."""
    native = _math(compute)

    def apply(rendering: Rendering, value: Json, *given: Json) -> Json:
        return native(rendering, *given)

    return apply


def _number_test(check: Callable[[float], bool]) -> Native:
    def native(_: Rendering, value: Json) -> bool:
        if not is_number(value):
            raise JqError(f"{shown(value)} number required")
        return check(value)

    return native


_ONE_NUMBER: Mapping[str, Callable[[float], float]] = {
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "round": _whole(_rounded),
    "trunc": _whole(math.trunc),
    "rint": _whole(round),
    "nearbyint": _whole(round),
    "fabs": abs,
    "sqrt": math.sqrt,
    "cbrt": lambda value: math.copysign(abs(value) ** (1 / 3), value),
    "exp": math.exp,
    "exp2": lambda value: 2.0**value,
    "exp10": lambda value: 10.0**value,
    "expm1": math.expm1,
    "log": _logarithm(math.log),
    "log2": _logarithm(math.log2),
    "log10": _logarithm(math.log10),
    "log1p": math.log1p,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
}
_TWO_NUMBERS: Mapping[str, Callable[[float, float], float]] = {
    "pow": math.pow,
    "atan2": math.atan2,
    "fmin": min,
    "fmax": max,
    "fmod": math.fmod,
    "ldexp": lambda value, exponent: math.ldexp(value, int(exponent)),
    "copysign": math.copysign,
}
NUMBERS: Mapping[str, Native] = {
    **{f"{name}/0": _math(compute) for name, compute in _ONE_NUMBER.items()},
    **{f"{name}/2": _numeric(compute) for name, compute in _TWO_NUMBERS.items()},
    "fma/3": _numeric(_multiply_and_add),
    "infinite/0": of_value(lambda value: math.inf),
    "nan/0": of_value(lambda value: math.nan),
    "abs/0": of_value(_absolute),
    "isinfinite/0": _number_test(math.isinf),
    "isnan/0": _number_test(math.isnan),
    "isnormal/0": _number_test(lambda value: math.isfinite(value) and value != 0),
}
