"""Flows: revisions by the rules, drafts beside them, deletion as a revision, changes told to everyone, trigger states."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.adapters.postgres.samples import NOW, a_journal, an_id, until, value

from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.flows import PostgresFlowStore
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.triggers import PostgresTriggerStore
from tiercel.model.trigger import Backfill, TriggerId, TriggerState
from tiercel.ports.filters import BadFilters, Filter, Operator
from tiercel.ports.flows import FlowChange, FlowDraft, FlowExists, FlowQuery, NamespaceInfo, TriggerDraft
from tiercel.ports.journal import Batch, TriggerRow

HELLO: dict[str, Any] = {"tenant": "main", "namespace": "company.team", "flow_id": "hello"}
EVERY = TriggerId("company.team", "hello", "every")


class Stores:
    def __init__(self, flows: PostgresFlowStore, triggers: PostgresTriggerStore) -> None:
        self.flows, self.triggers = flows, triggers

    async def trigger(self, trigger: TriggerId = EVERY) -> TriggerState:
        state = await self.triggers.get("main", trigger)
        assert state is not None
        return state


@asynccontextmanager
async def the_stores(dsn: str) -> AsyncIterator[Stores]:
    async with pool(dsn, size=4) as connections, Listener(dsn) as listener:
        yield Stores(PostgresFlowStore(connections, listener), PostgresTriggerStore(connections, listener))


def draft(source: str = "id: hello", **given: Any) -> FlowDraft:
    return FlowDraft(**{"namespace": "company.team", "id": "hello", "source": source, "at": NOW, **given})


def every(definition: bytes = b"1", *, name: str = "every", next_at: Any = NOW) -> TriggerDraft:
    return TriggerDraft(id=name, kind="SCHEDULE", definition=definition, next_at=next_at)


async def test_a_first_save_is_revision_one_and_comes_back(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        saved = await stores.flows.create(draft(by="me", disabled=True))
        assert (saved.revision, saved.updated_by, saved.disabled) == (1, "me", True)
        assert await stores.flows.get(**HELLO) == saved


async def test_the_same_source_is_no_new_revision_and_another_one_is(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        await stores.flows.save(draft("a"))
        assert (await stores.flows.save(draft("a"))).revision == 1
        assert (await stores.flows.save(draft("b"))).revision == 2
        assert [flow.source for flow in await stores.flows.revisions(**HELLO)] == ["a", "b"]
        old = await stores.flows.get(**HELLO, revision=1)
        assert old is not None
        assert old.source == "a"


async def test_saves_at_once_make_revisions_without_a_gap(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        saved = await asyncio.gather(*(stores.flows.save(draft(str(number))) for number in range(8)))
        assert sorted(flow.revision for flow in saved) == list(range(1, 9))
        assert len({flow.place for flow in saved}) == 1


async def test_creating_what_is_there_is_refused(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        await stores.flows.create(draft())
        with pytest.raises(FlowExists, match="hello"):
            await stores.flows.create(draft("other"))


async def test_a_deletion_is_a_revision_and_the_numbers_go_on(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        await stores.flows.create(draft())
        gone = await stores.flows.delete(**HELLO, at=NOW)
        assert gone is not None
        assert (gone.revision, gone.deleted) == (2, True)
        assert await stores.flows.get(**HELLO) is None
        assert await stores.flows.get(**HELLO, deleted=True) == gone
        assert (await stores.flows.get(**HELLO, revision=1)) is not None
        assert await stores.flows.delete(**HELLO, at=NOW) is None
        again = await stores.flows.create(draft())
        assert (again.revision, again.place) == (3, gone.place)


async def test_a_flow_that_never_was_cannot_be_deleted(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        assert await stores.flows.delete(**HELLO, at=NOW) is None


async def test_a_draft_is_kept_beside_the_revision_that_runs(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        await stores.flows.save(draft("runs", triggers=(every(),)))
        sketch = await stores.flows.save(draft("sketch", draft=True))
        assert sketch.revision == 2
        current = await stores.flows.get(**HELLO)
        assert current is not None
        assert (current.revision, current.source) == (1, "runs")
        assert await stores.trigger()
        assert [flow.revision async for flow in stores.flows.all()] == [1]
        assert (await stores.flows.save(draft("sketch"))).revision == 3


async def test_a_flow_of_drafts_only_shows_its_latest(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        await stores.flows.save(draft("a", draft=True))
        await stores.flows.save(draft("b", draft=True))
        found = await stores.flows.get(**HELLO)
        assert found is not None
        assert (found.source, found.draft) == ("b", True)


async def test_old_revisions_are_forgotten_and_the_latest_is_kept(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        for source in "abc":
            await stores.flows.save(draft(source))
        assert await stores.flows.delete_revisions(**HELLO, revisions=[1, 3, 9]) == 1
        assert [flow.revision for flow in await stores.flows.revisions(**HELLO)] == [2, 3]


async def test_all_gives_every_flow_however_many_there_are(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        for number in range(12):
            await stores.flows.save(draft(id=f"f{number:02}"))
        await stores.flows.delete(tenant="main", namespace="company.team", flow_id="f05", at=NOW)
        assert [flow.id async for flow in stores.flows.all()] == [
            f"f{number:02}" for number in range(12) if number != 5
        ]


async def test_flows_are_found_by_text_namespace_labels_and_source(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        await stores.flows.save(draft("cron: x_y", labels=("team:data", "tier:1"), description="Loads the Orders"))
        await stores.flows.save(draft("xay", id="other", namespace="company"))
        await stores.flows.save(draft("z", id="third", namespace="companies"))

        async def found(**given: Any) -> list[str]:
            flows, total = await stores.flows.search(FlowQuery(**given), page=1, size=10)
            assert total == len(flows)
            return [flow.id for flow in flows]

        assert await found() == ["hello", "other", "third"]
        assert await found(text="ORDERS") == ["hello"]
        assert await found(text="team") == ["hello"]
        assert await found(namespace="company") == ["hello", "other"]
        assert await found(flow_id="third") == ["third"]
        assert await found(labels=("tier:1", "team:data")) == ["hello"]
        assert await found(labels=("tier:2",)) == []
        assert await found(source="x_y") == ["hello"]
        assert await found(tenant="another") == []
        assert await found(order="namespace", descending=True) == ["hello", "other", "third"]
        page, total = await stores.flows.search(FlowQuery(), page=2, size=2)
        assert ([flow.id for flow in page], total) == (["third"], 3)


async def test_namespaces_come_with_their_parents(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        await stores.flows.save(draft())
        await stores.flows.save(draft(id="two"))
        await stores.flows.save(draft(namespace="zoo"))
        assert await stores.flows.namespaces(tenant="main") == [
            NamespaceInfo("company", 0), NamespaceInfo("company.team", 2), NamespaceInfo("zoo", 1),
        ]  # fmt: skip
        assert [each.id for each in await stores.flows.namespaces(tenant="main", text="TEAM")] == ["company.team"]


async def test_saves_and_deletions_are_told_to_other_processes(dsn: str) -> None:
    async with the_stores(dsn) as here, the_stores(dsn) as there:
        changes = there.flows.changes()
        hearing = asyncio.ensure_future(anext(changes))
        await listening(dsn, "flows")
        await here.flows.save(draft())
        assert await hearing == FlowChange("main", "company.team", "hello", 1)
        await here.flows.save(draft())
        await here.flows.delete(**HELLO, at=NOW)
        assert await anext(changes) == FlowChange("main", "company.team", "hello", 2)
        await changes.aclose()


async def test_everything_is_told_again_after_a_lost_connection(dsn: str) -> None:
    async with the_stores(dsn) as stores:
        await stores.flows.save(draft())
        changes = stores.flows.changes()
        hearing = asyncio.ensure_future(anext(changes))
        await listening(dsn, "flows")
        await value(dsn, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                         "WHERE application_name = 'tiercel listener' AND datname = current_database()")  # fmt: skip
        assert await asyncio.wait_for(hearing, 5) == FlowChange("main", "company.team", "hello", 1)
        await changes.aclose()


class TestTriggers:
    async def test_states_come_and_go_with_the_saves_of_their_flow(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.flows.save(draft("a", triggers=(every(), every(name="other"))))
            state = await stores.trigger()
            assert (state.kind, state.next_at, state.disabled, state.namespace) == (
                "SCHEDULE",
                NOW,
                False,
                "company.team",
            )
            await stores.flows.save(draft("b", triggers=(every(),)))
            assert await stores.triggers.get("main", TriggerId("company.team", "hello", "other")) is None
            await stores.flows.delete(**HELLO, at=NOW)
            assert await stores.triggers.get("main", EVERY) is None

    async def test_another_definition_begins_anew_and_stays_switched_off(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.flows.save(draft("a", triggers=(every(),)))
            state = await stores.trigger()
            backfill = Backfill(start=NOW - timedelta(days=1))
            changed = await stores.triggers.change(
                msgspec.structs.replace(state, disabled=True, execution_id=an_id(1), backfill=backfill)
            )
            assert changed is not None
            assert changed.backfill == backfill
            await stores.flows.save(draft("b", triggers=(every(next_at=None),)))
            assert await stores.trigger() == changed
            await stores.flows.save(draft("c", triggers=(every(b"2", next_at=NOW + timedelta(hours=1)),)))
            anew = await stores.trigger()
            assert (anew.disabled, anew.backfill, anew.execution_id) == (True, None, None)
            assert anew.next_at == NOW + timedelta(hours=1)

    async def test_a_change_of_what_someone_else_wrote_is_refused(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_journal(dsn) as journal:
            await stores.flows.save(draft(triggers=(every(),)))
            state = await stores.trigger()
            await journal.commit(Batch(triggers=[as_row(state, next_at=NOW + timedelta(minutes=1))]))
            assert await stores.triggers.change(msgspec.structs.replace(state, disabled=True)) is None
            assert (await stores.trigger()).next_at == NOW + timedelta(minutes=1)
            assert not (await stores.trigger()).disabled

    async def test_the_scheduler_does_not_undo_what_people_wished(self, dsn: str) -> None:
        async with the_stores(dsn) as stores, a_journal(dsn) as journal:
            await stores.flows.save(draft(triggers=(every(),)))
            state = await stores.trigger()
            await stores.triggers.change(msgspec.structs.replace(state, disabled=True))
            await journal.commit(Batch(triggers=[as_row(state)]))
            assert (await stores.trigger()).disabled

    async def test_the_scheduler_is_told_of_every_change(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            changes = stores.triggers.changes()
            hearing = asyncio.ensure_future(anext(changes))
            await listening(dsn, "triggers")
            await stores.flows.save(draft(triggers=(every(),)))
            state = await stores.trigger()
            assert await hearing == state.key
            await stores.triggers.change(state)
            assert await anext(changes) == state.key
            assert await stores.triggers.delete("main", EVERY)
            assert await anext(changes) == state.key
            assert not await stores.triggers.delete("main", EVERY)
            await changes.aclose()

    async def test_states_are_searched_and_sorted(self, dsn: str) -> None:
        async with the_stores(dsn) as stores:
            await stores.flows.save(draft(triggers=(every(name="a"), every(name="b", next_at=None))))
            await stores.flows.save(draft(id="bye", namespace="zoo", triggers=(every(name="c"),)))

            async def found(*filters: Filter, order: str = "triggerId") -> list[str]:
                states, total = await stores.triggers.search(
                    "main", filters, order=order, descending=False, page=1, size=9
                )
                assert total == len(states)
                return [state.trigger_id for state in states]

            assert await found() == ["a", "b", "c"]
            assert await found(Filter("namespace", Operator.PREFIX, "company")) == ["a", "b"]
            assert await found(Filter("q", Operator.EQUALS, "BYE")) == ["c"]
            assert await found(Filter("triggerState", Operator.EQUALS, "DISABLED")) == []
            assert await found(order="nextExecutionDate") == ["a", "c", "b"]
            with pytest.raises(BadFilters, match="'level' is no field"):
                await found(Filter("level", Operator.EQUALS, "INFO"))


def as_row(state: TriggerState, **given: Any) -> TriggerRow:
    row = TriggerRow(state.key, state.version, state.next_at, state.disabled, state.execution_id, None, b"{}")
    return row._replace(**given)


async def listening(dsn: str, channel: str) -> None:
    """Return when some session listens to the channel."""
    question = "SELECT count(*) FROM pg_stat_activity WHERE query ~ $1 AND datname = current_database()"

    async def is_heard() -> bool:
        return await value(dsn, question, f'^LISTEN "?{channel}') > 0

    await until(is_heard)
