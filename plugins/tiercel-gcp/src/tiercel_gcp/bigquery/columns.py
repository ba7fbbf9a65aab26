"""How the columns of a file meet those of its table: by the header of a CSV, where it has one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from tiercel.sdk import TaskFailed
from tiercel_gcp.bigquery.formats import CsvHead


class Match(NamedTuple):
    """What a header says."""

    fields: list[Any]
    """The table's columns in the file's order, where the header names them all; else nothing."""
    unknown: list[str]
    """Names in the header that the table has no column for."""
    is_header: bool
    """Whether the first record names columns at all, or is a row already."""


def match(head: CsvHead, fields: Sequence[Any]) -> Match:
    """Names are compared as BigQuery does: letter case does not count."""
    columns = {field.name.lower(): field for field in fields}
    names = [name.strip().lower() for name in head.header]
    unknown = [written for written, name in zip(head.header, names, strict=True) if name not in columns]
    if len(set(names)) < len(names) or len(unknown) == len(names):
        return Match([], unknown, is_header=False)
    return Match([] if unknown else [columns[name] for name in names], unknown, is_header=True)


def refuse_unknown(found: Match, fields: Sequence[Any], table: object) -> None:
    """A header that names columns which are not there is a mistake worth naming, before anything is sent."""
    if found.is_header and found.unknown:
        names = ", ".join(field.name for field in fields)
        raise TaskFailed(f"table {table} has no column {', '.join(found.unknown)}; its columns are {names}")
