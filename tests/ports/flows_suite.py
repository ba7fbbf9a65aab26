"""What every FlowStore must do. A test module of an adapter subclasses `FlowsSuite` and gives a `store` fixture, empty."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tiercel.ports.flows import FlowDraft, FlowExists, FlowQuery, FlowStore, StoredFlow

NOW = datetime.now(UTC).replace(microsecond=0)


def a_draft(flow_id: str = "flow", **given: Any) -> FlowDraft:
    facts: dict[str, Any] = {"namespace": "company.team", "id": flow_id, "source": f"id: {flow_id}\n", "at": NOW}
    return FlowDraft(**{**facts, **given})


async def got(store: FlowStore, flow_id: str = "flow", **which: Any) -> StoredFlow | None:
    return await store.get(tenant="main", namespace="company.team", flow_id=flow_id, **which)


async def deleted(store: FlowStore, flow_id: str = "flow") -> StoredFlow | None:
    return await store.delete(tenant="main", namespace="company.team", flow_id=flow_id, at=NOW)


class FlowsSuite:
    async def test_a_flow_is_created_once(self, store: FlowStore) -> None:
        created = await store.create(a_draft())
        assert (created.revision, created.source, created.deleted) == (1, "id: flow\n", False)
        with pytest.raises(FlowExists):
            await store.create(a_draft())

    async def test_another_source_is_another_revision_and_the_same_is_not(self, store: FlowStore) -> None:
        await store.create(a_draft())
        assert (await store.save(a_draft())).revision == 1
        assert (await store.save(a_draft(source="id: flow # changed\n"))).revision == 2
        assert [stored.revision for stored in await self.revisions(store)] == [1, 2]

    async def test_a_revision_is_found_by_its_number_and_the_latest_without(self, store: FlowStore) -> None:
        first = await store.create(a_draft())
        second = await store.save(a_draft(source="id: flow # changed\n"))
        assert await got(store, revision=1) == first
        assert await got(store) == second
        assert await got(store, revision=3) is None
        assert await got(store, "nobody") is None

    async def test_a_draft_is_not_the_latest(self, store: FlowStore) -> None:
        await store.create(a_draft())
        await store.save(a_draft(source="id: flow # draft\n", draft=True))
        found = await got(store)
        assert found is not None
        assert found.revision == 1

    async def test_a_deleted_flow_is_gone_and_its_revisions_are_not(self, store: FlowStore) -> None:
        await store.create(a_draft())
        gone = await deleted(store)
        assert gone is not None
        assert (gone.revision, gone.deleted) == (2, True)
        assert await got(store) is None
        assert await got(store, deleted=True) is not None
        assert await got(store, revision=1) is not None
        assert await deleted(store) is None
        assert [stored async for stored in store.all()] == []

    async def test_a_flow_that_comes_back_goes_on_counting(self, store: FlowStore) -> None:
        created = await store.create(a_draft())
        await deleted(store)
        again = await store.create(a_draft())
        assert again.revision == 3
        assert again.place == created.place

    async def test_each_flow_has_numbers_of_its_own_in_shared_namespaces(self, store: FlowStore) -> None:
        one, other = await store.create(a_draft("one")), await store.create(a_draft("other"))
        assert one.place.namespace == other.place.namespace
        assert one.place.flow != other.place.flow

    async def test_all_gives_the_latest_of_each(self, store: FlowStore) -> None:
        await store.create(a_draft("one"))
        await store.save(a_draft("one", source="id: one # changed\n"))
        await store.create(a_draft("other"))
        assert sorted([(stored.id, stored.revision) async for stored in store.all()]) == [("one", 2), ("other", 1)]

    async def test_revisions_other_than_the_latest_can_be_forgotten(self, store: FlowStore) -> None:
        for number in range(3):
            await store.save(a_draft(source=f"id: flow # {number}\n"))
        assert await self.forget(store, 1, 3, 9) == 1
        assert [stored.revision for stored in await self.revisions(store)] == [2, 3]

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({"text": "EXTR"}, ["extract"]),
            ({"text": "nightly"}, ["load"]),
            ({"namespace": "company"}, ["extract", "load"]),
            ({"namespace": "comp"}, []),
            ({"flow_id": "load"}, ["load"]),
            ({"labels": ("team:data",)}, ["load"]),
            ({"order": "id", "descending": True}, ["load", "extract"]),
        ],
    )
    async def test_a_search_finds_what_is_wanted(self, store: FlowStore, wanted: Any, found: list[str]) -> None:
        await store.create(a_draft("extract"))
        await store.create(a_draft("load", description="the nightly load", labels=("team:data",)))
        page, total = await store.search(FlowQuery(**wanted), page=1, size=10)
        assert ([stored.id for stored in page], total) == (found, len(found))

    async def test_a_search_comes_in_pages(self, store: FlowStore) -> None:
        for number in range(5):
            await store.create(a_draft(f"flow{number}"))
        page, total = await store.search(FlowQuery(), page=2, size=2)
        assert ([stored.id for stored in page], total) == (["flow2", "flow3"], 5)

    async def test_namespaces_are_listed_with_their_parents(self, store: FlowStore) -> None:
        await store.create(a_draft("one"))
        await store.create(a_draft("two", namespace="company.team.sub"))
        found = [(namespace.id, namespace.flows) for namespace in await store.namespaces(tenant="main")]
        assert found == [("company", 0), ("company.team", 1), ("company.team.sub", 1)]

    async def test_a_change_is_told(self, store: FlowStore) -> None:
        changes = store.changes()
        coming = asyncio.ensure_future(anext(changes))
        while not coming.done():
            # Whoever listens begins at some moment: what was saved before that is not told.
            await store.save(a_draft(source=f"id: flow # {coming}\n"))
            await asyncio.wait([coming], timeout=0.05)
        assert (coming.result().namespace, coming.result().id) == ("company.team", "flow")

    async def revisions(self, store: FlowStore) -> list[StoredFlow]:
        return await store.revisions(tenant="main", namespace="company.team", flow_id="flow")

    async def forget(self, store: FlowStore, *revisions: int) -> int:
        return await store.delete_revisions(
            tenant="main", namespace="company.team", flow_id="flow", revisions=revisions
        )
