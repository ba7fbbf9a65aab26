"""Files of Ion text, value by value, so that memory holds one value and not the file."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tiercel.expression import ExpressionError, read_ion_values
from tiercel.sdk.errors import TaskFailed

MOST_CHARACTERS = 64 * 2**20
"""Of one value."""
_BRACKETS = re.compile(r'"(?:\\.|[^"\\])*"|' r"'(?:\\.|[^'\\])*'|//.*|([\[({])|([\])}])")


def read_ion_file(path: Path) -> Iterator[Any]:
    """The values of a file as plain data: decimals are `Decimal`, blobs `bytes`. Blocking. Raises TaskFailed."""
    with path.open(encoding="utf-8") as file:
        for number, text in _pieces(file):
            try:
                yield from read_ion_values(text)
            except ExpressionError as error:
                raise TaskFailed(f"{path.name}, from line {number}: {error}") from error


def _pieces(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines, those together in which a value goes on; each with the number of its first line."""
    begun, depth, piece = 1, 0, ""
    for number, line in enumerate(lines, 1):
        piece += line
        depth += _opened(line)
        if depth <= 0 or len(piece) > MOST_CHARACTERS:
            yield begun, piece
            begun, depth, piece = number + 1, 0, ""
    if piece:
        yield begun, piece


def _opened(line: str) -> int:
    """How many brackets a line opens and leaves open."""
    return sum(bool(found[1]) - bool(found[2]) for found in _BRACKETS.finditer(line))
