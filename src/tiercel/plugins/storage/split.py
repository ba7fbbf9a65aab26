"""`io.kestra.plugin.core.storage.Split`: cuts a file into several."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Annotated

from pydantic import BeforeValidator, Field, model_validator

from tiercel.plugins.storage.pieces import read_pieces
from tiercel.sdk import Output, RunContext, Task, TaskFailed

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?\s*", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
MOST_GROUPS = 500
"""Files that may be open at once: groups of `regexPattern`, and `partitions`."""


def _as_bytes(written: object) -> object:
    """`10MB`, `1 KiB`, or a number of bytes; powers of 1024."""
    found = _SIZE.fullmatch(str(written))
    if found is None:
        raise ValueError(f"{written!r} is no size; write for example 10MB")
    return int(float(found[1]) * 1024 ** _POWERS[found[2].upper()])


class SplitOutput(Output, frozen=True):
    uris: list[str]
    """The files, in order."""


class Split(Task[SplitOutput], type="io.kestra.plugin.core.storage.Split"):
    """Cut a file of internal storage into several, between its rows."""

    example = """
        id: split_orders
        namespace: company.team
        inputs:
          - id: orders
            type: FILE
        tasks:
          - id: parts
            type: io.kestra.plugin.core.storage.Split
            from: "{{ inputs.orders }}"
            rows: 1000
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.parts.uris | length }} files"
    """

    from_: Annotated[str, Field(alias="from")]
    """The file."""
    bytes_: Annotated[
        int | None, BeforeValidator(_as_bytes, json_schema_input_type=str | int), Field(gt=0, alias="bytes")
    ] = None
    """Begin another file at the first row after so many bytes: `10MB`. Goes before `partitions` and `rows`."""
    partitions: Annotated[int | None, Field(gt=0, le=MOST_GROUPS)] = None
    """Deal the rows out to so many files in turn."""
    rows: Annotated[int | None, Field(gt=0)] = None
    """So many rows to a file."""
    regex_pattern: str | None = None
    """Rows with the same text in the first group of this pattern go to the same file; others are left out. Goes before the other ways."""
    separator: str = "\n"
    """What ends a row."""

    @model_validator(mode="after")
    def _says_how(self) -> "Split":
        if not any((self.bytes_, self.partitions, self.rows, self.regex_pattern)):
            raise ValueError("one of `bytes`, `partitions`, `rows`, `regexPattern` is needed")
        return self

    async def run(self, ctx: RunContext) -> SplitOutput:
        source = await ctx.files.fetch(self.from_)
        folder = ctx.working_dir / "parts"
        folder.mkdir()
        parts = await asyncio.to_thread(self._cut, source, folder)
        ctx.log.info(f"{len(parts)} files")
        return SplitOutput(uris=[await ctx.files.store(part, part.name) for part in parts])

    def _cut(self, source: Path, folder: Path) -> list[Path]:
        separator = self.separator.encode()
        if not separator:
            raise TaskFailed("`separator` must not be empty")
        with _Parts(folder, suffix=source.suffix) as parts:
            choose = self._chooser(parts)
            for row in read_pieces(source, separator):
                if (place := choose(row)) is not None:
                    parts.write(place, row + separator)
            return parts.paths

    def _chooser(self, parts: "_Parts") -> Callable[[bytes], str | None]:
        """Which file a row goes to; None: none."""
        if self.regex_pattern is not None:
            return _by_group(_compiled(self.regex_pattern))
        if self.bytes_ is not None:
            return _by_size(parts, limit=self.bytes_)
        if self.partitions is not None:
            return _by_turns(self.partitions)
        return _by_number(parts, limit=self.rows or 1)


class _Parts:
    """The files that are being written, by the name of what goes to them."""

    def __init__(self, folder: Path, *, suffix: str) -> None:
        self._folder, self._suffix = folder, suffix
        self._open: dict[str, IO[bytes]] = {}
        self._stack = ExitStack()
        self.paths: list[Path] = []
        self.rows = self.size = 0
        """Of the file that was begun last."""

    def __enter__(self) -> "_Parts":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write(self, place: str, row: bytes) -> None:
        if place not in self._open:
            self._begin(place)
        self._open[place].write(row)
        self.rows += 1
        self.size += len(row)

    def close_all(self) -> None:
        """Nothing more comes for the files begun so far."""
        self._stack.close()
        self._open.clear()

    def _begin(self, place: str) -> None:
        if len(self._open) >= MOST_GROUPS:
            raise TaskFailed(f"the file falls into more than {MOST_GROUPS} groups: choose a coarser `regexPattern`")
        path = self._folder / f"{len(self.paths) + 1:05}{self._suffix}"
        self._open[place] = self._stack.enter_context(path.open("wb"))
        self.paths.append(path)
        self.rows = self.size = 0


def _by_size(parts: _Parts, *, limit: int) -> Callable[[bytes], str]:
    return _one_after_another(parts, is_full=lambda: parts.size >= limit)


def _by_number(parts: _Parts, *, limit: int) -> Callable[[bytes], str]:
    return _one_after_another(parts, is_full=lambda: parts.rows >= limit)


def _one_after_another(parts: _Parts, *, is_full: Callable[[], bool]) -> Callable[[bytes], str]:
    def choose(_row: bytes) -> str:
        if parts.paths and is_full():
            parts.close_all()
        return "current"

    return choose


def _by_turns(number: int) -> Callable[[bytes], str]:
    turns: Iterator[str] = _endless([str(turn) for turn in range(number)])
    return lambda _row: next(turns)


def _endless(names: list[str]) -> Iterator[str]:
    while True:
        yield from names


def _compiled(written: str) -> "re.Pattern[bytes]":
    try:
        return re.compile(written.encode())
    except re.error as error:
        raise TaskFailed(f"`regexPattern` is no regular expression: {error}") from error


def _by_group(pattern: "re.Pattern[bytes]") -> Callable[[bytes], str | None]:
    if pattern.groups < 1:
        raise TaskFailed(f"`regexPattern` needs a group in round brackets: {pattern.pattern.decode()!r}")

    def choose(row: bytes) -> str | None:
        found = pattern.search(row)
        return None if found is None else (found[1] or b"").decode("utf-8", "replace")

    return choose
