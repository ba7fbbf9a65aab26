"""The pool tells that the database is away in words that services understand, and works again when it is back."""

import asyncpg
import pytest
from tests.adapters.postgres.samples import until, value

from tiercel.adapters.postgres.connection import pool
from tiercel.ports.outage import Outage


async def test_a_database_that_is_away_is_an_outage() -> None:
    async with pool("postgresql:///x?host=/nowhere", size=1) as connections:
        for ask in (connections.fetch, connections.fetchrow, connections.fetchval, connections.execute):
            with pytest.raises(Outage, match="cannot be reached"):
                await ask("SELECT 1")


async def test_a_mistake_in_a_query_is_no_outage(dsn: str) -> None:
    async with pool(dsn, size=1) as connections:
        with pytest.raises(asyncpg.UndefinedTableError):
            await connections.fetch("SELECT * FROM nothing")


async def test_ended_connections_are_replaced(dsn: str) -> None:
    async with pool(dsn, size=1) as connections:
        assert await connections.fetchval("SELECT 1") == 1
        await value(dsn, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                         "WHERE application_name = 'tiercel reader' AND datname = current_database()")  # fmt: skip

        async def works() -> bool:
            try:
                return await connections.fetchval("SELECT 2") == 2
            except Outage:
                return False

        await until(works)
