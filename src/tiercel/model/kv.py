"""Entries of the key-value store: what a value may be, and how it is read from text."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec

from tiercel.model.durations import format_duration, parse_duration, parse_iso_duration
from tiercel.model.record import Record


class KvType(StrEnum):
    STRING = "STRING"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATETIME = "DATETIME"
    DATE = "DATE"
    DURATION = "DURATION"
    JSON = "JSON"


class KvValue(Record, frozen=True):
    """A value with its type. Dates, date-times and durations are ISO text."""

    type: KvType
    value: Any


KEY = re.compile("[a-zA-Z0-9][a-zA-Z0-9._-]*")


def check_key(key: str) -> None:
    """Raises ValueError where a key is none that an address of the API could name."""
    if not KEY.fullmatch(key):
        raise ValueError(
            "Key must start with an alphanumeric character (uppercase or lowercase) and can contain alphanumeric"
            " characters (uppercase or lowercase), dots (.), underscores (_), and hyphens (-) only."
        )


class KvEntry(Record, frozen=True, kw_only=True):
    """A key of a namespace as it was last written, or as it was in one revision."""

    namespace: str
    key: str
    revision: int
    """From 1; raised by each write."""
    type: KvType
    value: Any
    description: str | None = None
    created: datetime
    """When the key was first written."""
    updated: datetime
    expires: datetime | None = None

    def is_alive(self, at: datetime) -> bool:
        return self.expires is None or at < self.expires


def guess_value(text: str) -> KvValue:
    """What a text without a type means: a JSON value, a date, a duration, otherwise the text itself, all of it."""
    try:
        return value_of(msgspec.json.decode(text))
    except msgspec.DecodeError:
        return _guess_written(text)


def value_of(data: Any) -> KvValue:
    """Plain data with the type it has by itself."""
    match data:
        case bool():
            return KvValue(KvType.BOOLEAN, data)
        case int() | float():
            return KvValue(KvType.NUMBER, data)
        case str():
            return KvValue(KvType.STRING, data)
        case _:
            return KvValue(KvType.JSON, data)


def typed_value(kind: KvType, written: Any) -> KvValue:
    """What is written, as a value of this type. Raises ValueError that names both."""
    try:
        return KvValue(kind, _READERS[kind](written))
    except (ValueError, TypeError, msgspec.DecodeError) as error:
        raise ValueError(f"{written!r} is no {kind}: {error}") from error


def parent_namespaces(namespace: str) -> list[str]:
    """`a.b.c`, `a.b`, `a`: where a key is looked for, the nearest first."""
    parts = namespace.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _guess_written(text: str) -> KvValue:
    trimmed = text.strip()
    for kind in (KvType.DATE, KvType.DATETIME):
        try:
            return KvValue(kind, _READERS[kind](trimmed))
        except ValueError:
            continue
    try:
        parse_iso_duration(trimmed)
    except ValueError:
        return KvValue(KvType.STRING, text)
    return KvValue(KvType.DURATION, trimmed)


def _text(written: Any) -> str:
    return written if isinstance(written, str) else msgspec.json.encode(written).decode()


def _number(written: Any) -> int | float:
    value = msgspec.json.decode(_text(written).strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("write digits, for example 42 or 1.5")
    return value


def _boolean(written: Any) -> bool:
    word = _text(written).strip().lower()
    if word not in ("true", "false"):
        raise ValueError("write true or false")
    return word == "true"


def _datetime(written: Any) -> str:
    text = _text(written).strip()
    if "T" not in text.upper():
        raise ValueError("write for example 2026-05-01T12:30:00Z")
    datetime.fromisoformat(text)
    return text


def _date(written: Any) -> str:
    return date.fromisoformat(_text(written).strip()).isoformat()


def _duration(written: Any) -> str:
    text = _text(written).strip()
    return format_duration(parse_duration(text)) if not text.upper().startswith("P") else _kept(text)


def _kept(text: str) -> str:
    parse_iso_duration(text)
    return text


def _json(written: Any) -> Any:
    return msgspec.json.decode(written) if isinstance(written, str) else written


_READERS = {
    KvType.STRING: _text,
    KvType.NUMBER: _number,
    KvType.BOOLEAN: _boolean,
    KvType.DATETIME: _datetime,
    KvType.DATE: _date,
    KvType.DURATION: _duration,
    KvType.JSON: _json,
}
