"""Restart, replay and limits of concurrency in the executor, whatever happens to its commits meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.house import House, at_rest, with_flows
from tests.services.test_recovery import Failing

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.engine.events import ChangeTaskRun, Kill, Restart, Resume, SetLabels
from tiercel.engine.replays import NotReplayable
from tiercel.model.execution import Label
from tiercel.model.states import State
from tiercel.ports.flows import FlowDraft
from tiercel.ports.journal import Loaded, TaskRunRow
from tiercel.services.records import label_key, read_execution
from tiercel.services.residents import NoSuchExecution

SECOND_TIME = """
id: second_time
namespace: test
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: first}
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.attemptsCount == 1 ? outputs.a.value : nope }}"}
  - {id: c, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.b.value }} again"}
errors:
  - {id: e, type: io.kestra.plugin.core.log.Log, message: sorry}
"""
LIMITED = """
id: limited
namespace: test
concurrency: {limit: 1}
tasks:
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT10S}
"""
WORKING = """
id: working
namespace: test
concurrency: {limit: 2}
tasks:
  - {id: work, type: io.test.Talkative}
"""
BESIDE = """
id: beside
namespace: test
tasks:
  - id: side
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: a, type: io.kestra.plugin.core.debug.Return, format: first}
      - id: seq
        type: io.kestra.plugin.core.flow.Sequential
        tasks:
          - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT10S}
          - {id: b, type: io.kestra.plugin.core.debug.Return, format: second}
          - id: inner
            type: io.kestra.plugin.core.flow.Sequential
            tasks:
              - {id: d, type: io.kestra.plugin.core.debug.Return, format: second}
              - {id: hold, type: io.kestra.plugin.core.flow.Pause}
  - {id: c, type: io.kestra.plugin.core.debug.Return, format: third}
"""
COMMITS = range(1, 9)
"""More than any of this takes when nothing fails."""


@pytest.fixture
async def flows() -> MemoryFlowStore:
    return await with_flows(SECOND_TIME, LIMITED, WORKING, BESIDE)


@pytest.fixture
async def house(tmp_path: Path, flows: MemoryFlowStore) -> AsyncIterator[House]:
    house = House(tmp_path, tables=Tables(), flows=flows, clock=ManualClock())
    async with house.running():
        yield house
    assert at_rest(house.tables) == []


async def tell(house: House, identifier: str, event: type, **fields: object) -> str | None:
    return (await house.executor.tell(identifier, event(*house.executor.moment(), **fields))).ignored


async def failed(house: House) -> str:
    execution = await house.run("second_time")
    assert execution.state.current is State.FAILED
    return execution.id


async def several(house: House, flow_id: str, number: int) -> list[str]:
    """Executions created one after the other."""
    ids: list[str] = []
    for _ in range(number):
        ids.append((await house.create(flow_id)).created.id)
        house.clock.move(timedelta(milliseconds=1))
    return ids


def history(house: House, identifier: str) -> list[State]:
    return [moment.state for moment in read_execution(house.tables.executions[identifier]).state.histories]


async def test_a_restart_reads_what_it_needs_and_runs_what_failed(house: House) -> None:
    identifier = await failed(house)
    told = await house.executor.tell(identifier, Restart(*house.executor.moment()))
    assert told.execution.state.current is State.RESTARTED
    execution = await house.until_over(identifier)
    assert execution.state.current is State.SUCCESS
    assert house.states(identifier) == dict.fromkeys("abc", State.SUCCESS)
    assert [run.outputs for run in house.runs(identifier)][-1] == {"value": "first again"}


async def test_what_was_removed_by_a_restart_is_gone_from_the_rows(house: House) -> None:
    identifier = await failed(house)
    assert [run.task_id for run in house.runs(identifier)] == ["a", "b", "e"]
    await tell(house, identifier, Restart)
    await house.until_over(identifier)
    assert [run.task_id for run in house.runs(identifier)] == ["a", "b", "c"]


async def test_a_restart_is_refused_while_it_runs_and_after_it_went_well(house: House) -> None:
    identifier = await failed(house)
    told = await asyncio.gather(tell(house, identifier, Restart), tell(house, identifier, Restart))
    assert [refusal is None for refusal in told] == [True, False]
    await house.until_over(identifier)
    assert await tell(house, identifier, Restart) is not None


async def test_a_replay_is_an_execution_of_its_own_and_its_source_says_so(house: House) -> None:
    identifier = await failed(house)
    told = await house.executor.replay(identifier)
    assert (told.execution.state.current, told.execution.parent_id) == (State.CREATED, identifier)
    execution = await house.until_over(told.execution.id)
    assert execution.state.current is State.FAILED
    assert "system.replayed:true" in house.tables.executions[identifier].labels
    assert "system.replay:true" in house.tables.executions[execution.id].labels


async def test_a_replay_from_a_task_sees_the_outputs_of_those_before_it(house: House) -> None:
    identifier = await failed(house)
    run = house.runs(identifier)[1]
    told = await house.executor.replay(identifier, task_run=run.id)
    assert told.execution.state.current is State.RESTARTED
    execution = await house.until_over(told.execution.id)
    assert execution.state.current is State.SUCCESS
    assert [run.outputs for run in house.runs(execution.id)][-1] == {"value": "first again"}


class SecondComesFirst(MemoryJournal):
    """Whoever asks first what has ended is answered after the second."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.reads = asyncio.Event()
        self.goes_on = asyncio.Event()

    async def ended_runs(self, execution_id: str, task_ids: Sequence[str] | None = None) -> list[TaskRunRow]:
        if self.reads.is_set():
            self.goes_on.set()
        else:
            self.reads.set()
            await self.goes_on.wait()
        return await super().ended_runs(execution_id, task_ids)


async def test_a_replay_is_not_held_up_by_a_restart_of_its_source_that_came_a_moment_earlier(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    journal = SecondComesFirst(Tables())
    house = House(tmp_path, tables=journal.tables, flows=flows, clock=ManualClock(), journal=journal)
    async with house.running():
        identifier = await failed(house)
        restart = asyncio.create_task(tell(house, identifier, Restart))
        await journal.reads.wait()
        copy = (await house.executor.replay(identifier)).execution
        assert await restart is None
        await house.until_over(identifier)
        await house.until_over(copy.id)
    assert at_rest(house.tables) == []


class Slow(MemoryJournal):
    """The first answer to a reader comes when the world has moved on."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.reads = asyncio.Event()
        self.goes_on = asyncio.Event()

    async def load(self, ids: Sequence[str]) -> list[Loaded]:
        found = await super().load(ids)
        if found and not self.goes_on.is_set():
            self.reads.set()
            await self.goes_on.wait()
        return found


@pytest.mark.parametrize("is_over", [False, True])
async def test_a_replay_of_what_goes_on_while_it_is_read_has_every_task_run_once(
    tmp_path: Path, flows: MemoryFlowStore, *, is_over: bool
) -> None:
    journal = Slow(Tables())
    house = House(tmp_path, tables=journal.tables, flows=flows, clock=ManualClock(), journal=journal)
    async with house.running():
        identifier = (await house.create("beside")).created.id
        chosen = next(run for run in house.runs(identifier) if run.task_id == "a")
        replay = asyncio.create_task(house.executor.replay(identifier, task_run=chosen.id))
        await journal.reads.wait()
        house.clock.move(timedelta(minutes=1))
        await house.until(identifier, State.PAUSED)
        if is_over:
            await resumed(house, identifier)
        journal.goes_on.set()
        copy = (await replay).execution.id
        house.clock.move(timedelta(minutes=1))
        if not is_over:
            await house.until(copy, State.PAUSED)
            await resumed(house, copy)
            await resumed(house, identifier)
        await house.until_over(copy)
    assert sorted(house.states(copy).items()) == sorted(house.states(identifier).items())
    assert at_rest(house.tables) == []


async def resumed(house: House, identifier: str) -> None:
    await tell(house, identifier, Resume)
    await house.until_over(identifier)


async def test_nothing_is_made_of_a_replay_that_cannot_be(house: House) -> None:
    with pytest.raises(NoSuchExecution):
        await house.executor.replay("nobody")
    identifier = await failed(house)
    with pytest.raises(NotReplayable):
        await house.executor.replay(identifier, task_run="nobody")
    assert list(house.tables.executions) == [identifier]


async def test_a_task_run_is_said_to_have_succeeded_and_the_rest_runs(house: House) -> None:
    identifier = await failed(house)
    run = house.runs(identifier)[1]
    assert await tell(house, identifier, ChangeTaskRun, task_run=run.id, state=State.SUCCESS) is None
    await house.until_over(identifier)
    assert house.states(identifier) == {"a": State.SUCCESS, "b": State.SUCCESS, "c": State.FAILED, "e": State.SUCCESS}


async def test_labels_of_an_ended_execution_find_it_afterwards(house: House) -> None:
    identifier = await failed(house)
    assert await tell(house, identifier, SetLabels, labels=(Label("team", "data"),)) is None
    assert "team:data" in house.tables.executions[identifier].labels


async def test_a_label_that_was_taken_away_finds_it_no_longer(house: House) -> None:
    identifier = await failed(house)
    found = [label_key(1, "team", team) for team in ("data", "web")]
    for team in ("data", "web"):
        assert await tell(house, identifier, SetLabels, labels=(Label("team", team),)) is None
    assert [row.label for row in house.tables.labels if row.label in found] == found[1:]


@pytest.mark.parametrize("stored", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", COMMITS)
async def test_a_failed_commit_loses_no_restart_and_no_replay(
    tmp_path: Path, flows: MemoryFlowStore, commit: int, *, stored: bool
) -> None:
    journal = Failing(Tables(), at=commit, stored=stored)
    house = House(tmp_path, tables=journal.tables, flows=flows, clock=ManualClock(), journal=journal)
    async with house.running():
        identifier = (await house.create("second_time")).created.id
        await house.until_over(identifier)
        told = await house.executor.replay(identifier)
        await house.until_over(told.execution.id)
        await tell(house, identifier, Restart)
        assert (await house.until_over(identifier)).state.current is State.SUCCESS
    assert len(house.tables.executions) == 2
    assert at_rest(house.tables) == []


# Limits ---------------------------------------------------------------------------------------------------------------


async def test_executions_of_a_limited_flow_run_one_after_the_other(house: House) -> None:
    ids = await several(house, "limited", 3)
    assert [house.state(identifier) for identifier in ids] == [State.RUNNING, State.QUEUED, State.QUEUED]
    for identifier in ids:
        house.clock.move(timedelta(seconds=10))
        assert (await house.until_over(identifier)).state.current is State.SUCCESS
    assert history(house, ids[2]) == [State.CREATED, State.QUEUED, State.RUNNING, State.SUCCESS]


async def test_the_next_one_is_admitted_in_the_commit_of_the_end_before_it(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    journal = MemoryJournal(Tables())
    house = House(tmp_path, tables=journal.tables, flows=flows, clock=ManualClock(), journal=journal)
    async with house.running():
        first, second = await several(house, "limited", 2)
        await tell(house, first, Kill)
        await house.until_over(first)
        assert house.state(second) is State.RUNNING
        house.clock.move(timedelta(seconds=10))
        await house.until_over(second)
    assert at_rest(house.tables) == []


async def test_one_that_waits_is_killed_and_is_not_missed(house: House) -> None:
    first, second, third = await several(house, "limited", 3)
    await tell(house, second, Kill)
    await house.until_over(second)
    assert history(house, second) == [State.CREATED, State.QUEUED, State.KILLING, State.KILLED]
    for identifier in (first, third):
        house.clock.move(timedelta(seconds=10))
        await house.until_over(identifier)


async def test_a_limit_is_counted_from_those_who_live_after_a_start(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with House(tmp_path, tables=tables, flows=flows, clock=ManualClock()).running() as house:
        ids = await several(house, "limited", 2)
    later = ManualClock(START + timedelta(seconds=1))
    async with House(tmp_path, tables=tables, flows=flows, clock=later).running() as house:
        ids.append((await house.create("limited")).created.id)
        assert [house.state(identifier) for identifier in ids] == [State.RUNNING, State.QUEUED, State.QUEUED]
        for identifier in ids:
            house.clock.move(timedelta(seconds=10))
            await house.until_over(identifier)
    assert at_rest(tables) == []


async def test_a_raised_limit_lets_those_who_wait_run_at_once(house: House, flows: MemoryFlowStore) -> None:
    ids = await several(house, "limited", 3)
    source = LIMITED.replace("limit: 1", "limit: 2")
    draft = FlowDraft(namespace="test", id="limited", source=source, at=house.clock.now())
    house.registry.put(await flows.save(draft))
    await house.until(ids[1], State.RUNNING)
    assert [house.state(identifier) for identifier in ids] == [State.RUNNING, State.RUNNING, State.QUEUED]
    for identifier in ids:
        house.clock.move(timedelta(seconds=10))
        await house.until_over(identifier)


async def test_a_flow_without_a_limit_lets_all_of_them_run(house: House, flows: MemoryFlowStore) -> None:
    ids = await several(house, "limited", 3)
    source = LIMITED.replace("concurrency: {limit: 1}\n", "")
    house.registry.put(await flows.save(FlowDraft(namespace="test", id="limited", source=source, at=house.clock.now())))
    await house.until(ids[2], State.RUNNING)
    house.clock.move(timedelta(seconds=20))
    for identifier in ids:
        await house.until_over(identifier)


@pytest.mark.parametrize("stored", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", COMMITS)
async def test_a_failed_commit_leaks_no_slot(
    tmp_path: Path, flows: MemoryFlowStore, commit: int, *, stored: bool
) -> None:
    journal = Failing(Tables(), at=commit, stored=stored)
    house = House(tmp_path, tables=journal.tables, flows=flows, clock=ManualClock(), journal=journal)
    async with house.running():
        created = await asyncio.gather(*(house.create("working") for _ in range(5)))
        for one in created:
            assert (await house.until_over(one.created.id)).state.current is State.SUCCESS
    assert at_rest(house.tables) == []
