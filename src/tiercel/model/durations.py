"""ISO-8601 durations as people write them in flows: `PT1H30M`, `P1D`, or a bare number of seconds."""

import re
from datetime import timedelta

_ISO = re.compile(
    r"(?P<sign>[+-])?P(?:(?P<days>[+-]?\d+)D)?"
    r"(?:T(?:(?P<hours>[+-]?\d+)H)?(?:(?P<minutes>[+-]?\d+)M)?(?:(?P<seconds>[+-]?\d+(?:[.,]\d{0,9})?)S)?)?",
    re.IGNORECASE | re.ASCII,
)
_SECONDS = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)


def parse_duration(text: str | float) -> timedelta:
    """The span a text or a number of seconds names. Raises ValueError that says what a duration looks like."""
    if isinstance(text, int | float):
        return _span(text, seconds=float(text))
    written = text.strip()
    return _span(text, seconds=float(written)) if _SECONDS.fullmatch(written) else parse_iso_duration(written)


def parse_iso_duration(text: str) -> timedelta:
    """The span an ISO-8601 text names; a bare number is none."""
    found = _ISO.fullmatch(text.strip())
    parts = {} if found is None else {name: part for name, part in found.groupdict().items() if part and name != "sign"}
    if found is None or not parts:
        raise ValueError(f"{text!r} is not a duration; write for example PT30S, PT1H30M or P1D")
    span = _span(text, **{name: float(part.replace(",", ".")) for name, part in parts.items()})
    return -span if found["sign"] == "-" else span


def format_duration(span: timedelta) -> str:
    """The ISO-8601 text the API shows: hours, minutes, seconds with up to six digits, `PT0S` for nothing."""
    microseconds = round(span.total_seconds() * 1_000_000)
    sign, rest = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    hours, rest = divmod(rest, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    text = f"{sign}{hours}H" if hours else ""
    text += f"{sign}{minutes}M" if minutes else ""
    if seconds or fraction or not text:
        digits = f"{fraction:06d}".rstrip("0")
        text += f"{sign}{seconds}{'.' + digits if digits else ''}S"
    return f"PT{text}"


def _span(written: object, **parts: float) -> timedelta:
    try:
        return timedelta(**parts)
    except (OverflowError, ValueError):
        raise ValueError(f"{written!r} is too long for a duration; the limit is about 2.7 million years") from None
