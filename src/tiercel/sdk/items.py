"""The rows of a file, one at a time, in whichever format it has: Ion text, JSON lines, a JSON array, or CSV."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tiercel.sdk.errors import TaskFailed
from tiercel.sdk.ion import read_ion_file

_CSV = {".csv", ".tsv"}
_JSON_LINES = {".jsonl", ".ndjson"}
_HEAD = 1024


def read_items(path: Path) -> Iterator[Any]:
    """The rows as plain data: mappings, where the format has names. Blocking. Raises TaskFailed."""
    match path.suffix.lower():
        case suffix if suffix in _CSV or (suffix not in _JSON_LINES and not _looks_structured(path)):
            yield from _csv_rows(path, delimiter="\t" if suffix == ".tsv" else ",")
        case suffix if suffix in _JSON_LINES:
            yield from _json_rows(path)
        case _:
            yield from _ion_rows(path)


def _looks_structured(path: Path) -> bool:
    """CSV begins with a name; Ion and JSON begin with a bracket, a quote or a digit."""
    if path.suffix.lower() in {".ion", ".json"}:
        return True
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_HEAD).lstrip()[:1] in {"{", "[", "(", "$", ""}


def _csv_rows(path: Path, *, delimiter: str) -> Iterator[Any]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _json_rows(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _decoded(line, path, number)


def _decoded(line: str, path: Path, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise TaskFailed(f"{path.name}, line {number} is no JSON: {error}") from error


def _ion_rows(path: Path) -> Iterator[Any]:
    """A list alone in its file is the rows; JSON arrays are written so."""
    values = read_ion_file(path)
    first = next(values, None)
    if isinstance(first, list):
        yield from first
    elif first is not None:
        yield first
    yield from values
