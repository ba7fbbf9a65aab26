"""Compact JSON as flows expect it: no blanks, nothing escaped that need not be, map entries that are null left out."""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from tiercel.expression.numerals import double_text
from tiercel.expression.values import Value, is_list, is_map


def to_json(value: Value) -> str:
    """`value` as compact JSON."""
    if isinstance(value, str):
        return encode_basestring(value)
    writer = _WRITERS.get(value.__class__)
    if writer is not None:
        return writer(value)
    if is_map(value):
        entries = (f"{_key(key)}:{to_json(item)}" for key, item in value.items() if item is not None)
        return "{" + ",".join(entries) + "}"
    if is_list(value):
        return "[" + ",".join([to_json(item) for item in value]) + "]"
    return encode_basestring(str(value))


def _key(key: Value) -> str:
    text = to_json(key)
    return text if text.startswith('"') else encode_basestring(text)


def _float_json(value: float) -> str:
    return double_text(value) if math.isfinite(value) else encode_basestring(double_text(value))


def _moment_json(moment: datetime | date | time) -> str:
    return encode_basestring(moment.isoformat().replace("+00:00", "Z"))


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _float_json,
    Decimal: lambda value: format(value, "f"),
    datetime: _moment_json,
    date: _moment_json,
    time: _moment_json,
    timedelta: lambda value: f"{value.total_seconds():.9f}",
}
