"""A real PostgreSQL that plays the source of data, and a place to run tasks in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from tests.adapters.postgres.samples import a_look
from tests.adapters.postgres.server import Server, running_server
from tests.services.jobs import Place, a_job, a_place

from tiercel.model.states import State
from tiercel.services.outcome import Outcome

PREFIX = "io.kestra.plugin.jdbc.postgresql."


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
async def dsn(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """A fresh database. Where it is and who asks stands in the environment, as it may for libpq."""
    async with server.database() as dsn:
        for name, values in parse_qs(urlsplit(dsn).query).items():
            monkeypatch.setenv(f"PG{name.upper()}", values[0])
        yield dsn


class Source:
    """The database as a task sees it, and as the test looks at it."""

    def __init__(self, dsn: str, place: Place) -> None:
        self.dsn, self.place = dsn, place
        self.url = f"jdbc:postgresql://{urlsplit(dsn).path}"

    async def outcome(self, type: str = "Query", **properties: Any) -> Outcome:
        return await self.place.runner.run(a_job(PREFIX + type, {"url": self.url, **properties}))

    async def run(self, type: str = "Query", **properties: Any) -> dict[str, Any]:
        """The outputs of a task that must succeed."""
        outcome = await self.outcome(type, **properties)
        assert outcome.state is State.SUCCESS, outcome.error
        return outcome.outputs or {}

    async def error(self, type: str = "Query", **properties: Any) -> str:
        """Why a task failed that must."""
        outcome = await self.outcome(type, **properties)
        assert outcome.state is State.FAILED
        return outcome.error or ""

    async def text(self, uri: str) -> str:
        return b"".join([chunk async for chunk in self.place.storage.read(uri)]).decode()

    async def execute(self, sql: str) -> None:
        async with a_look(self.dsn) as connection:
            await connection.execute(sql)

    async def value(self, sql: str) -> Any:
        async with a_look(self.dsn) as connection:
            return await connection.fetchval(sql)

    async def at_work(self, connection: "asyncpg.Connection[asyncpg.Record]", *, wanted: int) -> None:
        """Wait until so many statements of tasks are being run."""
        count = """
            SELECT count(*) FROM pg_stat_activity
            WHERE application_name = 'tiercel' AND datname = current_database() AND state = 'active' AND query ~ 'sleep'
        """
        async with asyncio.timeout(20):
            while await connection.fetchval(count) != wanted:  # noqa: ASYNC110 – the server does not tell
                await asyncio.sleep(0.01)


@pytest.fixture
async def source(dsn: str, tmp_path: Path) -> AsyncIterator[Source]:
    async with a_place(tmp_path) as place:
        yield Source(dsn, place)
