"""Which format a file has: by its extension, else by its first bytes; and what the head of a CSV says."""

import csv
import gzip
import io
import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal, NamedTuple, cast

from tiercel.sdk import TaskFailed
from tiercel.sdk.ion import read_ion_file
from tiercel.sdk.values import plain

Format = Literal["CSV", "JSON", "AVRO", "PARQUET", "ORC"]

_BY_SUFFIX: dict[str, Format] = {
    ".csv": "CSV",
    ".json": "JSON",
    ".jsonl": "JSON",
    ".ndjson": "JSON",
    ".ion": "JSON",
    ".avro": "AVRO",
    ".parquet": "PARQUET",
    ".orc": "ORC",
}
_BY_START: dict[bytes, Format] = {b"Obj\x01": "AVRO", b"PAR1": "PARQUET", b"ORC": "ORC", b"{": "JSON"}
_BINARY_ION = b"\xe0\x01\x00\xea"
_GZIP = b"\x1f\x8b"

SOURCE_FORMATS: dict[Format, str] = {
    "CSV": "CSV",
    "JSON": "NEWLINE_DELIMITED_JSON",
    "AVRO": "AVRO",
    "PARQUET": "PARQUET",
    "ORC": "ORC",
}
"""What BigQuery calls them."""


def format_of(path: Path) -> Format:
    """The extension's format, else that of the first bytes, else CSV."""
    name = path.name.lower().removesuffix(".gz")
    if known := _BY_SUFFIX.get(Path(name).suffix):
        return known
    with _opened(path) as file:
        start = file.read(4)
    for magic, form in _BY_START.items():
        if start.startswith(magic):
            return form
    return "CSV"


def is_ion(path: Path) -> bool:
    return path.suffix.lower() == ".ion"


def as_json_lines(path: Path) -> Path:
    """A file of Ion values as one of JSON lines beside it: BigQuery reads no Ion. Numbers stay exact."""
    with path.open("rb") as file:
        if file.read(4) == _BINARY_ION:
            raise TaskFailed("the file is binary Ion, of which nothing is read: write Ion text, JSON lines or CSV")
    lines = path.with_suffix(".jsonl")
    with lines.open("w", encoding="utf-8") as file:
        for value in read_ion_file(path):
            file.write(json.dumps(plain(value), ensure_ascii=False, separators=(",", ":")) + "\n")
    return lines


class CsvHead(NamedTuple):
    header: list[str]
    """The first record."""
    has_rows: bool
    """Whether anything follows it."""


_UNREADABLE = CsvHead([], has_rows=True)
"""BigQuery may read it all the same."""


def csv_head(path: Path, *, delimiter: str, quote: str, encoding: str) -> CsvHead:
    """The first record of a CSV and whether there is a second; reads no further."""
    delimiter = "\t" if delimiter in ("\\t", "tab") else delimiter
    if len(delimiter) != 1:
        return _UNREADABLE
    with _records(path, delimiter=delimiter, quote=quote, encoding=encoding) as records:
        try:
            header = next(records, None)
            return CsvHead(header or [], any(records))
        except csv.Error:
            return _UNREADABLE


@contextmanager
def _records(path: Path, *, delimiter: str, quote: str, encoding: str) -> Generator[Iterator[list[str]]]:
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    with _opened_text(path, "utf-8-sig" if encoding.upper() == "UTF-8" else encoding) as file:
        yield csv.reader(file, delimiter=delimiter, quotechar=quote or None, quoting=quoting)


@contextmanager
def _opened(path: Path) -> Generator[IO[bytes]]:
    """The file, unpacked where it is gzip."""
    with path.open("rb") as file:
        is_packed = file.read(2) == _GZIP
    with gzip.open(path) if is_packed else path.open("rb") as file:
        yield cast(IO[bytes], file)


@contextmanager
def _opened_text(path: Path, encoding: str) -> Generator[IO[str]]:
    with _opened(path) as file, io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="") as text:
        yield text
