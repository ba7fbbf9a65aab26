"""Executions that the server is told to ignore: stored, refused, skipped by a recovery, and gone on with when it may."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.house import House, at_rest, with_flows
from tests.services.test_executor import INSTANT, NAP, PATIENT, WORK

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.journal import Tables
from tiercel.model.states import State
from tiercel.services.ignoring import NOTHING, Ignoring

EVERY_WAY = [
    Ignoring.of(flows=["test|nap"]),
    Ignoring.of(flows=["main|test|nap"]),
    Ignoring.of(namespaces=["test"]),
    Ignoring.of(namespaces=["main|test"]),
    Ignoring.of(tenants=["main"]),
]
OTHERS = [
    Ignoring.of(flows=["other|test|nap", "test|work", "nap"]),
    Ignoring.of(namespaces=["other|test", "tes", "test.below"]),
    Ignoring.of(tenants=["other"]),
    Ignoring.of(executions=["another"]),
]


@pytest.fixture
async def flows() -> MemoryFlowStore:
    return await with_flows(INSTANT, NAP, PATIENT, WORK)


def a_house(folder: Path, tables: Tables, flows: MemoryFlowStore, ignoring: Ignoring = NOTHING) -> House:
    """Later than whatever there is: the dice fall the same way again, and ids name their time."""
    clock = ManualClock(START + timedelta(seconds=len(tables.executions)))
    return House(folder, tables=tables, flows=flows, clock=clock, ignoring=ignoring)


@pytest.mark.parametrize("ignoring", EVERY_WAY, ids=range(len(EVERY_WAY)))
async def test_an_ignored_execution_is_created_and_nothing_of_it_runs(
    tmp_path: Path, flows: MemoryFlowStore, ignoring: Ignoring
) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows, ignoring).running() as house:
        created = await house.create("nap")
        assert created.first.state.current is State.CREATED
        told = await house.kill(created.created.id)
        assert "told to ignore" in (told.ignored or "")
        assert house.state(created.created.id) is State.CREATED
        assert house.runs(created.created.id) == []
    assert (tables.jobs, tables.timers) == ({}, {})


@pytest.mark.parametrize("ignoring", OTHERS, ids=range(len(OTHERS)))
async def test_what_is_not_named_runs(tmp_path: Path, flows: MemoryFlowStore, ignoring: Ignoring) -> None:
    async with a_house(tmp_path, Tables(), flows, ignoring).running() as house:
        created = await house.create("nap")
        assert created.first.state.current is State.RUNNING
        await house.kill(created.created.id)


async def test_it_begins_when_it_is_ignored_no_longer(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows, Ignoring.of(flows=["test|instant"])).running() as house:
        identifier = (await house.create("instant")).created.id
    async with a_house(tmp_path, tables, flows).running() as house:
        assert (await house.until_over(identifier)).state.current is State.SUCCESS
    assert at_rest(tables) == []


async def test_jobs_and_timers_stay_until_it_is_ignored_no_longer(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows).running() as house:
        nap, patient = [(await house.create(flow)).created.id for flow in ("nap", "patient")]
    async with a_house(tmp_path, tables, flows, Ignoring.of(executions=[nap, patient])).running() as house:
        house.clock.move(timedelta(hours=2))
        assert (await house.run("instant")).state.current is State.SUCCESS
        assert (house.state(nap), house.state(patient)) == (State.RUNNING, State.RUNNING)
        assert tables.timers
        assert tables.jobs
    async with a_house(tmp_path, tables, flows).running() as house:
        house.clock.move(timedelta(hours=2))
        assert (await house.until_over(nap)).state.current is State.SUCCESS
        await house.kill(patient)
        assert (await house.until_over(patient)).state.current is State.KILLED
    assert at_rest(tables) == []


@pytest.mark.parametrize("way", ["executions", "flows"])
async def test_one_that_cannot_be_loaded_does_not_keep_the_executor_from_the_others(
    tmp_path: Path, flows: MemoryFlowStore, way: str
) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows).running() as house:
        poisonous = (await house.create("nap")).created.id
    tables.executions[poisonous] = tables.executions[poisonous]._replace(marked=True)
    run = tables.task_runs[poisonous][0]
    tables.task_runs[poisonous][0] = run._replace(record=b"not what we wrote")
    ignoring = Ignoring.of(**{way: [poisonous if way == "executions" else "test|nap"]})
    async with a_house(tmp_path, tables, flows, ignoring).running() as house:
        assert (await house.create("work")).first.state.current is State.RUNNING
        assert "told to ignore" in ((await house.kill(poisonous)).ignored or "")
    assert tables.executions[poisonous].marked
    assert tables.task_runs[poisonous][0].record == b"not what we wrote"
