"""How a value becomes text: as printed by `{{ }}`, and as joined into other text.

Both follow the Java forms that flows were written against: `1.0E7`, `[a, b]`, `{k=v}`, dates without `:00` seconds.
"""

import math
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from tiercel.expression.extent import ensure_walkable
from tiercel.expression.foreign import Writers, find_writer, understood
from tiercel.expression.json_text import to_json
from tiercel.expression.numerals import double_text, float_text
from tiercel.expression.values import Entry, Float, Integer, Value, is_list, is_map
from tiercel.model.durations import format_duration


def to_text(value: Value, zone: tzinfo | None = None) -> str:
    """A value as `{{ }}` prints it: nothing for null, JSON for lists and maps, in which zoned dates are told in `zone`."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, Entry):
        return to_string(value)
    if is_list(value) or is_map(value):
        return to_json(value, zone)
    return to_string(value)


def to_string(value: Value) -> str:
    """A value as it reads within other text: `null`, `[a, b]`, `{k=v}`."""
    if isinstance(value, str):
        return str(value)
    writer = find_writer(_WRITERS, value)
    if writer is not None:
        return writer(value)
    if not (is_map(value) or is_list(value)):
        return to_string(understood(value))
    ensure_walkable(value)
    return _container_text(value)


def _container_text(value: Value) -> str:
    if isinstance(value, Entry):
        return f"{_container_text(value['key'])}={_container_text(value['value'])}"
    if is_map(value):
        entries = (f"{_container_text(key)}={_container_text(item)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    if is_list(value):
        return "[" + ", ".join([_container_text(item) for item in value]) + "]"
    return to_string(value)


def _datetime_text(moment: datetime) -> str:
    """An instant (zone UTC itself) shows its seconds always, a date-time in a zone only when there are any."""
    if moment.tzinfo is UTC:
        return f"{moment:%Y-%m-%dT%H:%M:%S}{_fraction(moment.microsecond)}Z"
    return f"{moment.date().isoformat()}T{_time_text(moment.time())}{_offset_text(moment)}"


def _time_text(moment: time) -> str:
    seconds = f":{moment:%S}{_fraction(moment.microsecond)}" if moment.second or moment.microsecond else ""
    return f"{moment:%H:%M}{seconds}"


def _offset_text(moment: datetime) -> str:
    offset = moment.utcoffset()
    if offset is None:
        return ""
    return moment.isoformat()[-6:] if offset else "Z"


def _fraction(microsecond: int) -> str:
    if not microsecond:
        return ""
    return f".{microsecond:06d}" if microsecond % 1000 else f".{microsecond // 1000:03d}"


def _decimal_text(value: Decimal) -> str:
    return format(value, "f") if math.isfinite(value) else str(value)


_WRITERS: Writers = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: double_text,
    Float: float_text,
    Integer: int.__repr__,
    Decimal: _decimal_text,
    datetime: _datetime_text,
    date: date.isoformat,
    time: _time_text,
    timedelta: format_duration,
}
