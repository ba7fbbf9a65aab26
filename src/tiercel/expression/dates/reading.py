"""Texts read as moments by a pattern."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache

from babel import Locale

from tiercel.expression.dates import names
from tiercel.expression.dates.patterns import Field, pieces_of, variants_of
from tiercel.expression.dates.zones import zone_of
from tiercel.expression.errors import ExpressionError

_OFFSET = r"Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?"
_ZONE = r"[A-Za-z][\w+/-]*(?::\d\d)?|" + _OFFSET
_NARROW_BLANK = "\u202f"
"""Stands before AM and PM in localised formats, where people write an ordinary one."""
_NUMERIC = "uyYDdwWhKkHmsAnN"


def read_pattern(text: str, pattern: str, locale: Locale) -> datetime:
    """The moment a text says: aware when the pattern has a zone. Raises ExpressionError."""
    text = text.replace(_NARROW_BLANK, " ")
    for variant in variants_of(pattern.replace(_NARROW_BLANK, " ")):
        pieces_of(variant)
        expression, fields = _expression(variant, str(locale))
        found = expression.fullmatch(text)
        if found is not None:
            return _read(fields, found.groups(), locale, _unreadable(text, pattern))
    raise _unreadable(text, pattern)


def _read(fields: Iterable[Field], texts: Iterable[str], locale: Locale, unreadable: ExpressionError) -> datetime:
    parts = {_kind(field): _part(field, text, locale) for field, text in zip(fields, texts, strict=True)}
    try:
        return _moment(parts)
    except (KeyError, ValueError):
        raise unreadable from None


def _unreadable(text: str, pattern: str) -> ExpressionError:
    return ExpressionError("parse", f"`{text[:100]}` is no date of the pattern `{pattern}`")


@lru_cache(256)
def _expression(pattern: str, locale: str) -> tuple[re.Pattern[str], tuple[Field, ...]]:
    pieces = pieces_of(pattern)
    language = names.locale_of(locale)
    runs = ("".join(_group(piece, language) for piece in run) for run in _runs(pieces))
    # A run that was read stays as it was read: going back into each of many would take for ever.
    expression = "".join(f"(?>{run})" for run in runs)
    return re.compile(expression), tuple(piece for piece in pieces if not isinstance(piece, str))


def _runs(pieces: Iterable[Field | str]) -> Iterator[list[Field | str]]:
    """Fields whose digits touch belong together when all but the first have a fixed width: `yyyyMMdd`."""
    run: list[Field | str] = []
    for piece in pieces:
        if run and not _has_fixed_width(piece):
            yield run
            run = []
        run.append(piece)
    yield run


def _has_fixed_width(piece: Field | str) -> bool:
    return isinstance(piece, Field) and piece.letter not in "uyY" and _part_width(piece) is not None


def _part_width(field: Field) -> int | None:
    """How many digits a field has, where that is certain."""
    if field.letter == "S":
        return field.count
    is_number = field.letter in _NUMERIC or (field.letter in "MLQqec" and field.count < 3)
    return field.count if is_number and field.count > 1 else None


def _group(piece: Field | str, locale: Locale) -> str:
    return re.escape(piece) if isinstance(piece, str) else f"({_part_expression(piece, locale)})"


def _part_expression(field: Field, locale: Locale) -> str:
    letter, count = field.letter, field.count
    if letter in "uyY" and count != 2:
        return rf"[+-]?\d{{{min(count, 9)},9}}"
    if (width := _part_width(field)) is not None:
        return rf"\d{{{width}}}"
    if letter in _NUMERIC or (letter in "MLQqec" and count == 1):
        return r"\d{1,19}"
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
