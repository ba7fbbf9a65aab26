"""Triggers for workers as rows: from the scheduler's commit to the worker that has them, and back with what it found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace
from tests.adapters.postgres.samples import NOW, a_look, until, value
from tests.adapters.postgres.test_trigger_journal import Stores, the_stores

from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.lease import PostgresLeases
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.roster import PostgresRoster
from tiercel.adapters.postgres.trigger_jobs import PostgresTriggerJobs
from tiercel.engine.commands import Job, JobTrigger
from tiercel.model.trigger import Evaluation, Finding, TriggerId
from tiercel.ports.leases import Role
from tiercel.ports.trigger_jobs import ClaimedTrigger
from tiercel.ports.triggers import AskedRow, TriggerBatch

LATER = NOW + timedelta(minutes=1)
WAIT_SECONDS = 10


def a_job(name: str = "every") -> Job:
    return Job(
        execution_id="0a", tenant="main", namespace="company.team", flow_id="hello", flow_revision=1, ord=0, attempt=1,
        task_run_id="0a", task_id=name, type="io.test.Box", properties={"name": "é"}, at=NOW, seed=1, zone="UTC",
        trigger=JobTrigger(id=name, date=NOW),
    )  # fmt: skip


async def asked(stores: Stores, *names: str) -> None:
    """The commit of a scheduler that asks workers."""
    states = [await stores.state(name) for name in names]
    evaluated = [replace(state, evaluation=Evaluation(LATER)) for state in states]
    rows = [AskedRow(state.key, LATER, msgspec.json.encode(a_job(state.trigger_id))) for state in states]
    assert len(await stores.journal.commit(TriggerBatch(states=evaluated, asked=rows))) == len(names)


@asynccontextmanager
async def a_worker(dsn: str, name: str = "worker-1") -> AsyncIterator[PostgresTriggerJobs]:
    async with pool(dsn, size=3) as connections, Listener(dsn) as listener:
        leases = PostgresLeases(dsn, version="test")
        async with PostgresTriggerJobs(connections, listener, leases, name=name) as jobs:
            yield jobs


async def claimed(jobs: PostgresTriggerJobs, limit: int = 10) -> list[ClaimedTrigger]:
    return await asyncio.wait_for(jobs.claim(limit), WAIT_SECONDS)


async def killed(jobs: PostgresTriggerJobs) -> int:
    return await asyncio.wait_for(anext(jobs.kills()), WAIT_SECONDS)


class TestAsking:
    async def test_a_state_says_that_it_is_with_the_workers_and_then_with_whom(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker:
            await stores.save("every")
            await asked(stores, "every")
            assert (await stores.state()).evaluation == Evaluation(LATER)
            (each,) = await claimed(worker)
            assert each.job == a_job()
            assert (await stores.state()).evaluation == Evaluation(LATER, "worker-1")

    async def test_nobody_is_asked_where_someone_else_wrote_the_state(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.save("every")
            state = await stores.state()
            await stores.triggers.change(replace(state, disabled=True))
            row = AskedRow(state.key, LATER, b"{}")
            assert await stores.journal.commit(TriggerBatch(states=[state], asked=[row])) == set()
            assert (await stores.state()).evaluation is None

    async def test_a_waiting_worker_is_woken_by_the_commit(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker:
            await stores.save("every")
            claiming = asyncio.create_task(claimed(worker))
            await asked(stores, "every")
            assert len(await claiming) == 1

    async def test_no_trigger_goes_to_two_workers(self, dsn: str) -> None:
        names = [f"t{number}" for number in range(40)]
        async with the_stores(dsn) as stores, a_worker(dsn) as one, a_worker(dsn, "other") as other:
            await stores.save(*names)
            await asked(stores, *names)
            taken = await asyncio.gather(*(claimed(worker) for worker in (one, other, one, other)))
            assert sorted(each.job.task_id for some in taken for each in some) == sorted(names)


class TestAnAnswer:
    async def test_is_found_with_the_state_and_gone_with_the_commit_that_acts_on_it(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker:
            await stores.save("every")
            await asked(stores, "every")
            (each,) = await claimed(worker)
            finding = Finding({"value": "é"})
            await worker.answer(each, finding)
            state = await stores.state()
            assert state.evaluation == Evaluation(LATER, "worker-1", finding)
            assert await stores.journal.answered() == [state.key]
            after = replace(state, evaluation=None, next_at=LATER)
            assert await stores.journal.commit(TriggerBatch(states=[after], acted_on=[state.key])) == {state.key}
            assert (await stores.journal.answered(), (await stores.state()).evaluation) == ([], None)

    async def test_stays_where_someone_else_wrote_the_state(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker:
            await stores.save("every")
            await asked(stores, "every")
            (each,) = await claimed(worker)
            await worker.answer(each, Finding())
            state = await stores.state()
            await stores.triggers.change(state)
            assert await stores.journal.commit(TriggerBatch(states=[state], acted_on=[state.key])) == set()
            assert await stores.journal.answered() == [state.key]

    async def test_that_is_no_longer_wanted_changes_nothing(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker:
            await stores.save("every")
            await asked(stores, "every")
            (each,) = await claimed(worker)
            await stores.triggers.change(replace(await stores.state(), evaluation=None))
            await asked(stores, "every")
            await worker.answer(each, Finding({"value": 1}))
            assert (await stores.state()).evaluation == Evaluation(LATER)

    async def test_is_told_to_the_scheduler(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker, a_look(dsn) as look:
            await stores.save("every")
            await asked(stores, "every")
            (each,) = await claimed(worker)
            told: asyncio.Queue[str] = asyncio.Queue()
            await look.add_listener("triggers", lambda *notice: told.put_nowait(str(notice[-1])))
            await worker.answer(each, Finding())
            assert await asyncio.wait_for(told.get(), WAIT_SECONDS) == str((await stores.state()).key)


class TestAWorker:
    async def test_that_gives_a_trigger_back_lets_another_have_it(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as one, a_worker(dsn, "other") as other:
            await stores.save("every")
            await asked(stores, "every")
            (each,) = await claimed(one)
            await one.release(each)
            assert [again.id for again in await claimed(other)] == [each.id]

    @pytest.mark.parametrize("end", ["change", "delete", "save", "disable", "remove", "forget the flow"])
    async def test_is_told_at_once_what_is_taken_from_it(self, dsn: str, end: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker:
            await stores.save("every")
            await asked(stores, "every")
            (each,) = await claimed(worker)
            match end:
                case "change":
                    await stores.triggers.change(replace(await stores.state(), evaluation=None))
                case "delete":
                    await stores.triggers.delete("main", TriggerId("company.team", "hello", "every"))
                case "save":
                    await value(dsn, "UPDATE triggers SET definition = 'old'")
                    await stores.save("every", source="b")
                case "disable":
                    await stores.save("every", source="b", disabled=True)
                case "remove":
                    await stores.save(source="b")
                case _:
                    await stores.flows.delete(tenant="main", namespace="company.team", flow_id="hello", at=NOW)
            assert await killed(worker) == each.id
            assert await value(dsn, "SELECT count(*) FROM trigger_jobs") == 0

    async def test_keeps_a_poll_whose_flow_changed_elsewhere_and_begins_a_stream_anew(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker:
            await stores.save("poll", "stream")
            await value(
                dsn, "UPDATE triggers SET kind = CASE trigger_id WHEN 'poll' THEN 'POLLING' ELSE 'REALTIME' END"
            )
            await asked(stores, "poll", "stream")
            held = {each.job.task_id: each.id for each in await claimed(worker)}
            await stores.save("poll", "stream", source="b")
            assert await killed(worker) == held["stream"]
            assert (await stores.state("poll")).evaluation is not None

    async def test_that_was_given_up_drops_what_it_had_and_others_get_it(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker, pool(dsn, size=2) as connections:
            await stores.save("every")
            await asked(stores, "every")
            (each,) = await claimed(worker)
            await PostgresRoster(connections).lost(Role.WORKER, patience=timedelta(0))
            async with a_worker(dsn, "other") as other:
                assert [again.id for again in await claimed(other)] == [each.id]
                await worker.beat()
                assert await killed(worker) == each.id
                await worker.answer(each, Finding({"value": "late"}))
                assert (await stores.state()).evaluation == Evaluation(LATER, "other")

    async def test_gets_nothing_without_a_lease(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker:
            await stores.save("every")
            await value(dsn, "DELETE FROM leases WHERE role = 3")
            await asked(stores, "every")
            assert await worker._claim(10) == []
            await worker.beat()
            assert len(await claimed(worker)) == 1

    async def test_whose_claim_is_broken_off_gives_back_what_came_of_it(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker:
            await stores.save("every")
            claiming = asyncio.create_task(worker.claim(1))
            await asyncio.sleep(0)
            claiming.cancel()
            with pytest.raises(asyncio.CancelledError):
                await claiming
            await asked(stores, "every")
            assert len(await claimed(worker)) == 1

    async def test_waits_with_its_answer_until_the_database_is_back(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_worker(dsn) as worker:
            await stores.save("every")
            await asked(stores, "every")
            (each,) = await claimed(worker)
            await value(dsn, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                             "WHERE application_name = 'tiercel reader' AND datname = current_database()")  # fmt: skip
            await worker.answer(each, Finding())

            async def is_answered() -> bool:
                return await value(dsn, "SELECT count(*) FROM trigger_jobs WHERE finding IS NOT NULL") == 1

            await until(is_answered)
