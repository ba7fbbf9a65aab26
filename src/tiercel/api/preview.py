"""The beginning of a stored file in a shape that can be shown: rows, text, or a picture."""

import base64
import csv
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import msgspec

from tiercel.expression import ExpressionError, read_ion_values
from tiercel.ports.storage import Storage

MOST_BYTES = 1024 * 1024
_PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "bmp"})


class Preview(msgspec.Struct, frozen=True):
    extension: str
    type: str
    """LIST, TEXT, MARKDOWN, IMAGE or PDF."""
    content: Any
    truncated: bool


async def preview(storage: Storage, uri: str, *, max_rows: int, encoding: str) -> Preview:
    """What the first megabyte of a file says."""
    extension = PurePosixPath(uri).suffix.lstrip(".").lower()
    data, is_cut = await _head(storage.read(uri))
    if extension in _PICTURES or extension == "pdf":
        kind = "PDF" if extension == "pdf" else "IMAGE"
        return Preview(extension, kind, base64.b64encode(data).decode(), is_cut)
    text = data.decode(_known(encoding), errors="replace")
    if extension in _ROWS:
        return _rows(extension, text, max_rows=max_rows, is_cut=is_cut)
    lines = text.splitlines()
    kind = "MARKDOWN" if extension == "md" else "TEXT"
    return Preview(extension, kind, "\n".join(lines[:max_rows]), is_cut or len(lines) > max_rows)


async def _head(chunks: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    head = bytearray()
    async for chunk in chunks:
        head += chunk
        if len(head) > MOST_BYTES:
            return bytes(head[:MOST_BYTES]), True
    return bytes(head), False


def _rows(extension: str, text: str, *, max_rows: int, is_cut: bool) -> Preview:
    whole = text.rpartition("\n")[0] if is_cut else text
    rows: list[Any] = list(islice(_ROWS[extension](whole), max_rows + 1))
    return Preview(extension, "LIST", rows[:max_rows], is_cut or len(rows) > max_rows)


def _csv(text: str) -> Any:
    return csv.DictReader(text.splitlines())


def _json_lines(text: str) -> Any:
    return (_row(line) for line in text.splitlines() if line.strip())


def _row(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return line


def _ion(text: str) -> Iterator[Any]:
    """The values up to where it is Ion no more."""
    with suppress(ExpressionError):
        yield from read_ion_values(text)


_ROWS: dict[str, Callable[[str], Any]] = {"csv": _csv, "jsonl": _json_lines, "ndjson": _json_lines, "ion": _ion}


def _known(encoding: str) -> str:
    try:
        "".encode(encoding)
    except LookupError:
        return "utf-8"
    return encoding
