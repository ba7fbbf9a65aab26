"""The registry knows the latest revisions, reads older ones once, and takes in what is saved."""

import asyncio

import pytest
from tests.ports.flows_suite import NOW, a_draft

from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.engine import World
from tiercel.services.registry import Registry, UnreadableFlow

SOURCE = """
id: flow
namespace: company.team
tasks:
  - id: outer
    type: io.kestra.plugin.core.flow.Sequential
    tasks: [{{id: say, type: io.kestra.plugin.core.log.Log, message: {message}}}]
"""


def a_registry(store: MemoryFlowStore) -> Registry:
    return Registry(store, world=World(), is_instant=lambda name: name.endswith(".Log"))


async def saved(store: MemoryFlowStore, message: str, **given: object) -> None:
    await store.save(a_draft(source=SOURCE.format(message=message), **given))


async def test_the_latest_revision_is_there_after_loading() -> None:
    store = MemoryFlowStore()
    await saved(store, "one")
    await saved(store, "two")
    registry = a_registry(store)
    await registry.load()
    latest = registry.latest("main", "company.team", "flow")
    assert latest is not None
    assert latest.revision == 2
    assert registry.latest("main", "company.team", "nobody") is None


async def test_a_flow_is_read_once_and_knows_its_instant_tasks() -> None:
    store = MemoryFlowStore()
    await saved(store, "one")
    registry = a_registry(store)
    await registry.load()
    [stored] = registry.all()
    deployed = registry.deployed(stored)
    assert deployed is registry.deployed(stored)
    assert deployed.context.nodes["say"].is_instant


async def test_an_older_revision_is_read_from_the_store_and_remembered() -> None:
    store = MemoryFlowStore()
    await saved(store, "one")
    await saved(store, "two")
    registry = a_registry(store)
    await registry.load()
    assert registry.known("main", "company.team", "flow", 1) is None
    found = await registry.revision("main", "company.team", "flow", 1)
    assert found is not None
    assert found is registry.known("main", "company.team", "flow", 1)
    assert await registry.revision("main", "company.team", "flow", 9) is None


async def test_a_source_that_cannot_be_read_is_told_when_it_is_needed() -> None:
    store = MemoryFlowStore()
    await store.save(a_draft(source="id: [\n"))
    registry = a_registry(store)
    await registry.load()
    with pytest.raises(UnreadableFlow, match=r"company\.team\.flow revision 1"):
        registry.deployed(registry.all()[0])


async def test_what_is_saved_and_deleted_elsewhere_is_taken_in() -> None:
    store = MemoryFlowStore()
    registry = a_registry(store)
    following = asyncio.create_task(registry.follow())
    await asyncio.sleep(0)
    await saved(store, "one")
    await until(lambda: registry.latest("main", "company.team", "flow") is not None)
    await store.delete(tenant="main", namespace="company.team", flow_id="flow", at=NOW)
    await until(lambda: registry.latest("main", "company.team", "flow") is None)
    following.cancel()
    await asyncio.wait([following])


async def test_an_older_revision_that_arrives_late_does_not_replace_a_newer_one() -> None:
    store = MemoryFlowStore()
    await saved(store, "one")
    await saved(store, "two")
    registry = a_registry(store)
    first, second = await store.revisions(tenant="main", namespace="company.team", flow_id="flow")
    registry.put(second)
    registry.put(first)
    assert registry.latest("main", "company.team", "flow") == second


async def until(holds: object) -> None:
    for _ in range(100):
        if holds():  # type: ignore[operator]
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came")


async def test_whoever_watches_is_told_of_every_flow_and_every_change() -> None:
    store = MemoryFlowStore()
    known = await store.save(a_draft())
    registry = a_registry(store)
    registry.put(known)
    told: list[tuple[str, int | None]] = []
    registry.watch(lambda name, stored: told.append((name[2], stored and stored.revision)))
    registry.put(await store.save(a_draft("new")))
    registry.put(await store.save(a_draft(source="id: flow\ndescription: changed\n")))
    registry.put(known)
    gone = await store.delete(tenant="main", namespace=known.namespace, flow_id=known.id, at=NOW)
    assert gone is not None
    registry.put(gone)
    assert told == [(known.id, 1), ("new", 1), (known.id, 2), (known.id, None)]
