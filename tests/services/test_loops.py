"""Loops in the executor: iterations are stored with their parent, found again after a crash, and counted once."""

from pathlib import Path

import pytest
from tests.services.house import House, at_rest, with_flows
from tests.services.test_executor import CountedJournal
from tests.services.test_recovery import Failing, until_death

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.engine.events import Restart
from tiercel.model.execution import Execution, Kind
from tiercel.model.states import State
from tiercel.services import desk
from tiercel.services.loader import Loader
from tiercel.services.records import read_execution
from tiercel.services.residents import Resident
from tiercel.services.suspects import Suspects

LOOP = """
id: loop
namespace: test
inputs: [{id: word, type: STRING, defaults: hello}]
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: known}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: "{{ range(1, 100) }}"
    concurrencyLimit: 0
    tasks: [{id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ item.value }} {{ inputs.word }}"}]
outputs: [{id: counted, type: JSON, value: "{{ outputs.loop.terminatedIterations }}"}]
"""
WORKING = """
id: working
namespace: test
inputs: [{id: word, type: STRING, defaults: hello}]
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: known}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b, c, d]
    concurrencyLimit: 2
    outputs: [{id: o, type: STRING, value: "{{ item.value }} {{ outputs.say.value }}"}]
    tasks:
      - {id: work, type: io.test.Talkative, lines: 1}
      - {id: inner, type: io.kestra.plugin.core.flow.Loop, values: [x, y], tasks: [{id: deep, type: io.test.Talkative, lines: 1}]}
      - {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.word }} {{ outputs.first.value }}"}
outputs: [{id: all, type: JSON, value: "{{ outputs.loop.outputs }}"}]
"""
FAILING = """
id: failing
namespace: test
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b, c]
    tasks:
      - {id: fail, type: io.kestra.plugin.core.execution.Fail, condition: "{{ item.value == 'b' and taskrun.attemptsCount == 0 }}"}
"""
GIVEN = [
    {"item": {"value": value, "iteration": index}, "outputs": {"o": f"{value} hello known"}}
    for index, value in enumerate("abcd")
]


@pytest.fixture
async def flows() -> MemoryFlowStore:
    return await with_flows(LOOP, WORKING, FAILING)


def a_house(folder: Path, flows: MemoryFlowStore, journal: MemoryJournal) -> House:
    return House(folder, tables=journal.tables, flows=flows, clock=ManualClock(), journal=journal)


def iterations(tables: Tables, parent: str) -> list[Execution]:
    found = (read_execution(row) for row in tables.executions.values() if row.parent_id == parent)
    return sorted((one for one in found if one.kind is Kind.LOOP), key=lambda one: one.id)


async def test_a_hundred_instant_iterations_are_one_commit(tmp_path: Path, flows: MemoryFlowStore) -> None:
    journal = CountedJournal(Tables())
    async with a_house(tmp_path, flows, journal).running() as house:
        ended = await house.run("loop")
    assert ended.outputs == {"counted": {"SUCCESS": 100}}
    assert len(journal.batches) == 1
    assert len(journal.batches[0].created) == 101
    assert at_rest(journal.tables) == []


async def test_an_iteration_keeps_what_it_is_for_and_nothing_that_its_parent_keeps(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    tables = Tables()
    async with a_house(tmp_path, flows, MemoryJournal(tables)).running() as house:
        ended = await house.run("loop")
        known = iterations(tables, ended.id)
        assert [one.iteration.item.value for one in known if one.iteration] == [str(n) for n in range(1, 101)]
        assert {(one.live, one.state.current, len(one.inputs), one.trigger) for one in known} == {
            (False, State.SUCCESS, 0, None)
        }
        [say] = house.runs(known[0].id)
        assert say.outputs == {"value": "1 hello"}
        assert say.parent_task_run_id == next(run.id for run in house.runs(ended.id) if run.task_id == "loop")
        assert sum(row.n for row in tables.counts.values()) == 1, "iterations are no executions that are counted"


async def test_what_iterations_give_is_gathered_in_order(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with a_house(tmp_path, flows, MemoryJournal(tables)).running() as house:
        ended = await house.run("working")
    assert ended.outputs == {"all": GIVEN}
    assert at_rest(tables) == []


@pytest.mark.parametrize("commit", range(1, 16))
async def test_a_loop_goes_on_after_a_failed_commit(tmp_path: Path, flows: MemoryFlowStore, commit: int) -> None:
    tables = Tables()
    house = a_house(tmp_path, flows, Failing(tables, at=commit, stored=commit % 2 == 0))
    async with house.running():
        identifier = (await house.create("working")).created.id
        assert (await house.until_over(identifier)).outputs == {"all": GIVEN}
    assert len(tables.executions) == 1 + 4 + 8
    assert at_rest(tables) == []


@pytest.mark.parametrize("commit", range(1, 16))
async def test_a_loop_goes_on_in_the_next_process(tmp_path: Path, flows: MemoryFlowStore, commit: int) -> None:
    tables = Tables()
    await until_death(tmp_path, tables, flows, commit, _begun)
    async with a_house(tmp_path, flows, MemoryJournal(tables)).running() as house:
        for identifier in [row.id for row in tables.executions.values() if row.parent_id is None]:
            assert (await house.until_over(identifier)).outputs == {"all": GIVEN}
    assert at_rest(tables) == []


@pytest.mark.parametrize("commit", range(2, 5))
async def test_iterations_that_a_full_batch_had_no_time_for_are_not_lost(
    tmp_path: Path, flows: MemoryFlowStore, monkeypatch: pytest.MonkeyPatch, commit: int
) -> None:
    monkeypatch.setattr(desk, "FULL", 64)
    tables = Tables()
    await until_death(tmp_path, tables, flows, commit, _wide)
    async with a_house(tmp_path, flows, MemoryJournal(tables)).running() as house:
        for identifier in [row.id for row in tables.executions.values() if row.parent_id is None]:
            assert (await house.until_over(identifier)).outputs == {"counted": {"SUCCESS": 100}}
    assert at_rest(tables) == []


async def _wide(house: House) -> list[str]:
    return [(await house.create("loop")).created.id]


async def _begun(house: House) -> list[str]:
    return [(await house.create("working")).created.id]


async def test_an_iteration_that_left_memory_knows_its_parents_again(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with a_house(tmp_path, flows, MemoryJournal(tables)).running() as house:
        ended = await house.run("working")
        outer = iterations(tables, ended.id)[0]
        inner = iterations(tables, outer.id)[0]
        loaded = Resident(inner.id)
        assert await Loader(MemoryJournal(tables), house.registry, house.clock, Suspects()).load(loaded)
    assert loaded.execution is not None
    assert loaded.execution.inputs == {"word": "hello"}
    assert loaded.execution.results["first"] == {"value": "known"}
    assert loaded.execution.iteration is not None
    assert loaded.execution.iteration.root.id == ended.id


async def test_a_restart_runs_the_failed_iteration_again_in_place(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with a_house(tmp_path, flows, MemoryJournal(tables)).running() as house:
        failed = await house.run("failing")
        assert [one.state.current for one in iterations(tables, failed.id)] == [State.SUCCESS, State.FAILED]
        await house.executor.tell(failed.id, Restart(*house.executor.moment()))
        assert (await house.until_over(failed.id)).state.current is State.SUCCESS
        first, second, third = iterations(tables, failed.id)
        assert [moment.state for moment in second.state.histories] == [
            *("CREATED", "RUNNING", "FAILED", "RESTARTED", "RUNNING", "SUCCESS")
        ]
        assert len(first.state.histories) == len(third.state.histories) == 3
    assert at_rest(tables) == []
