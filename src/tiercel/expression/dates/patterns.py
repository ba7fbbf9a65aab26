"""Date patterns taken apart: letters with their counts, and text between them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tiercel.expression.errors import ExpressionError

LETTERS: Mapping[str, str] = {
    "G": "era",
    "u": "year",
    "y": "year of the era",
    "Y": "year that the week belongs to",
    "D": "day of the year",
    "M": "month: number, or name from three letters on",
    "L": "month, as it stands alone",
    "d": "day of the month",
    "Q": "quarter",
    "q": "quarter, as it stands alone",
    "w": "week of the year",
    "W": "week of the month",
    "E": "name of the day",
    "e": "day of the week: number, or name from three letters on",
    "c": "day of the week, as it stands alone",
    "a": "half of the day",
    "h": "hour, 1 to 12",
    "K": "hour, 0 to 11",
    "k": "hour, 1 to 24",
    "H": "hour, 0 to 23",
    "m": "minute",
    "s": "second",
    "S": "fraction of the second",
    "A": "millisecond of the day",
    "n": "nanosecond of the second",
    "N": "nanosecond of the day",
    "V": "id of the zone, as VV",
    "z": "name of the zone",
    "O": "distance from GMT",
    "X": "offset, Z for none",
    "x": "offset",
    "Z": "offset without a colon",
}
_PIECE = re.compile(
    r"(?P<letters>([A-Za-z])\2*)|(?P<quoted>'(?:[^']|'')*')|(?P<bracket>[\[\]])|(?P<text>[^A-Za-z'\[\]]+)"
)
_HIGHEST_COUNTS = {"S": 9, "V": 2, "a": 1, "d": 2, "h": 2, "H": 2, "K": 2, "k": 2, "m": 2, "s": 2, "w": 2, "D": 3}
_HIGHEST_COUNT = 5
_LONGEST = 500
_MOST_OPTIONAL_PARTS = 6
_HIGHEST_YEAR_COUNT = 19


@dataclass(frozen=True, slots=True)
class Field:
    """A letter, as often as it stands there."""

    letter: str
    count: int


def pieces_of(pattern: str) -> tuple[Field | str, ...]:
    """The fields and texts of a pattern; brackets around optional parts are left out. Raises ExpressionError."""
    if len(pattern) > _LONGEST:
        raise ExpressionError("limit", f"the date pattern has more than {_LONGEST} characters")
    return _pieces_of(pattern)


@lru_cache(512)
def _pieces_of(pattern: str) -> tuple[Field | str, ...]:
    pieces: list[Field | str] = []
    position = 0
    while position < len(pattern):
        found = _PIECE.match(pattern, position)
        if found is None:
            raise ExpressionError("value", f"the quote in the date pattern `{pattern}` is not closed")
        position = found.end()
        if found["letters"]:
            pieces.append(_field(found["letters"], pattern))
        elif not found["bracket"]:
            pieces.append(found["text"] or _unquoted(found["quoted"]))
    return tuple(pieces)


@lru_cache(512)
def variants_of(pattern: str) -> tuple[str, ...]:
    """The patterns that one stands for, with its parts between brackets and without; the fullest ones first."""
    tokens = [found.group() for found in _PIECE.finditer(pattern)]
    if "[" not in tokens:
        return ("".join(token for token in tokens if token != "]"),)
    start = len(tokens) - 1 - tokens[::-1].index("[")
    end = tokens.index("]", start) if "]" in tokens[start:] else len(tokens)
    before, inside, after = ("".join(part) for part in (tokens[:start], tokens[start + 1 : end], tokens[end + 1 :]))
    if tokens.count("[") > _MOST_OPTIONAL_PARTS:
        raise ExpressionError("limit", f"the date pattern has more than {_MOST_OPTIONAL_PARTS} parts between brackets")
    return tuple(dict.fromkeys([*variants_of(before + inside + after), *variants_of(before + after)]))


def _field(letters: str, pattern: str) -> Field:
    letter, count = letters[0], len(letters)
    if letter not in LETTERS:
        raise ExpressionError("value", f"`{letter}` in the date pattern `{pattern}` means nothing; quote text with '…'")
    highest = _HIGHEST_YEAR_COUNT if letter in "uyYAnN" else _HIGHEST_COUNTS.get(letter, _HIGHEST_COUNT)
    if count > highest or (letter == "V" and count != 2):
        raise ExpressionError("value", f"`{letters}` in the date pattern `{pattern}` has the wrong number of letters")
    return Field(letter, count)


def _unquoted(quoted: str) -> str:
    return quoted[1:-1].replace("''", "'") or "'"
