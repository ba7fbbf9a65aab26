"""Changes of a text that leave everything else in it as it is: comments, blank lines, quotes."""

import re
from collections.abc import Iterable

import msgspec

_LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line for YAML."""


class Edit(msgspec.Struct, frozen=True, order=True):
    """The text that stands between two offsets is to be another one."""

    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with all of the edits, which must not overlap."""
    parts: list[str] = []
    place = 0
    for edit in sorted(edits):
        parts += (text[place : edit.start], edit.text)
        place = edit.end
    return "".join(parts) + text[place:]


def offset_of(text: str, line: int, column: int) -> int:
    """The offset of a place, both counted from 1."""
    if line == 1:
        return column - 1
    for number, found in enumerate(_LINE_BREAK.finditer(text), start=2):
        if number == line:
            return found.end() + column - 1
    raise ValueError(f"there is no line {line}")
