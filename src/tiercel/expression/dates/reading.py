"""Texts read as moments by a pattern."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache

from babel import Locale

from tiercel.expression.dates import names
from tiercel.expression.dates.patterns import Field, pieces_of
from tiercel.expression.dates.zones import zone_of
from tiercel.expression.errors import ExpressionError

_OFFSET = r"Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?"
_ZONE = r"[A-Za-z][\w+/-]*(?::\d\d)?|" + _OFFSET
_NUMERIC = "uyYDdwWhKkHmsAnN"


def read_pattern(text: str, pattern: str, locale: Locale) -> datetime:
    """The moment a text says: aware when the pattern has a zone. Raises ExpressionError."""
    expression, fields = _expression(pattern, str(locale))
    found = expression.fullmatch(text)
    if found is None:
        raise _unreadable(text, pattern)
    parts: dict[str, str] = {}
    for field, part in zip(fields, found.groups(), strict=True):
        parts[_kind(field)] = _part(field, part, locale)
    try:
        return _moment(parts)
    except (KeyError, ValueError):
        raise _unreadable(text, pattern) from None


def _unreadable(text: str, pattern: str) -> ExpressionError:
    return ExpressionError("parse", f"`{text[:100]}` is no date of the pattern `{pattern}`")


@lru_cache(256)
def _expression(pattern: str, locale: str) -> tuple[re.Pattern[str], tuple[Field, ...]]:
    pieces = pieces_of(pattern)
    language = names.locale_of(locale)
    texts = (
        re.escape(piece) if isinstance(piece, str) else f"({_part_expression(piece, language)})" for piece in pieces
    )
    return re.compile("".join(texts)), tuple(piece for piece in pieces if not isinstance(piece, str))


def _part_expression(field: Field, locale: Locale) -> str:
    letter, count = field.letter, field.count
    if letter in "uyY" and count != 2:
        return rf"[+-]?\d{{{count},9}}"
    if letter == "S":
        return rf"\d{{{count}}}"
    if letter in _NUMERIC or (letter in "MLQqec" and count < 3):
        return rf"\d{{{count}}}" if count > 1 else r"\d{1,19}"
    if letter in "VzOXxZ":
        return _ZONE if letter in "VzO" else _OFFSET
    return "|".join(sorted(map(re.escape, _names(field, locale).values()), key=len, reverse=True))


def _names(field: Field, locale: Locale) -> Mapping[int, str]:
    match field.letter:
        case "M" | "L":
            return names.month_names(locale, field.count, stands_alone=field.letter == "L")
        case "a":
            return dict(enumerate(names.half_day_names(locale)))
        case "G":
            return names.era_names(locale, field.count)
        case "Q" | "q":
            return names.quarter_names(locale, field.count)
        case _:
            return names.day_names(locale, field.count)


def _kind(field: Field) -> str:
    """Letters that say the same thing, by one of them."""
    return {"u": "y", "L": "M", "x": "X", "Z": "X", "z": "X", "O": "X", "V": "X"}.get(field.letter, field.letter)


def _part(field: Field, text: str, locale: Locale) -> str:
    if field.letter in "ML" and field.count >= 3:
        found = names.month_names(locale, field.count, stands_alone=field.letter == "L")
        return str(next(number for number, name in found.items() if name == text))
    if field.letter == "a":
        return str(names.half_day_names(locale).index(text))
    if field.letter in "uy" and field.count == 2:
        return f"20{text}"
    return text.ljust(9, "0") if field.letter == "S" else text


def _moment(parts: Mapping[str, str]) -> datetime:
    """Raises KeyError when there is no full date, ValueError when there is no such day."""
    year = int(parts["y"])
    moment = _day(year, parts).replace(
        hour=_hour(parts),
        minute=int(parts.get("m", 0)),
        second=int(parts.get("s", 0)),
        microsecond=int(parts.get("S", parts.get("n", "0"))) // 1000,
    )
    return moment.replace(tzinfo=zone_of(parts["X"])) if "X" in parts else moment


def _day(year: int, parts: Mapping[str, str]) -> datetime:
    if "D" in parts:
        return datetime.strptime(f"{year:04d} {parts['D']}", "%Y %j")
    return datetime(year, int(parts["M"]), int(parts["d"]))


def _hour(parts: Mapping[str, str]) -> int:
    for letter, read in _HOURS.items():
        if letter in parts:
            return read(int(parts[letter]), int(parts.get("a", 0)))
    return 0


_HOURS: Mapping[str, Callable[[int, int], int]] = {
    "H": lambda hour, half: hour,
    "k": lambda hour, half: hour % 24,
    "h": lambda hour, half: hour % 12 + 12 * half,
    "K": lambda hour, half: hour + 12 * half,
}
