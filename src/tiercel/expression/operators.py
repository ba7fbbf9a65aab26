"""What the operators do with two values. Undefined operands are the compiler's business, not theirs.

Integers are 64 bit and wrap, unless an operand is already larger; division truncates; decimals win over doubles, and
doubles over numbers of 32 bits.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Context, Decimal

from tiercel.expression.errors import ExpressionError
from tiercel.expression.extent import USUAL, too_large
from tiercel.expression.text import to_string
from tiercel.expression.values import (
    LONG_HIGHEST,
    LONG_LOWEST,
    Float,
    Number,
    Value,
    is_list,
    is_map,
    is_number,
    is_scalar,
    name_of_type,
)

_DECIMALS = Context(prec=34)
_MOST_BITS = 4096


def add(left: Value, right: Value) -> Value:
    if isinstance(left, str) or isinstance(right, str):
        return to_string(left) + to_string(right)
    if is_list(left):
        return [*left, *right] if is_list(right) else [*left, right]
    return _arithmetic("+", left, right)


def subtract(left: Value, right: Value) -> Value:
    if is_list(left):
        removed = Members(right if is_list(right) else [right])
        return [item for item in left if item not in removed]
    return _arithmetic("-", left, right)


def multiply(left: Value, right: Value) -> Value:
    return _arithmetic("*", left, right)


def divide(left: Value, right: Value) -> Value:
    return _arithmetic("/", left, right)


def remainder(left: Value, right: Value) -> Value:
    return _arithmetic("%", left, right)


def negate(value: Value) -> Value:
    if isinstance(value, Decimal | Float):
        return -value if isinstance(value, Decimal) else Float(-value)
    return _arithmetic("*", value, -1) if isinstance(value, int) else _arithmetic("*", value, -1.0)


def affirm(value: Value) -> Value:
    return value if isinstance(value, Decimal) else _arithmetic("+", value, 0)


def is_same(left: Value, right: Value) -> bool:
    """Equality: numbers by value, booleans only with booleans, lists and maps by their contents."""
    pairs = [(left, right)]
    for _ in range(USUAL.parts):
        if not pairs:
            return True
        inner = _pairs_to_compare(*pairs.pop())
        if inner is None:
            return False
        pairs.extend(inner)
    raise too_large(USUAL.parts)


def _pairs_to_compare(left: Value, right: Value) -> Iterable[tuple[Value, Value]] | None:
    """What must be the same for these two to be so; None when they are not."""
    if left is right and not isinstance(left, float):
        return ()
    if is_number(left) and is_number(right):
        return () if left == right else None
    if is_map(left) and is_map(right):
        return [(left[key], right[key]) for key in left] if left.keys() == right.keys() else None
    if is_list(left) and is_list(right):
        return zip(left, right, strict=True) if len(left) == len(right) else None
    return () if type(left) is type(right) and is_scalar(left) and left == right else None


class Members:
    """Whether a value is among others, without going through all of them for each question."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._frozen = set(map(_frozen, values))

    def add(self, value: Value) -> None:
        self._frozen.add(_frozen(value))

    def __contains__(self, value: Value) -> bool:
        return _frozen(value) in self._frozen


def _frozen(value: Value) -> Hashable:
    """Equal for the same values and only for those; hashing beats comparing each with each."""
    if is_map(value):
        return frozenset((_frozen(key), _frozen(item)) for key, item in value.items())
    if is_list(value):
        return tuple(map(_frozen, value))
    if isinstance(value, float) and value != value:
        return object()
    return (value.__class__ is bool, value) if is_scalar(value) else ("", id(value))


def is_less(left: Value, right: Value) -> bool:
    order = _order(left, right, "<")
    return order is not None and order < 0


def is_at_most(left: Value, right: Value) -> bool:
    order = _order(left, right, "<=")
    return order is not None and order <= 0


def is_greater(left: Value, right: Value) -> bool:
    order = _order(left, right, ">")
    return order is not None and order > 0


def is_at_least(left: Value, right: Value) -> bool:
    order = _order(left, right, ">=")
    return order is not None and order >= 0


def contains(left: Value, right: Value) -> bool:
    if left is None:
        return False
    if isinstance(left, str):
        return to_string(right) in left
    if is_map(left):
        return right in Members(left)
    if is_list(left):
        members = Members(left)
        return all(other in members for other in (right if is_list(right) else [right]))
    raise ExpressionError("type", f"{name_of_type(left)} cannot contain anything; `contains` needs a list, map or text")


def is_in(left: Value, right: Value) -> bool:
    """Compares text forms, among the elements of a list or the keys and values of a map."""
    if left is None or right is None:
        return False
    wanted = to_string(left)
    if is_map(right):
        return any(wanted in (to_string(key), to_string(value)) for key, value in right.items())
    return is_list(right) and any(wanted == to_string(item) for item in right if item is not None)


def is_truthy(value: Value) -> bool:
    """Whether a condition holds. Lists, maps and null are no conditions."""
    if value is True or value is False:
        return value
    if isinstance(value, str):
        return bool(value)
    if is_number(value):
        return value != 0 and not math.isnan(value)
    if value is None:
        raise ExpressionError("null", "null is no condition; write `is null`, `is defined` or `?? false`")
    raise ExpressionError("type", f"{name_of_type(value)} is no condition; write `is empty` or `| length > 0`")


def text_order(left: str, right: str) -> int:
    """By UTF-16 code units, as Java compares texts."""
    if left == right:
        return 0
    return -1 if _utf16(left) < _utf16(right) else 1


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _order(left: Value, right: Value, operator: str) -> int | None:
    if left is None or right is None:
        return None
    if is_number(left) and is_number(right):
        return (left > right) - (left < right) if left == left and right == right else None
    if isinstance(left, str) and isinstance(right, str):
        return text_order(left, right)
    raise _refused(operator, left, right)


def _arithmetic(operator: str, left: Value, right: Value) -> Number:
    if not (is_number(left) and is_number(right)):
        raise _refused(operator, left, right)
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return _with_decimals(operator, _decimal(left), _decimal(right))
    if isinstance(left, float) or isinstance(right, float):
        result = _DOUBLES[operator](float(left), float(right))
        return result if float in (left.__class__, right.__class__) else Float.rounded(result)
    return _wrap(_INTEGERS[operator](left, right), left, right)


def _with_decimals(operator: str, left: Decimal, right: Decimal) -> Number:
    try:
        return _DECIMAL_OPERATIONS[operator](left, right)
    except ArithmeticError:
        raise ExpressionError("arith", f"{left} {operator} {right} has no result") from None


def _decimal(number: Number) -> Decimal:
    """Without trailing zeros, as the original computes with decimals by way of doubles."""
    if isinstance(number, Decimal):
        return number.normalize(_DECIMALS)
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def _wrap(result: int, left: int, right: int) -> int:
    if LONG_LOWEST <= result <= LONG_HIGHEST:
        return result
    if not (_is_long(left) and _is_long(right)):
        return _bounded(result)
    return (result - LONG_LOWEST) % 2**64 + LONG_LOWEST


def _bounded(result: int) -> int:
    if result.bit_length() > _MOST_BITS:
        raise ExpressionError("limit", f"the number has more than {_MOST_BITS} bits")
    return result


def _is_long(number: int) -> bool:
    return LONG_LOWEST <= number <= LONG_HIGHEST


def _integer_quotient(left: int, right: int) -> int:
    if right == 0:
        raise ExpressionError("arith", "division by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _integer_remainder(left: int, right: int) -> int:
    return left - right * _integer_quotient(left, right)


def _double_quotient(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _double_remainder(left: float, right: float) -> float:
    return math.nan if right == 0 or math.isinf(left) else math.fmod(left, right)


def _refused(operator: str, left: Value, right: Value) -> ExpressionError:
    sides = f"{name_of_type(left)} {operator} {name_of_type(right)}"
    return ExpressionError("type", f"`{sides}` has no meaning; `| number` makes a number of a text")


_INTEGERS: Mapping[str, Callable[[int, int], int]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _integer_quotient,
    "%": _integer_remainder,
}
_DOUBLES: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _double_quotient,
    "%": _double_remainder,
}
_DECIMAL_OPERATIONS: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": _DECIMALS.add,
    "-": _DECIMALS.subtract,
    "*": _DECIMALS.multiply,
    "/": _DECIMALS.divide,
    "%": _DECIMALS.remainder,
}
BINARY: Mapping[str, Callable[[Value, Value], Value]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "==": is_same,
    "equals": is_same,
    "!=": lambda left, right: not is_same(left, right),
    "<": is_less,
    "<=": is_at_most,
    ">": is_greater,
    ">=": is_at_least,
    "contains": contains,
    "isIn": is_in,
}
UNARY: Mapping[str, Callable[[Value], Value]] = {
    "not": lambda value: not is_truthy(value),
    "-": negate,
    "+": affirm,
}
BURYING = frozenset({"+", "-", "*", "/", "%", "==", "equals", "!="})
"""Operators that hide an undefined operand from an enclosing `??`."""
