"""Rows into files: CSV, JSON lines and Ion text, written as they come so that memory does not grow with them."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, TextIO

from tiercel.sdk.values import csv_text, ion_text, plain

Row = Sequence[Any]
Format = Literal["CSV", "JSONL", "ION"]


class RowFile:
    """A file that rows are appended to. Blocking: call it from a thread."""

    def __init__(self, path: Path, columns: Sequence[str], *, form: Format) -> None:
        self.path = path
        self.rows = 0
        self._columns = columns
        self._line = _LINES[form]
        self._file: TextIO = path.open("w", encoding="utf-8", newline="")
        if form == "CSV":
            self._file.write(_csv_line(columns, columns))

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._file.write(self._line(self._columns, row))
            self.rows += 1

    def close(self) -> None:
        self._file.close()


def _csv_line(_columns: Sequence[str], row: Row) -> str:
    return ",".join(_csv_field(csv_text(value)) for value in row) + "\n"


def _csv_field(text: str | None) -> str:
    if text is None:
        return ""
    if text == "" or any(character in text for character in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _json_line(columns: Sequence[str], row: Row) -> str:
    record = {column: plain(value) for column, value in zip(columns, row, strict=True)}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _ion_line(columns: Sequence[str], row: Row) -> str:
    return ion_text(dict(zip(columns, row, strict=True))) + "\n"


_LINES: dict[Format, Callable[[Sequence[str], Row], str]] = {"CSV": _csv_line, "JSONL": _json_line, "ION": _ion_line}

SUFFIXES: dict[Format, str] = {"CSV": "csv", "JSONL": "jsonl", "ION": "ion"}
