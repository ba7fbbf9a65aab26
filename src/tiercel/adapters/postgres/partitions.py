"""The months into which executions and logs are cut: made ahead of time, named by statements, dropped whole.

A statement names the partition of its ids, because one that names the parent opens every partition. What belongs to no
month that was made (ids of others, a clock far off) lies in `…_other`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from tiercel.adapters.postgres.connection import Borrowed
from tiercel.adapters.postgres.sql import query
from tiercel.model.errors import InvalidId
from tiercel.model.ids import earliest_id, milliseconds_of

BY_ID = ("executions", "execution_labels", "task_runs", "events")
BY_TIME = ("logs", "metrics")
_CHANGING = {"executions", "task_runs"}
_AHEAD = 2
OTHER = "other"


class Partitions:
    """Which months exist, as this process last saw them."""

    def __init__(self, months: Iterable[str] = ()) -> None:
        self._months = frozenset(months)
        self._next = _following(max(self._months)) if self._months else None
        self._of_prefix: dict[str, str] = {}
        self.is_outdated = False
        """An id was asked for whose month comes right after those known: it has been made meanwhile, or should have."""

    def of(self, execution_id: str) -> str:
        """The suffix of the partitions that hold the rows of an execution."""
        # Ids of the same four minutes share five characters: a year needs no more than 133,000 of these.
        prefix = execution_id[:5]
        suffix = self._of_prefix.get(prefix)
        if suffix is None:
            suffix = self._find(execution_id)
            if _is_within_a_month(prefix):
                self._of_prefix[prefix] = suffix
        return suffix

    def _find(self, execution_id: str) -> str:
        month = month_of(execution_id)
        self.is_outdated |= month is not None and month == self._next
        return month if month in self._months else OTHER


def month_of(execution_id: str) -> str | None:
    """The month whose range of ids holds this one; None where it has no time that a calendar knows."""
    try:
        instant = datetime.fromtimestamp(milliseconds_of(execution_id.ljust(8, "0")) / 1000, UTC)
    except (InvalidId, ValueError, OverflowError, OSError):
        return None
    return f"{instant:%Y%m}"


async def read_partitions(connection: Borrowed) -> Partitions:
    """The months that all tables by id have."""
    months = await existing_months(connection, BY_ID[0])
    for table in BY_ID[1:]:
        months &= await existing_months(connection, table)
    return Partitions(months)


async def make_partitions(connection: Borrowed, *, now: datetime) -> list[str]:
    """Make this month's and those of the next two, where they are missing; answer with the names made."""
    months = [_later(_first(now), months=number) for number in range(_AHEAD + 1)]
    async with connection.transaction():
        await connection.execute(query("partitions/lock"))
        made = [await _make(connection, table, month) for table in (*BY_ID, *BY_TIME) for month in months]
    return [name for name in made if name]


async def _make(connection: Borrowed, table: str, month: datetime) -> str | None:
    suffix = f"{month:%Y%m}"
    if suffix in await existing_months(connection, table):
        return None
    start, end = (_bound(table, instant) for instant in (month, _later(month, months=1)))
    room = " WITH (fillfactor = 85)" if table in _CHANGING else ""
    await connection.execute(
        f"CREATE TABLE {table}_{suffix} PARTITION OF {table} FOR VALUES FROM ('{start}') TO ('{end}'){room}"
    )
    return f"{table}_{suffix}"


async def drop_month(connection: Borrowed, table: str, suffix: str) -> None:
    """Take a month away with everything in it."""
    async with connection.transaction():
        await connection.execute(query("partitions/lock"))
        await connection.execute(f"DROP TABLE IF EXISTS {table}_{suffix}")


async def existing_months(connection: Borrowed, table: str) -> frozenset[str]:
    """The months of one table."""
    rows = await connection.fetch(query("partitions/existing"), table)
    return frozenset(str(row["name"]).removeprefix(f"{table}_") for row in rows) - {OTHER}


def _bound(table: str, instant: datetime) -> str:
    return earliest_id(_milliseconds(instant)) if table in BY_ID else instant.isoformat()


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _first(instant: datetime) -> datetime:
    return datetime(instant.year, instant.month, 1, tzinfo=UTC)


def _later(month: datetime, *, months: int) -> datetime:
    number = month.year * 12 + month.month - 1 + months
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def _following(month: str) -> str:
    return f"{_later(datetime(int(month[:4]), int(month[4:]), 1, tzinfo=UTC), months=1):%Y%m}"


def _is_within_a_month(prefix: str) -> bool:
    """Whether all ids that begin so lie in one month."""
    return month_of(prefix + "000" + "0" * 14) == month_of(prefix + "zzz" + "z" * 14)
