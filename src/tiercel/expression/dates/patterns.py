"""Date patterns taken apart: letters with their counts, and text between them."""

import re
from dataclasses import dataclass
from functools import lru_cache

from tiercel.expression.errors import ExpressionError

LETTERS = "GuyYDMLdQqwWEecahKkHmsSAnNVzOXxZ"
_PIECE = re.compile(
    r"(?P<letters>([A-Za-z])\2*)|(?P<quoted>'(?:[^']|'')*')|(?P<bracket>[\[\]])|(?P<text>[^A-Za-z'\[\]]+)"
)
_HIGHEST_COUNTS = {"S": 9, "V": 2, "a": 1, "d": 2, "h": 2, "H": 2, "K": 2, "k": 2, "m": 2, "s": 2, "w": 2, "D": 3}
_HIGHEST_COUNT = 5
_HIGHEST_YEAR_COUNT = 19


@dataclass(frozen=True, slots=True)
class Field:
    """A letter, as often as it stands there."""

    letter: str
    count: int


@lru_cache(512)
def pieces_of(pattern: str) -> tuple[Field | str, ...]:
    """The fields and texts of a pattern; brackets around optional parts are left out. Raises ExpressionError."""
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
