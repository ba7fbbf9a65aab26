"""Migrations run once, in order, by one process at a time; and rows of model and schema agree on their numbers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from tests.adapters.postgres.samples import a_look, value
from tests.adapters.postgres.server import Server

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.database import NotThere, prepare
from tiercel.adapters.postgres.migrate import FromTheFuture, known, migrate, pending
from tiercel.adapters.postgres.partitions import Partitions, make_partitions, month_of, read_partitions
from tiercel.adapters.postgres.upkeep import PostgresUpkeep
from tiercel.model.execution import Kind
from tiercel.model.ids import execution_id
from tiercel.model.states import NUMBERS, State


@pytest.fixture
async def empty(server: Server) -> AsyncIterator[str]:
    """A database without a schema."""
    async with server.database() as dsn:
        async with a_look(dsn) as look:
            await look.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        yield dsn


async def test_every_migration_runs_once(empty: str) -> None:
    async with a_look(empty) as look:
        assert await pending(look) == [each.name for each in known()]
        assert await migrate(look) == [each.name for each in known()]
        assert await migrate(look) == []
        assert await pending(look) == []


async def test_two_processes_that_start_at_once_migrate_once(empty: str) -> None:
    async with a_look(empty) as one, a_look(empty) as other:
        both = await asyncio.gather(migrate(one), migrate(other))
    assert sorted(both, key=len) == [[], [each.name for each in known()]]


async def test_a_migration_that_fails_leaves_nothing_behind(empty: str) -> None:
    async with a_look(empty) as look:
        await look.execute("CREATE TABLE readable_jobs ()")
        with pytest.raises(asyncpg.PostgresError):
            await migrate(look)
        assert await look.fetchval("SELECT to_regclass('executions') IS NULL")
        assert await pending(look) == [each.name for each in known()]


async def test_a_database_of_a_newer_release_is_refused(dsn: str) -> None:
    async with a_look(dsn) as look:
        await look.execute("INSERT INTO migrations (name) VALUES ('9999_later.after.sql')")
        with pytest.raises(FromTheFuture, match="9999_later"):
            await migrate(look)


async def test_a_before_of_the_next_release_may_be_there_already(dsn: str) -> None:
    async with a_look(dsn) as look:
        await look.execute("INSERT INTO migrations (name) VALUES ('9999_later.before.sql')")
        assert await migrate(look) == []


async def test_a_database_that_is_not_there_is_waited_for_and_then_named() -> None:
    with pytest.raises(NotThere, match="is it running"):
        await prepare("postgresql:///x?host=/nowhere", clock=SystemClock(), patience=timedelta(0))


async def test_the_schema_writes_the_numbers_of_the_model(dsn: str) -> None:
    async with a_look(dsn) as look:
        names = {row["name"]: row["number"] for row in await look.fetch("SELECT * FROM state_names")}
        partial = await look.fetchval("SELECT string_agg(indexdef, ' ') FROM pg_indexes WHERE tablename = 'executions'")
    assert names == {state.value: number for state, number in NUMBERS.items()}
    assert f"kind <> {Kind.LOOP.number}" in partial
    assert f"state <> {State.SUCCESS.number}" in partial


async def test_months_are_made_ahead_and_once(dsn: str) -> None:
    async with a_look(dsn) as look:
        assert await make_partitions(look, now=datetime.now(UTC)) == []
        assert await make_partitions(look, now=datetime(2031, 12, 31, tzinfo=UTC)) == [
            f"{table}_{month}"
            for table in ("executions", "execution_labels", "task_runs", "events", "logs", "metrics")
            for month in ("203112", "203201", "203202")
        ]
        partitions = await read_partitions(look)
    assert partitions.of(an_id_of(2032, 2, 29)) == "203202"


async def test_the_month_of_an_id_is_the_partition_where_postgresql_puts_it(dsn: str) -> None:
    edges = [datetime(2031, 3, 1, tzinfo=UTC) + timedelta(milliseconds=each) for each in (-1, 0, 1)]
    async with a_look(dsn) as look:
        await make_partitions(look, now=datetime(2031, 2, 1, tzinfo=UTC))
        partitions = await read_partitions(look)
        ids = [execution_id(round(edge.timestamp() * 1000), shard=7, random=5) for edge in edges] + [
            "zz",
            "x" * 22,
            "-",
        ]
        for identifier in ids:
            await look.execute("INSERT INTO events VALUES ($1, 0, now(), '')", identifier)
        found = {row["execution_id"]: row["name"] for row in await look.fetch(
            "SELECT execution_id, tableoid::regclass::text AS name FROM events")}  # fmt: skip
    assert found == {identifier: f"events_{partitions.of(identifier)}" for identifier in ids}


def test_an_id_without_a_time_has_no_month() -> None:
    assert month_of("not-an-id!") is None
    assert month_of("zzzzzzzzzzzzzzzzzzzzzz") == "888812"


def test_the_month_after_the_known_ones_says_that_they_are_outdated() -> None:
    partitions = Partitions(["203112", "203201"])
    assert partitions.of(an_id_of(2032, 1, 5)) == "203201"
    assert not partitions.is_outdated
    assert partitions.of(an_id_of(2032, 2, 5)) == "other"
    assert partitions.is_outdated


async def test_old_months_are_dropped_unless_something_in_them_lives(dsn: str) -> None:
    async with pool(dsn, size=2) as connections, a_look(dsn) as look:
        await make_partitions(look, now=datetime(2020, 1, 15, tzinfo=UTC))
        await look.execute(
            "INSERT INTO executions SELECT $1, 1, 1, 1, 1, 1, 3, 0, 0, true, false, now(), NULL, NULL, NULL, NULL, NULL, "
            "NULL, '{}', '', '', NULL, NULL", an_id_of(2020, 2, 1),
        )  # fmt: skip
        upkeep = PostgresUpkeep(connections)
        dropped = await upkeep.drop_executions(datetime(2020, 3, 1, tzinfo=UTC))
        assert dropped == [f"{table}_202001" for table in ("executions", "execution_labels", "task_runs", "events")]
        assert await upkeep.drop_logs(datetime(2020, 3, 31, tzinfo=UTC)) == [
            "logs_202001", "metrics_202001", "logs_202002", "metrics_202002",
        ]  # fmt: skip
    assert await value(dsn, "SELECT to_regclass('executions_202002') IS NOT NULL")


def an_id_of(year: int, month: int, day: int) -> str:
    return execution_id(round(datetime(year, month, day, tzinfo=UTC).timestamp() * 1000), shard=1, random=1)
