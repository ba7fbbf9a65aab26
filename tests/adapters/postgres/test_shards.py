"""Leases and ownership: one owner, a dead one is replaced at once, a frozen one after a time, a tidy one hands over."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.adapters.postgres.samples import QUICK, a_journal, a_look, an_execution, new_journal, stored, until, value

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.lease import PostgresLeases
from tiercel.adapters.postgres.roster import PostgresRoster
from tiercel.model.ids import SHARDS
from tiercel.ports.journal import Batch, Fenced, JournalError
from tiercel.ports.leases import Role, ServiceState
from tiercel.services.shards import Pace, Shards

IMPATIENT = Pace(
    probe=timedelta(milliseconds=10), beat=timedelta(milliseconds=20), patience=timedelta(milliseconds=200)
)


def shards(dsn: str, role: Role = Role.EXECUTOR, pace: Pace = QUICK) -> Shards:  # type: ignore[type-arg]
    return Shards(PostgresLeases(dsn, version="test"), role, clock=SystemClock(), pace=pace)


async def owners(dsn: str) -> list[int]:
    return await value(dsn, "SELECT array_agg(DISTINCT owner) FROM shards")


async def test_the_first_one_owns_every_shard(dsn: str) -> None:
    async with await shards(dsn).own() as lease:
        assert await owners(dsn) == [lease.epoch]
        assert await value(dsn, "SELECT count(*) FROM shards") == SHARDS


async def test_each_role_has_shards_of_its_own(dsn: str) -> None:
    async with await shards(dsn).own() as executor, await shards(dsn, Role.SCHEDULER).own() as scheduler:
        assert sorted(await owners(dsn)) == [executor.epoch, scheduler.epoch]


async def test_a_second_one_waits_until_the_first_has_left(dsn: str) -> None:
    first = await shards(dsn).own()
    second = asyncio.create_task(shards(dsn).own())
    await registered(dsn, 2)
    assert not second.done()
    await first.close()
    async with await second as lease:
        assert await owners(dsn) == [lease.epoch]


async def test_a_dead_owner_is_replaced_as_soon_as_its_session_is_gone(dsn: str) -> None:
    first = await shards(dsn).own()
    second = asyncio.create_task(shards(dsn).own())
    await registered(dsn, 2)
    first.drop()
    async with await second as lease:
        assert await owners(dsn) == [lease.epoch]


async def test_a_journal_beats_as_long_as_it_is_registered(dsn: str) -> None:
    async with a_journal(dsn) as journal, a_look(dsn) as look:
        await look.execute("UPDATE leases SET beat = 'epoch'")

        async def has_beaten() -> bool:
            return await value(dsn, "SELECT beat > 'epoch' FROM leases")

        await until(has_beaten)
        await stored(journal, an_execution(1))
    assert await value(dsn, "SELECT count(*) FROM leases") == 0


async def test_a_frozen_owner_is_fenced_after_its_patience(dsn: str) -> None:
    async with a_journal(dsn, pace=Pace(beat=timedelta(hours=1))) as frozen:
        await stored(frozen, an_execution(1))
        async with a_journal(dsn, pace=IMPATIENT) as successor:
            with pytest.raises(JournalError):
                await frozen.commit(Batch(created=[an_execution(2)]))
            await stored(successor, an_execution(3))
    assert await value(dsn, "SELECT count(*) FROM executions") == 2


async def test_an_owner_that_beats_is_left_in_place(dsn: str) -> None:
    ownership = shards(dsn, pace=IMPATIENT)
    lease = await ownership.own()
    beating = asyncio.create_task(ownership.keep(lease))
    waiting = asyncio.create_task(shards(dsn, pace=IMPATIENT).own())
    done, _ = await asyncio.wait({waiting}, timeout=0.6)
    assert not done
    beating.cancel()
    await lease.close()
    await (await waiting).close()


async def test_who_waits_is_not_taken_for_dead_by_a_third(dsn: str) -> None:
    first = await shards(dsn).own()
    waiting = [asyncio.create_task(shards(dsn).own()) for _ in range(2)]
    await registered(dsn, 3)
    await first.close()
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    [winner] = done
    assert await owners(dsn) == [winner.result().epoch]
    await winner.result().close()
    for task in waiting:
        await (await task).close()


async def test_keeping_ends_when_someone_took_over(dsn: str) -> None:
    ownership = shards(dsn)
    async with await ownership.own() as lease, a_look(dsn) as look:
        keeping = asyncio.create_task(ownership.keep(lease))
        await look.execute("DELETE FROM leases")
        await asyncio.wait_for(keeping, 5)


async def test_after_a_crash_of_the_database_everyone_registers_anew(dsn: str) -> None:
    journal = new_journal(dsn)
    first = await journal.register()
    async with a_look(dsn) as look:
        await look.execute("TRUNCATE leases, shards")
    with pytest.raises(Fenced):
        await journal.commit(Batch(created=[an_execution(1)]))
    assert await journal.register() > first
    await stored(journal, an_execution(1))
    await journal.close()


class TestRoster:
    async def test_every_process_is_shown_with_what_became_of_it(self, dsn: str) -> None:
        async with pool(dsn, size=2) as connections:
            roster = PostgresRoster(connections)
            async with await shards(dsn).own() as lease:
                [row] = await roster.services()
                assert (row.id, row.role, row.state, row.is_alive) == (
                    lease.epoch,
                    Role.EXECUTOR,
                    ServiceState.RUNNING,
                    True,
                )
            [row] = await roster.services()
            assert (row.state, row.is_alive) == (ServiceState.NOT_RUNNING, False)
            assert await roster.forget(before=datetime.now(UTC) + timedelta(hours=1)) == 1
            assert await roster.services() == []

    async def test_a_worker_without_a_session_is_lost_once(self, dsn: str) -> None:
        worker = await PostgresLeases(dsn, version="test").register(Role.WORKER)
        async with pool(dsn, size=2) as connections:
            roster = PostgresRoster(connections)
            assert await roster.lost(Role.WORKER, patience=timedelta(seconds=15)) == []
            worker.drop()
            lost: list[int] = []
            while not lost:
                lost = await roster.lost(Role.WORKER, patience=timedelta(seconds=15))
            assert lost == [worker.epoch]
            assert await roster.lost(Role.WORKER, patience=timedelta(seconds=15)) == []
            assert [row.state for row in await roster.services()] == [ServiceState.DISCONNECTED]

    async def test_a_silent_worker_is_fenced_and_its_session_ended(self, dsn: str) -> None:
        worker = await PostgresLeases(dsn, version="test").register(Role.WORKER)
        async with pool(dsn, size=2) as connections:
            assert await PostgresRoster(connections).lost(Role.WORKER, patience=timedelta(0)) == [worker.epoch]
        assert await value(dsn, "SELECT count(*) FROM leases") == 0
        worker.drop()

    async def test_a_worker_that_left_in_good_order_is_not_lost(self, dsn: str) -> None:
        async with await PostgresLeases(dsn, version="test").register(Role.WORKER):
            pass
        async with pool(dsn, size=2) as connections:
            assert await PostgresRoster(connections).lost(Role.WORKER, patience=timedelta(seconds=15)) == []


async def registered(dsn: str, number: int) -> None:
    """Return when so many sessions have a lease."""

    async def are_there() -> bool:
        return await value(dsn, "SELECT count(*) FROM leases") >= number

    await until(are_there)
