"""What cannot be stored of one execution takes nobody else with it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.services.house import House, at_rest, with_flows
from tests.services.test_executor import FANOUT, INSTANT, PATIENT
from tests.services.test_recovery import a_house, answered

from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.engine.events import Done, Kill
from tiercel.model.states import State
from tiercel.ports.journal import Batch, ExecutionRow, JournalError, Refused
from tiercel.services.residents import Item
from tiercel.services.suspects import Unstorable


@pytest.fixture
async def flows() -> MemoryFlowStore:
    return await with_flows(INSTANT, FANOUT, PATIENT)


class Poisoned(MemoryJournal):
    """Refuses every batch that holds a certain flow's execution."""

    def __init__(self, tables: Tables, *, poison: str) -> None:
        super().__init__(tables)
        self._poison = poison.encode()

    async def commit(self, batch: Batch) -> None:
        await asyncio.sleep(0)
        if any(self._poison in row.given for row in batch.created):
            raise JournalError("this cannot be stored")
        await super().commit(batch)


async def test_what_cannot_be_stored_is_given_up_and_the_others_are_not(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    house = a_house(tmp_path, tables, flows, Poisoned(tables, poison="fanout"))
    async with house.running():
        good = [asyncio.create_task(answered(house, "instant")) for _ in range(5)]
        bad = asyncio.create_task(answered(house, "fanout", n="3"))
        for task in good:
            assert house.state(await task) is State.SUCCESS
        with pytest.raises(Unstorable):
            await bad
    assert at_rest(tables) == []


class Choosy(MemoryJournal):
    """Refuses what is written of an execution once it is told to, and nothing else."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.refuses: Callable[[ExecutionRow], bool] = lambda _: False

    async def commit(self, batch: Batch) -> None:
        await asyncio.sleep(0)
        if any(map(self.refuses, (*batch.created, *batch.updated))):
            raise Refused("this cannot be stored")
        await super().commit(batch)


def finished(house: House) -> Done:
    """What a worker says of the first task run."""
    return Done(*house.executor.moment(), 0, 1, State.SUCCESS)


async def test_an_execution_that_can_never_go_on_is_ended_and_takes_nobody_with_it(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    tables = Tables()
    journal = Choosy(tables)
    house = a_house(tmp_path, tables, flows, journal)
    async with house.running():
        bad = await answered(house, "patient")
        journal.refuses = lambda row: row.id == bad and row.state != State.FAILED.number
        house.executor.accept(Item(bad, finished(house)))
        good = [asyncio.create_task(answered(house, "instant")) for _ in range(20)]
        assert {house.state(await task) for task in good} == {State.SUCCESS}
        await house.until_over(bad)
        assert house.state(bad) is State.FAILED
        (line,) = [row.message for row in tables.logs if row.execution_id == bad]
        assert (
            line
            == f"the execution cannot go on: what happened to execution {bad} cannot be stored: this cannot be stored"
        )
    assert at_rest(tables) == []


async def test_one_whose_end_is_refused_too_is_left_alone(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    journal = Choosy(tables)
    house = a_house(tmp_path, tables, flows, journal)
    async with house.running():
        bad = await answered(house, "patient")
        journal.refuses = lambda row: row.id == bad
        house.executor.accept(Item(bad, finished(house)))
        for _ in range(20):
            assert house.state(await answered(house, "instant")) is State.SUCCESS
        with pytest.raises(Unstorable):
            await house.executor.tell(bad, Kill(*house.executor.moment()))
    assert tables.executions[bad].live


async def test_what_people_ask_is_given_up_before_the_execution_is_ended(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    tables = Tables()
    journal = Choosy(tables)
    house = a_house(tmp_path, tables, flows, journal)
    async with house.running():
        patient = await answered(house, "patient")
        journal.refuses = lambda row: row.id == patient and row.state != State.RUNNING.number
        with pytest.raises(Unstorable):
            await house.executor.tell(patient, Kill(*house.executor.moment()))
        assert house.state(patient) is State.RUNNING
