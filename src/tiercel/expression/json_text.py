"""Compact JSON as flows expect it: no blanks, nothing escaped that need not be, map entries that are null left out."""

import math
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from tiercel.expression.extent import MOST_PARTS, too_large
from tiercel.expression.numerals import double_text
from tiercel.expression.values import Value, is_list, is_map


def to_json(value: Value) -> str:
    """`value` as compact JSON."""
    if is_map(value) or is_list(value):
        parts: list[str] = []
        _write(value, parts)
        return "".join(parts)
    return _scalar(value)


def _scalar(value: Value) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    writer = _WRITERS.get(value.__class__)
    return encode_basestring(str(value)) if writer is None else writer(value)


def _write(value: Value, parts: list[str]) -> None:
    """Appends the parts of a list or map; those of others are scalars."""
    if len(parts) > MOST_PARTS:
        raise too_large()
    if is_map(value):
        _write_map(value, parts)
    elif is_list(value):
        _write_list(value, parts)
    else:
        parts.append(_scalar(value))


def _write_map(value: Mapping[Any, Any], parts: list[str]) -> None:
    separator = "{"
    for key, item in value.items():
        if item is not None:
            parts.append(f"{separator}{_key(key)}:")
            _write(item, parts)
            separator = ","
    parts.append("{}" if separator == "{" else "}")


def _write_list(value: Collection[Any], parts: list[str]) -> None:
    separator = "["
    for item in value:
        parts.append(separator)
        _write(item, parts)
        separator = ","
    parts.append("[]" if separator == "[" else "]")


def _key(key: Value) -> str:
    text = _scalar(key)
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
