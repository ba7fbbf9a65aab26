"""Limits for the values of a key, for namespaces and tenants: in the executor, over starts, and whatever its commits do."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.house import House, at_rest, with_flows
from tests.services.test_recovery import Failing

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.engine.events import Restart
from tiercel.model.bounds import UNLIMITED, Room, Rooms
from tiercel.model.states import State
from tiercel.ports.flows import FlowDraft
from tiercel.ports.journal import LiveRow


def nap(id: str, namespace: str = "test", *, concurrency: str = "") -> str:
    return f"""
id: {id}
namespace: {namespace}
inputs: [{{id: customer, type: STRING, required: false}}]
{concurrency}
tasks: [{{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT10S}}]
"""


KEYED = nap("keyed", concurrency='concurrency: {limit: 1, key: "{{ inputs.customer }}"}')
FAILING = """
id: failing
namespace: test
tasks: [{id: fail, type: io.kestra.plugin.core.execution.Fail}]
"""
FREE, BELOW, ELSEWHERE = nap("free"), nap("below", "test.below"), nap("elsewhere", "tests")
WORKING = """
id: working
namespace: test.below
inputs: [{id: customer, type: STRING}]
concurrency: {limit: 2, key: "{{ inputs.customer }}"}
tasks: [{id: work, type: io.test.Talkative}]
"""
TWO = Rooms(namespaces={"test": Room(2)})
RUNNING, QUEUED = State.RUNNING, State.QUEUED
COMMITS = range(1, 9)
"""More than any of this takes when nothing fails."""


@pytest.fixture
async def flows() -> MemoryFlowStore:
    return await with_flows(KEYED, FAILING, FREE, BELOW, ELSEWHERE, WORKING)


def a_house(
    folder: Path, flows: MemoryFlowStore, rooms: Rooms = UNLIMITED, *, tables: Tables | None = None, later: int = 0
) -> House:
    clock = ManualClock(START + timedelta(seconds=later))
    return House(folder, tables=tables or Tables(), flows=flows, clock=clock, rooms=rooms)


async def several(house: House, *names: str, **inputs: str) -> list[str]:
    """Executions of flows, each by `namespace/id`, created one after the other."""
    ids: list[str] = []
    for name in names:
        namespace, _, flow_id = name.rpartition("/")
        ids.append((await house.create(flow_id, namespace=namespace or "test", **inputs)).created.id)
        house.clock.move(timedelta(milliseconds=1))
    return ids


def states(house: House, ids: list[str]) -> list[State | None]:
    return [house.state(identifier) for identifier in ids]


async def end(house: House, ids: list[str]) -> None:
    """Time passes until all are over and nothing is left."""
    for identifier in ids:
        house.clock.move(timedelta(seconds=10))
        assert (await house.until_over(identifier)).state.current is State.SUCCESS
    assert at_rest(house.tables) == []


async def test_each_value_of_a_key_has_slots_of_its_own(tmp_path: Path, flows: MemoryFlowStore) -> None:
    async with a_house(tmp_path, flows).running() as house:
        ids = await several(house, "keyed", "keyed", customer="acme")
        ids += await several(house, "keyed", customer="globex")
        assert states(house, ids) == [RUNNING, QUEUED, RUNNING]
        await end(house, ids)


async def test_a_key_that_cannot_be_rendered_fails_the_execution(tmp_path: Path, flows: MemoryFlowStore) -> None:
    await flows.save(FlowDraft(namespace="test", id="keyed", source=KEYED.replace("customer }", "nobody }"), at=START))
    async with a_house(tmp_path, flows).running() as house:
        [identifier] = await several(house, "keyed")
        assert (await house.until_over(identifier)).state.current is State.FAILED
    assert "the key of `concurrency` cannot be rendered" in house.tables.logs[-1].message


async def test_a_namespace_limits_its_flows_and_those_below_it(tmp_path: Path, flows: MemoryFlowStore) -> None:
    async with a_house(tmp_path, flows, TWO).running() as house:
        ids = await several(house, "free", "test.below/below", "free", "test.below/below", "tests/elsewhere")
        assert states(house, ids) == [RUNNING, RUNNING, QUEUED, QUEUED, RUNNING]
        await end(house, ids)


async def test_a_tenant_limits_everything(tmp_path: Path, flows: MemoryFlowStore) -> None:
    rooms = Rooms(tenants={"main": Room(1, "CANCEL")})
    async with a_house(tmp_path, flows, rooms).running() as house:
        ids = await several(house, "free", "tests/elsewhere")
        assert states(house, ids) == [RUNNING, State.CANCELLED]
        await end(house, ids[:1])


async def test_limits_are_counted_from_those_who_live_after_a_start(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with a_house(tmp_path, flows, TWO, tables=tables).running() as house:
        ids = await several(house, "free", "keyed", "keyed", "free", customer="acme")
    async with a_house(tmp_path, flows, TWO, tables=tables, later=1).running() as house:
        ids += await several(house, "keyed", customer="acme")
        ids += await several(house, "test.below/below")
        assert states(house, ids) == [RUNNING, RUNNING, QUEUED, QUEUED, QUEUED, QUEUED]
        await end(house, ids)


async def test_a_namespace_that_is_limited_later_counts_those_who_run(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with a_house(tmp_path, flows, tables=tables).running() as house:
        ids = await several(house, "free", "test.below/below")
    async with a_house(tmp_path, flows, TWO, tables=tables, later=1).running() as house:
        ids += await several(house, "free")
        assert states(house, ids) == [RUNNING, RUNNING, QUEUED]
        await end(house, ids)


async def test_those_who_wait_go_on_when_a_namespace_is_limited_no_more(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with a_house(tmp_path, flows, TWO, tables=tables).running() as house:
        ids = await several(house, "free", "free", "free", "keyed", "keyed", customer="acme")
        assert states(house, ids) == [RUNNING, RUNNING, QUEUED, QUEUED, QUEUED]
    async with a_house(tmp_path, flows, tables=tables, later=1).running() as house:
        await house.until(ids[3], RUNNING)
        assert states(house, ids) == [RUNNING, RUNNING, RUNNING, RUNNING, QUEUED]
        await end(house, ids)


async def test_a_restart_waits_for_all_its_slots_again(tmp_path: Path, flows: MemoryFlowStore) -> None:
    async with a_house(tmp_path, flows, TWO).running() as house:
        [identifier] = await several(house, "failing")
        assert (await house.until_over(identifier)).state.current is State.FAILED
        others = await several(house, "free", "test.below/below")
        told = await house.executor.tell(identifier, Restart(*house.executor.moment()))
        assert told.ignored is None
        await house.until(identifier, QUEUED)
        await house.kill(identifier)
        await house.until_over(identifier)
        await end(house, [*others, *await several(house, "free")])


async def test_one_that_began_without_a_limit_holds_a_slot_of_the_later_one_until_it_is_over(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    async with a_house(tmp_path, flows).running() as house:
        ids = await several(house, "free")
        source = nap("free", concurrency="concurrency: {limit: 1}")
        house.registry.put(await flows.save(FlowDraft(namespace="test", id="free", source=source, at=START)))
        ids += await several(house, "free")
        assert states(house, ids) == [RUNNING, QUEUED]
        await end(house, ids)


async def test_a_key_instead_of_a_limit_lets_those_go_on_who_wait_for_the_limit(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    plain = KEYED.replace(', key: "{{ inputs.customer }}"', "")
    await flows.save(FlowDraft(namespace="test", id="keyed", source=plain, at=START))
    async with a_house(tmp_path, flows).running() as house:
        ids = await several(house, "keyed", "keyed", customer="acme")
        assert states(house, ids) == [RUNNING, QUEUED]
        house.registry.put(await flows.save(FlowDraft(namespace="test", id="keyed", source=KEYED, at=START)))
        await house.until(ids[1], RUNNING)
        await end(house, ids)


@pytest.mark.parametrize("stored", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", COMMITS)
async def test_a_failed_commit_leaks_no_slot_of_any_limit(
    tmp_path: Path, flows: MemoryFlowStore, commit: int, *, stored: bool
) -> None:
    journal = Failing(Tables(), at=commit, stored=stored)
    house = House(
        tmp_path,
        tables=journal.tables,
        flows=flows,
        clock=ManualClock(),
        journal=journal,
        rooms=Rooms({"test": Room(3)}),
    )
    async with house.running():
        customers = ("acme", "globex", "acme", "globex", "acme", "acme")
        created = await asyncio.gather(
            *(house.create("working", namespace="test.below", customer=customer) for customer in customers)
        )
        for one in created:
            assert (await house.until_over(one.created.id)).state.current is State.SUCCESS
    assert at_rest(house.tables) == []


class Slow(MemoryJournal):
    """Answers who lives as it was a while ago."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.asked, self.gate = asyncio.Event(), asyncio.Event()

    async def live_in(self, namespaces: Sequence[int]) -> list[LiveRow]:
        found = await super().live_in(namespaces)
        self.asked.set()
        await self.gate.wait()
        return found


async def test_one_that_ends_while_slots_are_counted_holds_none_afterwards(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    tables = Tables()
    async with a_house(tmp_path, flows, tables=tables).running() as house:
        [first] = await several(house, "free")
    journal = Slow(tables)
    house = House(
        tmp_path,
        tables=tables,
        flows=flows,
        clock=ManualClock(START + timedelta(seconds=1)),
        journal=journal,
        rooms=Rooms({"test": Room(1)}),
    )
    async with house.running():
        second = asyncio.create_task(house.create("free"))
        await journal.asked.wait()
        killed = asyncio.create_task(house.kill(first))
        await asyncio.sleep(0)
        journal.gate.set()
        await killed
        identifier = (await second).created.id
        await house.until(identifier, RUNNING)
        await end(house, [identifier])
