"""Partitions made ahead and dropped whole."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tiercel.adapters.postgres.connection import Borrowed, Pool
from tiercel.adapters.postgres.partitions import BY_ID, BY_TIME, drop_month, existing_months, make_partitions


class PostgresUpkeep:
    """Works on connections of the pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def make_room(self, now: datetime) -> list[str]:
        async with self._pool.acquire() as connection:
            return await make_partitions(connection, now=now)

    async def drop_logs(self, before: datetime) -> list[str]:
        async with self._pool.acquire() as connection:
            months = _ended(await existing_months(connection, BY_TIME[0]), before)
            return await _drop(connection, BY_TIME, months)

    async def drop_executions(self, before: datetime) -> list[str]:
        async with self._pool.acquire() as connection:
            months = _ended(await existing_months(connection, BY_ID[0]), before)
            quiet = [month for month in months if not await _has_live(connection, month)]
            return await _drop(connection, BY_ID, quiet)


def _ended(months: frozenset[str], before: datetime) -> list[str]:
    """Those that were over by then: the month of the instant itself was not."""
    return sorted(month for month in months if month < f"{before.astimezone(UTC):%Y%m}")


async def _has_live(connection: Borrowed, month: str) -> bool:
    return await connection.fetchval(f"SELECT EXISTS (SELECT FROM executions_{month} WHERE live)")


async def _drop(connection: Borrowed, tables: Sequence[str], months: Sequence[str]) -> list[str]:
    dropped = [(table, month) for month in months for table in tables]
    for table, month in dropped:
        await drop_month(connection, table, month)
    return [f"{table}_{month}" for table, month in dropped]
