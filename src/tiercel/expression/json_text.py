"""Compact JSON as flows expect it: no blanks, nothing escaped that need not be, map entries that are null left out."""

import math
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from tiercel.expression.extent import ensure_walkable
from tiercel.expression.foreign import Writers, find_writer, understood
from tiercel.expression.numerals import double_text, float_text
from tiercel.expression.values import Entry, Float, Integer, Value, is_list, is_map


def to_json(value: Value, zone: tzinfo | None = None) -> str:
    """`value` as compact JSON. Date-times that have a zone are told in the one that is given."""
    if is_map(value) or is_list(value):
        ensure_walkable(value)
        parts: list[str] = []
        _write(value, parts, zone)
        return "".join(parts)
    return _scalar(value, zone)


def _scalar(value: Value, zone: tzinfo | None = None) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, datetime):
        return encode_basestring(_moment_text(value, zone))
    writer = find_writer(_WRITERS, value)
    return _scalar(understood(value)) if writer is None else writer(value)


def _write(value: Value, parts: list[str], zone: tzinfo | None) -> None:
    """Appends the parts of a list or map; those of others are scalars."""
    if is_map(value):
        _write_map({value["key"]: value["value"]} if isinstance(value, Entry) else value, parts, zone)
    elif is_list(value):
        _write_list(value, parts, zone)
    else:
        parts.append(_scalar(value, zone))


def _write_map(value: Mapping[Any, Any], parts: list[str], zone: tzinfo | None) -> None:
    separator = "{"
    for key, item in value.items():
        if item is not None:
            parts.append(f"{separator}{_key(key)}:")
            _write(item, parts, zone)
            separator = ","
    parts.append("{}" if separator == "{" else "}")


def _write_list(value: Collection[Any], parts: list[str], zone: tzinfo | None) -> None:
    separator = "["
    for item in value:
        parts.append(separator)
        _write(item, parts, zone)
        separator = ","
    parts.append("[]" if separator == "[" else "]")


def _key(key: Value) -> str:
    text = _scalar(key)
    return text if text.startswith('"') else encode_basestring(text)


def _float_json(value: float) -> str:
    return double_text(value) if math.isfinite(value) else encode_basestring(double_text(value))


def _moment_text(moment: datetime, zone: tzinfo | None) -> str:
    """An instant has its fraction in thousandths or millionths, everything else as short as it can be."""
    is_instant = moment.tzinfo is UTC
    told = moment if is_instant or moment.tzinfo is None or zone is None else moment.astimezone(zone)
    text = told.isoformat(timespec="seconds")
    return f"{text[:19]}{_fraction(told.microsecond, is_instant)}{text[19:].replace('+00:00', 'Z')}"


def _fraction(microsecond: int, is_instant: bool) -> str:
    digits = f".{microsecond:06d}" if microsecond else ""
    if not is_instant:
        return digits.rstrip("0")
    return digits.removesuffix("000")


def _time_json(moment: time) -> str:
    return encode_basestring(f"{moment:%H:%M:%S}{_fraction(moment.microsecond, False)}")


_WRITERS: Writers = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _float_json,
    Float: lambda value: float_text(value) if math.isfinite(value) else _float_json(value),
    Integer: int.__repr__,
    Decimal: lambda value: format(value, "f"),
    date: lambda value: encode_basestring(value.isoformat()),
    time: _time_json,
    timedelta: lambda value: f"{value.total_seconds():.9f}",
}
