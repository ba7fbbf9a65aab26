"""The cleaner makes room, forgets what is old where that is wished, and survives a database that is away."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tiercel.adapters.memory.logs import MemoryLogStore
from tiercel.model.log import LogEntry
from tiercel.ports.leases import Role, ServiceRow
from tiercel.services.cleaner import Cleaner, Retention

NOW = datetime(2026, 11, 26, tzinfo=UTC)
DAY = timedelta(days=1)


class Database:
    """Remembers what it was asked, in words."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_away = False

    async def make_room(self, now: datetime) -> list[str]:
        if self.is_away:
            raise ConnectionError("away")
        return self._note("room", now)

    async def drop_logs(self, before: datetime) -> list[str]:
        return self._note("drop logs", before)

    async def drop_executions(self, before: datetime) -> list[str]:
        return self._note("drop executions", before)

    async def forget(self, *, before: datetime) -> int:
        return len(self._note("forget", before))

    async def services(self) -> list[ServiceRow]:
        return []

    async def lost(self, role: Role, *, patience: timedelta) -> list[int]:
        return []

    def _note(self, what: str, when: datetime) -> list[str]:
        self.asked.append(f"{what} {when:%m-%d}")
        return []


class Hours:
    """Each wait is over at once; after so many the test is over."""

    def __init__(self, number: int) -> None:
        self._left = number

    def now(self) -> datetime:
        return NOW

    async def sleep_until(self, due: datetime) -> None:
        assert due == NOW + timedelta(hours=1)
        self._left -= 1
        if self._left < 0:
            raise asyncio.CancelledError


def line(at: datetime) -> LogEntry:
    return LogEntry("company", "hello", at, "INFO", "x")


async def test_nothing_is_deleted_unless_it_is_wished() -> None:
    database, logs = Database(), MemoryLogStore()
    await logs.append([line(NOW - 999 * DAY)])
    await Cleaner(database, database, logs, clock=Hours(0)).tidy(NOW)
    assert database.asked == ["room 11-26", "forget 11-25"]
    assert await logs.delete_before(NOW) == 1


async def test_what_is_older_than_wished_goes() -> None:
    database, logs = Database(), MemoryLogStore()
    await logs.append([line(NOW - 3 * DAY), line(NOW - DAY)])
    retention = Retention(executions=10 * DAY, logs=2 * DAY)
    await Cleaner(database, database, logs, clock=Hours(0), retention=retention).tidy(NOW)
    assert database.asked == ["room 11-26", "forget 11-25", "drop logs 11-24", "drop executions 11-16"]
    assert await logs.delete_before(NOW) == 1


async def test_a_database_that_is_away_is_tried_again_an_hour_later() -> None:
    database = Database()
    database.is_away = True
    with pytest.raises(asyncio.CancelledError):
        await Cleaner(database, database, MemoryLogStore(), clock=Hours(3)).run()
    database.is_away = False
    with pytest.raises(asyncio.CancelledError):
        await Cleaner(database, database, MemoryLogStore(), clock=Hours(2)).run()
    assert database.asked == ["room 11-26", "forget 11-25"] * 2
