"""The scheduler's rows: what is due, what is locked, and commits that hold a state together with its execution."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from tests.adapters.postgres.samples import NOW, QUICK, a_look, an_execution, an_id, ended, value

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.postgres.connection import LOST, pool
from tiercel.adapters.postgres.flows import PostgresFlowStore
from tiercel.adapters.postgres.lease import PostgresLeases
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.trigger_journal import PostgresTriggerJournal
from tiercel.adapters.postgres.triggers import PostgresTriggerStore
from tiercel.model.states import State
from tiercel.model.trigger import Backfill, TriggerId, TriggerRecord, TriggerState
from tiercel.ports.flows import FlowDraft, StoredFlow, TriggerDraft
from tiercel.ports.journal import ExecutionRow, Fenced, JournalError, LabelRow, LogRow, MessageRow
from tiercel.ports.leases import Role
from tiercel.ports.triggers import TriggerBatch
from tiercel.services.shards import Shards

MINUTE = timedelta(minutes=1)
LATER = timedelta(hours=1)


class Stores:
    def __init__(
        self, flows: PostgresFlowStore, triggers: PostgresTriggerStore, journal: PostgresTriggerJournal
    ) -> None:
        self.flows, self.triggers, self.journal = flows, triggers, journal

    async def save(self, *triggers: str, id: str = "hello", source: str = "a", **given: Any) -> StoredFlow:
        """A flow whose triggers are due a minute apart, in this order."""
        drafts = tuple(a_trigger(name, number) for number, name in enumerate(triggers))
        return await self.flows.save(
            FlowDraft(namespace="company.team", id=id, source=source, at=NOW, triggers=drafts, **given)
        )

    async def state(self, name: str = "every") -> TriggerState:
        state = await self.triggers.get("main", TriggerId("company.team", "hello", name))
        assert state is not None
        return state


def a_trigger(name: str, number: int = 0) -> TriggerDraft:
    return TriggerDraft(id=name, kind="SCHEDULE", definition=b"1", next_at=NOW + number * MINUTE)


def a_journal(dsn: str) -> PostgresTriggerJournal:
    shards = Shards(PostgresLeases(dsn, version="test"), Role.SCHEDULER, clock=SystemClock(), pace=QUICK)
    return PostgresTriggerJournal(dsn, shards)


@asynccontextmanager
async def the_stores(dsn: str) -> AsyncIterator[Stores]:
    journal = a_journal(dsn)
    await journal.register()
    try:
        async with pool(dsn, size=3) as connections, Listener(dsn) as listener:
            yield Stores(PostgresFlowStore(connections, listener), PostgresTriggerStore(connections, listener), journal)
    finally:
        await journal.close()


def a_firing(state: TriggerState, number: int = 1, **given: Any) -> TriggerBatch:
    """The commit of a date: the state locked by an execution that was created."""
    row = an_execution(number, trigger_key=state.key, **given)
    after = replace(state, next_at=NOW + LATER, execution_id=row.id)
    return TriggerBatch(
        states=[after],
        created=[row],
        labels=[LabelRow(7, row.id)],
        messages=[MessageRow(row.shard, 0, row.id, b"{}")],
        logs=[a_line(row)],
    )


def a_line(row: ExecutionRow) -> LogRow:
    return LogRow(NOW, 0, row.flow, row.id, None, None, None, None, "every", 3, "scheduler", "a label is left out")


async def counts(dsn: str) -> list[int]:
    """Executions, labels, messages, log lines, numbers of ended executions."""
    tables = ("executions", "execution_labels", "messages", "logs", "counts")
    return [await value(dsn, f"SELECT count(*) FROM {table}") for table in tables]


class TestDue:
    async def test_the_earliest_comes_first(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.save("a", "b", "c")
            late, early = await stores.state("a"), await stores.state("b")
            await stores.triggers.change(replace(late, next_at=NOW + 1.5 * MINUTE))
            due = await stores.journal.due(NOW + 2 * MINUTE)
            assert [row.key for row in due] == [early.key, late.key]

    async def test_nothing_comes_that_is_off_or_has_no_date(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.save("a", "b")
            await stores.triggers.change(replace(await stores.state("a"), disabled=True))
            await stores.triggers.change(replace(await stores.state("b"), next_at=None))
            await stores.save("c", id="off", disabled=True)
            assert await stores.journal.due(NOW + LATER) == []


class TestCommit:
    async def test_a_state_and_its_execution_are_stored_together(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.save("every")
            state = await stores.state()
            backfill = Backfill(start=NOW - LATER)
            batch = a_firing(state)
            batch.states[0] = replace(batch.states[0], backfill=backfill, record=TriggerRecord(watched=("0a",)))
            assert await stores.journal.commit(batch) == {state.key}
            (loaded,) = await stores.journal.load([state.key])
            assert (loaded.version, loaded.execution_id) == (state.version + 1, batch.created[0].id)
            assert (loaded.backfill, loaded.record) == (backfill, TriggerRecord(watched=("0a",)))
            assert await counts(dsn) == [1, 1, 1, 1, 0]

    async def test_neither_is_where_someone_else_wrote_the_state(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.save("every", "other")
            state, other = await stores.state(), await stores.state("other")
            await stores.triggers.change(replace(state, disabled=True))
            batch, more = a_firing(state, 1), a_firing(other, 2)
            batch.states += more.states
            batch.created += more.created
            batch.labels += more.labels
            batch.messages += more.messages
            batch.logs += more.logs
            assert await stores.journal.commit(batch) == {other.key}
            assert await counts(dsn) == [1, 1, 1, 1, 0]
            assert await value(dsn, "SELECT id FROM executions") == more.created[0].id
            assert (await stores.state()).disabled

    async def test_neither_is_when_the_execution_is_there_already(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.save("every", "other")
            await stores.journal.commit(a_firing(await stores.state()))
            other = await stores.state("other")
            with pytest.raises(JournalError):
                await stores.journal.commit(a_firing(other))
            await stores.journal.register()
            assert await stores.state("other") == other

    async def test_an_execution_that_is_over_from_the_beginning_is_counted(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.save("every", "other")
            for number, name in enumerate(("every", "other")):
                state = await stores.state(name)
                row = ended(an_execution(number, trigger_key=state.key))
                await stores.journal.commit(TriggerBatch(states=[state], created=[row]))
            assert await value(dsn, "SELECT sum(n) FROM counts") == 2

    async def test_who_lost_the_triggers_stores_nothing(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.save("every")
            state = await stores.state()
            async with a_look(dsn) as connection:
                await connection.execute("DELETE FROM leases")
            with pytest.raises(Fenced):
                await stores.journal.commit(a_firing(state))
            assert await counts(dsn) == [0, 0, 0, 0, 0]

    async def test_without_a_session_nothing_is_read_or_stored(self, dsn: str) -> None:
        with pytest.raises(Fenced):
            await a_journal(dsn).due(NOW)


class TestExecutionsThatAreOver:
    async def test_their_states_are_told_and_those_that_are_gone_too(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.save("every", "other")
            await stores.journal.commit(a_firing(await stores.state(), 1))
            await stores.journal.commit(a_firing(await stores.state("other"), 2))
            async with a_look(dsn) as connection:
                await connection.execute("UPDATE executions SET live = false, state = 9 WHERE id = $1", an_id(1))
            assert await stores.journal.ended([an_id(1), an_id(2), an_id(3)]) == {
                an_id(1): State.SUCCESS,
                an_id(3): None,
            }

    async def test_their_locks_are_void(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.save("every", "other", "third")
            for number, name in enumerate(("every", "other", "third")):
                await stores.journal.commit(a_firing(await stores.state(name), number))
            assert await stores.journal.free() == []
            async with a_look(dsn) as connection:
                await connection.execute("UPDATE executions SET live = false WHERE id = $1", an_id(0))
                await connection.execute("DELETE FROM executions WHERE id = $1", an_id(1))
            freed = await stores.journal.free()
            assert sorted(freed) == sorted([(await stores.state()).key, (await stores.state("other")).key])
            assert [(await stores.state(name)).execution_id for name in ("every", "other", "third")] == [
                None,
                None,
                an_id(2),
            ]


class TestEnrolment:
    async def test_states_that_are_lacking_are_made_and_others_stay(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            flow = await stores.save("every", "other")
            kept = await stores.state("other")
            assert await stores.triggers.numbers() == {flow.place.flow: 2}
            await stores.triggers.delete("main", TriggerId("company.team", "hello", "every"))
            await stores.triggers.enrol(flow, [a_trigger("every"), a_trigger("other", 9)], at=NOW)
            assert (await stores.state()).next_at == NOW
            assert await stores.state("other") == kept
            assert (await stores.state()).shard < 1024


@pytest.mark.parametrize("loss", LOST)
async def test_a_lost_connection_is_told_in_one_way_whatever_the_driver_calls_it(
    dsn: str, loss: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise loss("gone")

    async with the_stores(dsn) as stores:
        monkeypatch.setattr(stores.journal, "_statement", lost)
        with pytest.raises(JournalError, match="gone"):
            await stores.journal.due(NOW)
