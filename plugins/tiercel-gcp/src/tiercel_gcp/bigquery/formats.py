"""Which format a file has: by its extension, else by its first bytes; and what the head of a CSV says."""

import csv
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

Format = Literal["CSV", "JSON", "AVRO", "PARQUET", "ORC"]

_BY_SUFFIX: dict[str, Format] = {
    ".csv": "CSV",
    ".json": "JSON",
    ".jsonl": "JSON",
    ".ndjson": "JSON",
    ".avro": "AVRO",
    ".parquet": "PARQUET",
    ".orc": "ORC",
}
_BY_START: dict[bytes, Format] = {b"Obj\x01": "AVRO", b"PAR1": "PARQUET", b"ORC": "ORC", b"{": "JSON"}

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
    if known := _BY_SUFFIX.get(path.suffix.lower()):
        return known
    with path.open("rb") as file:
        start = file.read(4)
    for magic, form in _BY_START.items():
        if start.startswith(magic):
            return form
    return "CSV"


class CsvHead(NamedTuple):
    header: list[str]
    has_rows: bool
    """Whether anything follows the first line."""


def csv_head(path: Path, *, delimiter: str, quote: str, encoding: str) -> CsvHead:
    """The first record of a CSV and whether there is a second; reads no further."""
    with _records(path, delimiter=delimiter, quote=quote, encoding=encoding) as records:
        header = next(records, None)
        return CsvHead(header or [], next(records, None) is not None)


@contextmanager
def _records(path: Path, *, delimiter: str, quote: str, encoding: str) -> Generator[Iterator[list[str]]]:
    with path.open(newline="", encoding=encoding, errors="replace") as file:
        yield csv.reader(
            file, delimiter=delimiter, quotechar=quote or None, quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
        )
