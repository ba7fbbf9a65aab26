"""JSON read within a budget: many small lists take twenty times the room of their text, so they are counted first."""

import json
import re
from collections.abc import Callable
from typing import NoReturn

import msgspec

from tiercel.expression.errors import ExpressionError
from tiercel.expression.extent import too_large
from tiercel.expression.rendering import Rendering
from tiercel.expression.values import Value
from tiercel.model.surrogates import mended

_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_BYTES_A_PART = 100
"""A number, a short text, an empty map."""


def read_json(text: str, rendering: Rendering) -> Value:
    """The value at the beginning of a text. Raises ExpressionError."""
    return _within(rendering, text, lambda: _DECODER.raw_decode(text.lstrip(" \t\r\n\ufeff"))[0])


def read_whole_json(text: str, rendering: Rendering) -> Value:
    """The value that a text is from its beginning to its end. Raises ExpressionError."""
    return _within(rendering, text, lambda: json.loads(text))


def is_json(text: str) -> bool:
    """Whether a text is JSON, found out without building it."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return False
    return True


def _within(rendering: Rendering, text: str, read: Callable[[], Value]) -> Value:
    parts = 1 + text.count(",") + text.count("[") + text.count("{") + text.count(":")
    if parts > 2 * rendering.budget.parts:
        raise too_large(rendering.budget.parts)
    rendering.spend(parts // 8)
    rendering.meter.hold(parts * _BYTES_A_PART)
    try:
        value = read()
    except ValueError as error:
        raise ExpressionError("parse", f"the text is no JSON: {error}") from None
    except RecursionError:
        raise ExpressionError("limit", "the JSON has too many lists and maps in one another") from None
    rendering.walk(value)
    return mended(value) if _ESCAPED_HALF.search(text) else value


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"`{text}` is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
