"""Values of rows as text of CSV and Ion, and as JSON types: the same for every source of rows."""

import base64
import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID


def plain(value: Any) -> Any:
    """The value as a JSON type: numbers stay exact, dates are ISO text, bytes are base64."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if value == value and abs(value) != float("inf") else str(value)
        case Decimal():
            return _number(value)
        case Mapping():
            return {str(key): plain(inner) for key, inner in cast(Mapping[Any, Any], value).items()}
        case list() | tuple():
            return [plain(inner) for inner in cast(list[Any], value)]
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return _interval(value)
        case _:
            return str(value)


def csv_text(value: Any) -> str | None:
    """The value as a CSV field; None, which is NULL, is written as nothing at all, unlike empty text."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float() | UUID():
            return str(value)
        case Decimal():
            return f"{value:f}" if value.is_finite() else str(value)
        case datetime():
            return _timestamp(value)
        case list() | tuple() | Mapping():
            return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(plain(value))


def ion_text(value: Any) -> str:
    """The value as Ion text."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _ion_float(value)
        case Decimal():
            return _ion_decimal(value)
        case datetime():
            return _ion_timestamp(value)
        case date():
            return value.isoformat()
        case bytes() | bytearray():
            return "{{" + base64.b64encode(value).decode() + "}}"
        case Mapping():
            return "{" + ",".join(_ion_fields(cast(Mapping[Any, Any], value))) + "}"
        case list() | tuple():
            return "[" + ",".join(ion_text(inner) for inner in cast(list[Any], value)) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return json.dumps(str(plain(value)), ensure_ascii=False)


def _ion_fields(struct: Mapping[Any, Any]) -> list[str]:
    return [f"{json.dumps(str(name), ensure_ascii=False)}:{ion_text(inner)}" for name, inner in struct.items()]


def _ion_float(value: float) -> str:
    if value != value:
        return "nan"
    if abs(value) == float("inf"):
        return "+inf" if value > 0 else "-inf"
    text = repr(value)
    return text if "e" in text else text + "e0"


def _ion_decimal(value: Decimal) -> str:
    if not value.is_finite():
        return json.dumps(str(value))
    text = f"{value:f}"
    return text if "." in text else text + "."


def _ion_timestamp(value: datetime) -> str:
    text = value.isoformat(timespec="microseconds")
    return text if value.tzinfo else text + "-00:00"


def _number(value: Decimal) -> int | float | str:
    """A JSON number where that loses nothing, else the digits as text."""
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value():
        return int(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else f"{value:f}"


def _timestamp(value: datetime) -> str:
    text = value.strftime("%Y-%m-%d %H:%M:%S.%f")
    return text if value.tzinfo is None else text + value.isoformat()[-6:]


def _interval(span: timedelta) -> str:
    """ISO-8601: days apart from the time, so that a day stays a day."""
    sign, span = ("-", -span) if span < timedelta() else ("", span)
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{span.microseconds:06d}".rstrip("0").rstrip(".")
    days = f"{span.days}D" if span.days else ""
    return f"{sign}P{days}T{hours}H{minutes}M{seconds}{fraction}S"
