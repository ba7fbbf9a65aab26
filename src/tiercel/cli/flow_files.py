"""Files of flows that a command reads and may rewrite: named one by one, by folder, or `-` for standard input."""

import difflib
import errno
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, NamedTuple, TextIO

from cyclopts import Parameter

STDIN = Path("-")
GOOD, BAD, NOT_USABLE = 0, 1, 2
"""Exit codes: all is well, something is not, there is nothing to work on."""
_COLOURS = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}
_PLAIN = "\x1b[0m"

Paths = Annotated[
    tuple[Path, ...], Parameter(help="Files, folders of them, or - for standard input.", allow_leading_hyphen=True)
]


class Source(NamedTuple):
    """The text of a file, its line ends as they are."""

    path: Path
    text: str

    def write(self, text: str) -> None:
        """Replace the file; what came from standard input goes to standard output."""
        if self.path == STDIN:
            sys.stdout.write(text)
        elif text != self.text:
            self.path.write_bytes(text.encode())


def sources(paths: Iterable[Path]) -> list[Source]:
    """All that is named. Raises OSError."""
    return [Source(path, read_text(path)) for path in files(paths)]


def files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
        else:
            yield path


def read_text(path: Path) -> str:
    """What stands in a file, its line ends as they are. Raises OSError, also where it is no text."""
    content = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        why = f"this is no text in UTF-8: {error.reason} at byte {error.start}"
        raise OSError(errno.EILSEQ, why, str(path)) from error


def told_of_tests(path: Path) -> str:
    """Why a file of unit tests beside flows is passed over."""
    return f"- {path}: unit tests are left out; `tiercel test` runs them"


def unreadable(error: OSError) -> str:
    """Why a file cannot be read, in one line."""
    return f"{error.filename}: {error.strerror}"


def diff(path: Path, before: str, after: str) -> str:
    """What changes in a file, as patch(1) reads it."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), str(path), str(path)
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def print_diff(path: Path, before: str, after: str, *, stream: TextIO | None = None) -> None:
    """Show what changes: coloured where somebody looks."""
    target = stream or sys.stdout
    text = diff(path, before, after)
    target.write(_coloured(text) if target.isatty() and not os.environ.get("NO_COLOR") else text)


def _coloured(text: str) -> str:
    return "".join(
        f"{_COLOURS[line[0]]}{line.rstrip()}{_PLAIN}\n" if line[0] in _COLOURS else line
        for line in text.splitlines(keepends=True)
    )
