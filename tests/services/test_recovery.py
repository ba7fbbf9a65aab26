"""Nothing accepted is lost and everything ends, at whichever commit the journal fails or the process dies."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.house import House, at_rest, with_flows
from tests.services.test_executor import ASKS, FANOUT, INSTANT, NAP, NAPPING_PARENT, PARENT, PATIENT, WORK, begun

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.engine.events import Kill
from tiercel.model.states import State
from tiercel.ports.journal import Batch, JournalError
from tiercel.ports.logs import LogQuery
from tiercel.services.creator import Wish
from tiercel.services.executor import Overloaded
from tiercel.services.loader import Loader
from tiercel.services.residents import Resident
from tiercel.services.suspects import Suspects

FLOWS = (INSTANT, FANOUT, PARENT, ASKS, WORK, NAP, PATIENT)
COMMITS = range(1, 13)
"""More than the workload below needs when nothing fails."""


class Failing(MemoryJournal):
    """Fails at the n-th commit: before it is stored, or after, when the answer is lost."""

    def __init__(self, tables: Tables, *, at: int, stored: bool) -> None:
        super().__init__(tables)
        self._left = at
        self._stored = stored

    def fail_next(self) -> None:
        self._left = 1

    async def commit(self, batch: Batch) -> None:
        # A real journal is not done at once: other events come meanwhile.
        await asyncio.sleep(0)
        self._left -= 1
        if self._left != 0:
            await super().commit(batch)
            return
        if self._stored:
            await super().commit(batch)
        raise JournalError("the connection was lost")


class Dying(MemoryJournal):
    """Hangs for ever from the n-th commit on, as if the process were gone by then."""

    def __init__(self, tables: Tables, *, at: int) -> None:
        super().__init__(tables)
        self._left = at
        self.died = asyncio.Event()

    async def commit(self, batch: Batch) -> None:
        await asyncio.sleep(0)
        self._left -= 1
        if self._left <= 0:
            self.died.set()
            await asyncio.Event().wait()
        await super().commit(batch)


@pytest.fixture
async def flows() -> MemoryFlowStore:
    return await with_flows(*FLOWS)


def a_house(folder: Path, tables: Tables, flows: MemoryFlowStore, journal: MemoryJournal | None = None) -> House:
    house = House(folder, tables=tables, flows=flows, clock=ManualClock(), journal=journal)
    house.world.values["kv"] = "true"
    return house


async def everything(house: House) -> list[str]:
    """A bit of everything at once; the ids that were answered."""
    wanted: list[Awaitable[str]] = [
        *(answered(house, "instant") for _ in range(3)),
        answered(house, "fanout", n="300"),
        answered(house, "parent"),
        answered(house, "asks"),
        answered(house, "work"),
    ]
    return await asyncio.gather(*wanted)


async def answered(house: House, flow_id: str, **inputs: str) -> str:
    return (await house.create(flow_id, **inputs)).created.id


@pytest.mark.parametrize("stored", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", COMMITS)
async def test_a_failed_commit_loses_nothing(
    tmp_path: Path, flows: MemoryFlowStore, commit: int, *, stored: bool
) -> None:
    tables = Tables()
    house = a_house(tmp_path, tables, flows, Failing(tables, at=commit, stored=stored))
    async with house.running():
        accepted = await everything(house)
        for identifier in accepted:
            assert (await house.until_over(identifier)).state.current is State.SUCCESS
    assert len(tables.executions) == 8, "seven accepted ones and one child"
    assert at_rest(tables) == []


@pytest.mark.parametrize("commit", COMMITS)
async def test_a_dead_process_loses_nothing_it_answered(tmp_path: Path, flows: MemoryFlowStore, commit: int) -> None:
    tables = Tables()
    accepted = await until_death(tmp_path, tables, flows, commit, everything)
    async with a_house(tmp_path, tables, flows).running() as house:
        for identifier in list(tables.executions):
            assert (await house.until_over(identifier)).state.current is State.SUCCESS
    assert set(accepted) <= set(tables.executions)
    assert at_rest(tables) == []


async def until_death(
    folder: Path,
    tables: Tables,
    flows: MemoryFlowStore,
    commit: int,
    workload: Callable[[House], Awaitable[list[str]]],
    make: Callable[[Path, Tables, MemoryFlowStore, MemoryJournal], House] = a_house,
) -> list[str]:
    """Let a process work until it dies at a commit, or has nothing more to do; the ids it answered with."""
    journal = Dying(tables, at=commit)
    accepted: list[str] = []

    async def live() -> None:
        async with make(folder, tables, flows, journal).running() as house:
            accepted.extend(await workload(house))
            for identifier in accepted:
                await house.until_over(identifier)

    life = asyncio.create_task(live())
    death = asyncio.create_task(journal.died.wait())
    await asyncio.wait({life, death}, return_when=asyncio.FIRST_COMPLETED)
    for task in (life, death):
        task.cancel()
    await asyncio.wait({life, death})
    return accepted


async def test_a_process_that_dies_again_and_again_gets_everything_done(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    await until_death(tmp_path, tables, flows, 2, everything)
    for _ in range(30):
        await until_death(tmp_path, tables, flows, 2, unfinished)
    async with a_house(tmp_path, tables, flows).running() as house:
        for identifier in list(tables.executions):
            await house.until_over(identifier)
    assert {house.state(identifier) for identifier in tables.executions} == {State.SUCCESS}
    assert at_rest(tables) == []


async def unfinished(house: House) -> list[str]:
    return [row.id for row in house.tables.executions.values() if row.live]


class Comparing(MemoryJournal):
    """After each commit, what memory holds is what the rows say."""

    house: House

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.compared = 0
        self.different: list[tuple[object, object]] = []

    async def commit(self, batch: Batch) -> None:
        await super().commit(batch)
        for row in (*batch.created, *batch.updated):
            resident = self.house.executor._desk.residents.get(row.id)
            if resident is not None and resident.execution is not None and row.live:
                loaded = Resident(row.id)
                await Loader(self, self.house.registry, self.house.clock, Suspects()).load(loaded)
                stored = (loaded.execution, loaded.timed, loaded.valued)
                kept = (resident.execution, resident.timed, resident.valued)
                self.different += [] if stored == kept else [(stored, kept)]
                self.compared += 1


async def test_memory_is_what_the_rows_say_after_each_commit(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    journal = Comparing(tables)
    journal.house = a_house(tmp_path, tables, flows, journal)
    async with journal.house.running() as house:
        for identifier in await everything(house):
            await house.until_over(identifier)
        nap = await answered(house, "nap")
        await house.executor.tell(nap, Kill(*house.executor.moment()))
    assert journal.compared > 5
    assert journal.different == []


async def test_a_job_of_a_lost_process_runs_again_and_says_so(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    await until_death(tmp_path, tables, flows, 2, lambda house: asyncio.gather(answered(house, "work")))
    async with a_house(tmp_path, tables, flows).running() as house:
        [identifier] = tables.executions
        await house.until_over(identifier)
        first = house.runs(identifier)[0]
    assert [attempt.state.current for attempt in first.attempts] == [State.RESUBMITTED, State.SUCCESS]


async def test_a_timer_survives_the_process(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows).running() as house:
        identifier = await answered(house, "nap")
    async with a_house(tmp_path, tables, flows).running() as house:
        house.clock.move(timedelta(hours=2))
        assert (await house.until_over(identifier)).state.current is State.SUCCESS
    assert at_rest(tables) == []


async def test_a_question_is_asked_again_after_a_crash(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    before = a_house(tmp_path, tables, flows)
    before.world.gate.clear()
    async with before.running():
        identifier = await answered(before, "asks")
    async with a_house(tmp_path, tables, flows).running() as after:
        assert (await after.until_over(identifier)).state.current is State.SUCCESS
        assert after.world.asked
    assert at_rest(tables) == []


async def test_a_stop_leaves_a_large_execution_where_it_is_and_the_next_process_ends_it(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows).running() as house:
        identifier = await answered(house, "fanout", n="6000")
    assert tables.executions[identifier].marked
    async with a_house(tmp_path, tables, flows).running() as house:
        await house.until_over(identifier)
    assert len(tables.task_runs[identifier]) == 6001
    assert at_rest(tables) == []


class Down(MemoryJournal):
    """Stores nothing until it is let."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.up = asyncio.Event()
        self.asked = asyncio.Event()

    async def commit(self, batch: Batch) -> None:
        self.asked.set()
        await self.up.wait()
        await super().commit(batch)


async def test_new_executions_are_refused_while_too_much_waits_and_taken_again_afterwards(
    tmp_path: Path, flows: MemoryFlowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiercel.services.executor.MOST_WAITING", 100)
    tables = Tables()
    journal = Down(tables)
    house = a_house(tmp_path, tables, flows, journal)
    async with house.running():
        wanted = [asyncio.create_task(answered(house, "instant")) for _ in range(200)]
        refused = (await asyncio.wait(wanted, return_when=asyncio.FIRST_EXCEPTION))[0]
        assert {type(task.exception()) for task in refused} == {Overloaded}
        journal.up.set()
        answers = await asyncio.gather(*wanted, return_exceptions=True)
        assert house.state(await answered(house, "instant")) is State.SUCCESS
    assert len(tables.executions) == 1 + sum(isinstance(answer, str) for answer in answers)
    assert at_rest(tables) == []


async def test_new_executions_are_refused_while_a_commit_takes_too_long(
    tmp_path: Path, flows: MemoryFlowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = Tables()
    journal = Down(tables)
    house = a_house(tmp_path, tables, flows, journal)
    async with house.running():
        first = asyncio.create_task(answered(house, "instant"))
        await journal.asked.wait()
        monkeypatch.setattr("tiercel.services.executor.SLOWEST", -1.0)
        with pytest.raises(Overloaded):
            await answered(house, "instant")
        journal.up.set()
        await first
        await answered(house, "instant")


async def test_a_kill_that_was_accepted_survives_a_failed_commit(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    house = a_house(tmp_path, tables, flows, Failing(tables, at=2, stored=False))
    async with house.running():
        identifier = await answered(house, "nap")
        told = await house.executor.tell(identifier, Kill(*house.executor.moment()))
        assert told.execution.state.current is State.KILLING
        assert house.state(identifier) is State.KILLED
    assert at_rest(tables) == []


async def test_a_job_that_is_under_way_here_outlives_a_failed_commit(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    journal = Failing(tables, at=0, stored=False)
    house = a_house(tmp_path, tables, flows, journal)
    async with house.running():
        identifier = await begun(house)
        journal.fail_next()
        assert house.state(await answered(house, "instant")) is State.SUCCESS
        await house.executor.tell(identifier, Kill(*house.executor.moment()))
        await house.until_over(identifier)
        [run] = house.runs(identifier)
    assert [attempt.state.current for attempt in run.attempts] == [State.KILLED]
    assert at_rest(tables) == []


async def test_a_job_that_was_killed_while_its_commit_was_under_way_is_not_begun(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    tables = Tables()
    journal = Down(tables)
    house = a_house(tmp_path, tables, flows, journal)
    identifier = house.creator.mint()
    async with house.running():
        wish = Wish(namespace="test", flow_id="patient", id=identifier)
        creation = asyncio.create_task(house.executor.create(wish))
        await journal.asked.wait()
        kill = asyncio.create_task(house.kill(identifier))
        await asyncio.sleep(0)
        journal.up.set()
        await asyncio.gather(creation, kill)
        await house.until_over(identifier)
        assert house.worker.running == 0
        assert not [entry async for entry in house.logs.read(LogQuery(execution_id=identifier))]
    assert at_rest(tables) == []


class Unreachable(Failing):
    """Fails once, and cannot be reached for a while afterwards."""

    refusals = 0

    async def register(self) -> int:
        if self.epoch and self.refusals < 3:
            self.refusals += 1
            raise JournalError("connection refused")
        return await super().register()


async def test_a_journal_that_comes_back_later_finds_everything_waiting(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    journal = Unreachable(tables, at=1, stored=False)
    house = a_house(tmp_path, tables, flows, journal)
    async with house.running():
        work = asyncio.create_task(everything(house))
        while not work.done():
            house.clock.move(timedelta(seconds=1))
            await asyncio.wait([work], timeout=0.01)
        for identifier in await work:
            assert (await house.until_over(identifier)).state.current is State.SUCCESS
    assert journal.refusals == 3
    assert at_rest(tables) == []


async def test_an_execution_whose_flow_is_gone_ends_failed_and_tells_its_parent(
    tmp_path: Path, flows: MemoryFlowStore
) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, await with_flows(NAP, NAPPING_PARENT)).running() as house:
        parent = await answered(house, "napping_parent")
    child = next(identifier for identifier in tables.executions if identifier != parent)
    async with a_house(tmp_path, tables, await with_flows(NAPPING_PARENT)).running() as house:
        told = await house.kill(child)
        assert "gone" in (told.ignored or "")
        assert (await house.until_over(parent)).state.current is State.FAILED
        assert house.state(child) is State.FAILED
    assert "cannot go on" in [row.message for row in tables.logs if row.execution_id == child][-1]
    assert at_rest(tables) == []
