"""Rows of a query as they come from BigQuery, in chunks, with values that files and outputs can hold."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

CHUNK_ROWS = 1_000


class Rows:
    """Blocking: ask for each chunk from a thread."""

    def __init__(self, result: Any) -> None:
        self.columns: list[str] = [field.name for field in result.schema]
        self.total: int = result.total_rows or 0
        self._rows: Iterator[Any] = iter(result)

    def chunk(self, most: int = CHUNK_ROWS) -> list[tuple[Any, ...]]:
        """The next rows; none at the end."""
        return [tuple(map(_value, row.values())) for row in islice(self._rows, most)]


def _value(value: Any) -> Any:
    from dateutil.relativedelta import relativedelta

    if isinstance(value, relativedelta):
        return _interval(value)
    if isinstance(value, list):
        return [_value(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {name: _value(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value


def _interval(span: Any) -> str:
    """ISO-8601, each part with a sign of its own, as BigQuery keeps them."""
    whole, rest = divmod(abs(span.seconds * 1_000_000 + span.microseconds), 1_000_000)
    sign = "-" if span.seconds < 0 or span.microseconds < 0 else ""
    seconds = f"{sign}{whole}.{rest:06d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"
    return f"P{span.years}Y{span.months}M{span.days}DT{span.hours}H{span.minutes}M{seconds}S"
