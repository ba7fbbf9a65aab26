"""The executor: one commit where one is enough, answers after the commit, slices, children, jobs, timers, kills."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.house import House, at_rest, with_flows

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.engine.events import AnyEvent, Kill
from tiercel.model.states import State
from tiercel.ports.journal import Batch, MessageRow
from tiercel.ports.mailbox import Letter, Reply
from tiercel.services import departures, desk
from tiercel.services.broadcaster import Frame
from tiercel.services.creator import FlowDisabled, InvalidInputs, NoSuchFlow
from tiercel.services.records import read_events
from tiercel.services.residents import NoSuchExecution

INSTANT = """
id: instant
namespace: test
inputs: [{id: name, type: STRING, defaults: World}]
tasks:
  - {id: make, type: io.kestra.plugin.core.output.OutputValues, values: {message: "Hello {{ inputs.name }}"}}
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.make.values.message }}"}
"""
FANOUT = """
id: fanout
namespace: test
inputs: [{id: n, type: INT}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, inputs.n) }}"
    concurrencyLimit: 0
    tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: "hello {{ taskrun.value }}"}]
"""
APART = """
id: apart
namespace: test
inputs: [{id: n, type: INT}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.Loop
    values: "{{ range(1, inputs.n) }}"
    concurrencyLimit: 0
    tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: "hello {{ item.value }}"}]
"""
PARENT = """
id: parent
namespace: test
tasks:
  - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: test, flowId: instant, wait: true, inputs: {name: you}}
  - {id: after, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.sub.executionId }}"}
"""
ORPHAN = """
id: orphan
namespace: test
tasks: [{id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: test, flowId: nobody}]
"""
NAP = """
id: nap
namespace: test
tasks: [{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}]
"""
NAPPING_PARENT = """
id: napping_parent
namespace: test
tasks: [{id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: test, flowId: nap, wait: true}]
"""
ASKS = """
id: asks
namespace: test
tasks:
  - {id: gate, type: io.kestra.plugin.core.log.Log, message: hi, runIf: "{{ kv('switch') }}"}
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "{{ kv('switch') }}"}
"""
DEFAULTS = """
id: defaults
namespace: test
inputs: [{id: key, type: STRING, defaults: "{{ kv('switch') }}"}]
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.key }}"}]
"""
DISABLED = """
id: disabled
namespace: test
disabled: true
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: no}]
"""
WORK = """
id: work
namespace: test
tasks:
  - {id: one, type: io.test.Talkative, lines: 2}
  - {id: two, type: io.test.Talkative, lines: 3}
"""
PATIENT = """
id: patient
namespace: test
tasks: [{id: wait, type: io.test.Patient}]
"""
FLOWS = (WORK, PATIENT, INSTANT, FANOUT, APART, PARENT, ORPHAN, NAP, NAPPING_PARENT, ASKS, DEFAULTS, DISABLED)


class CountedJournal(MemoryJournal):
    """Remembers the batches."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.batches: list[Batch] = []

    async def commit(self, batch: Batch) -> None:
        await super().commit(batch)
        self.batches.append(batch)


@pytest.fixture
async def flows() -> MemoryFlowStore:
    return await with_flows(*FLOWS)


@pytest.fixture
def journal() -> CountedJournal:
    return CountedJournal(Tables())


@pytest.fixture
async def house(tmp_path: Path, flows: MemoryFlowStore, journal: CountedJournal) -> AsyncIterator[House]:
    house = House(tmp_path, tables=journal.tables, flows=flows, clock=ManualClock(), journal=journal)
    async with house.running():
        yield house


async def test_two_instant_tasks_are_one_commit(house: House, journal: CountedJournal) -> None:
    creation = await house.create("instant", name="you")
    [batch] = journal.batches
    assert (len(batch.created), len(batch.runs_created), len(batch.updated), len(batch.runs_updated)) == (1, 2, 0, 0)
    assert [row.message for row in batch.logs] == ["Hello you"]
    assert house.state(creation.created.id) is State.SUCCESS
    assert at_rest(house.tables) == []


async def test_the_answer_shows_the_execution_as_created_and_after_its_first_decision(house: House) -> None:
    creation = await house.create("instant")
    assert creation.created.state.current is State.CREATED
    assert [moment.state for moment in creation.first.state.histories] == [State.CREATED, State.RUNNING]


async def test_executions_that_come_at_once_share_commits(house: House, journal: CountedJournal) -> None:
    await asyncio.gather(*(house.create("instant") for _ in range(100)))
    assert len(journal.batches) < 10
    assert len(house.tables.executions) == 100
    assert at_rest(house.tables) == []


async def test_labels_say_where_the_chain_began_and_who_asked(house: House) -> None:
    identifier = (await house.create("instant")).created.id
    row = house.tables.executions[identifier]
    assert row.labels == [f"system.correlationId:{identifier}", "system.from:api"]
    assert row.correlation_id is None


@pytest.mark.parametrize(
    ("flow_id", "refusal"), [("nobody", NoSuchFlow), ("disabled", FlowDisabled), ("fanout", InvalidInputs)]
)
async def test_what_cannot_run_is_refused_and_nothing_stored(
    house: House, flow_id: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await house.create(flow_id)
    assert house.tables.executions == {}


async def test_a_fan_out_goes_in_slices_and_ends(house: House, journal: CountedJournal) -> None:
    execution = await house.run("fanout", n="2500")
    assert execution.state.current is State.SUCCESS
    assert len(house.tables.task_runs[execution.id]) == 2501
    assert len(house.tables.logs) == 2500
    assert max(batch.size() for batch in journal.batches) < 8 * 1024
    assert all(row.marked for batch in journal.batches[:-1] for row in (*batch.created, *batch.updated))
    assert at_rest(house.tables) == []


async def test_each_instant_task_of_a_fan_out_is_written_once(house: House, journal: CountedJournal) -> None:
    await house.run("fanout", n="2500")
    assert sum(len(batch.runs_created) for batch in journal.batches) == 2501
    assert {row.task_id for batch in journal.batches for row in batch.runs_updated} == {"each"}


async def test_lines_of_what_is_stored_make_no_batch_larger(
    house: House, journal: CountedJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "FULL", 64)
    await house.run("apart", n="200")
    written = [len(batch.updated) for batch in journal.batches[1:]]
    assert max(written) <= 2 * written[0], written


async def test_others_get_their_turn_beside_a_fan_out(house: House) -> None:
    large = await house.create("fanout", n="5000")
    small = await house.run("instant")
    assert small.state.current is State.SUCCESS
    assert house.state(large.created.id) is State.RUNNING


async def test_a_subflow_is_created_run_and_told_in_the_commit_of_its_parent(
    house: House, journal: CountedJournal
) -> None:
    execution = await house.run("parent")
    [batch] = journal.batches
    child = next(row for row in batch.created if row.id != execution.id)
    assert (len(batch.created), child.cause_id, child.correlation_id) == (2, execution.id, execution.id)
    assert child.id in [row.message for row in batch.logs]
    assert at_rest(house.tables) == []


async def test_a_parent_that_left_memory_is_told_in_the_commit_of_the_childs_end(
    house: House, journal: CountedJournal
) -> None:
    parent = (await house.create("napping_parent")).created.id
    house.executor._desk.residents.clear()
    house.clock.move(timedelta(hours=1))
    await house.until_over(parent)
    ends = [{row.id for row in batch.updated if not row.live} for batch in journal.batches]
    assert ends == [set(), set(house.tables.executions)]
    assert at_rest(house.tables) == []


async def test_children_that_left_memory_are_killed_in_the_commit_of_the_kill(
    house: House, journal: CountedJournal
) -> None:
    parent = (await house.create("napping_parent")).created.id
    house.executor._desk.residents.clear()
    await house.kill(parent)
    ends = [{row.id for row in batch.updated if not row.live} for batch in journal.batches]
    assert ends == [set(), set(house.tables.executions)]
    assert at_rest(house.tables) == []


async def test_a_subflow_that_is_not_there_fails_its_task(house: House) -> None:
    execution = await house.run("orphan")
    assert execution.state.current is State.FAILED
    assert at_rest(house.tables) == []


async def test_a_timer_fires_when_its_time_has_come(house: House) -> None:
    identifier = (await house.create("nap")).created.id
    assert [key[0] for key in house.tables.timers] == [identifier]
    house.clock.move(timedelta(hours=1))
    assert (await house.until_over(identifier)).state.current is State.SUCCESS
    assert at_rest(house.tables) == []


async def test_a_kill_always_ends(house: House) -> None:
    identifier = (await house.create("nap")).created.id
    await house.kill(identifier)
    assert (await house.until_over(identifier)).state.current is State.KILLED
    assert at_rest(house.tables) == []


async def test_a_kill_reaches_the_children(house: House) -> None:
    identifier = (await house.create("napping_parent")).created.id
    await house.kill(identifier)
    assert (await house.until_over(identifier)).state.current is State.KILLED
    assert {house.state(row) for row in house.tables.executions} == {State.KILLED}
    assert at_rest(house.tables) == []


async def test_an_event_for_nobody_is_answered(house: House) -> None:
    with pytest.raises(NoSuchExecution):
        await house.kill("0Vc1cSFX1DR5iAYDUFajKG")


async def test_a_late_event_is_answered_with_the_reason(house: House) -> None:
    identifier = (await house.create("instant")).created.id
    assert (await house.kill(identifier)).ignored


async def test_a_question_to_the_world_parks_the_execution_and_not_the_others(
    house: House, journal: CountedJournal
) -> None:
    house.world.values["kv"] = "true"
    house.world.gate.clear()
    asking = await house.create("asks")
    assert house.state(asking.created.id) is State.RUNNING
    assert house.tables.executions[asking.created.id].marked
    assert (await house.run("instant")).state.current is State.SUCCESS
    house.world.gate.set()
    assert (await house.until_over(asking.created.id)).state.current is State.SUCCESS
    assert not house.tables.executions[asking.created.id].marked
    assert at_rest(house.tables) == []


async def test_a_quick_answer_of_the_world_costs_no_commit(
    house: House, journal: CountedJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What counts as quick must not depend on how busy this machine is.
    monkeypatch.setattr(departures, "PATIENCE", 30)
    house.world.values["kv"] = "true"
    execution = await house.run("asks")
    assert len(journal.batches) == 1
    assert house.states(execution.id) == {"gate": State.SUCCESS, "say": State.SUCCESS}


async def test_defaults_of_inputs_may_ask_the_world(house: House) -> None:
    house.world.values["kv"] = "answer"
    await house.run("defaults")
    assert [row.message for row in house.tables.logs] == ["answer"]


async def test_the_history_holds_what_cannot_be_computed_again(house: House) -> None:
    house.world.values["kv"] = "true"
    execution = await house.run("asks")
    handled = [event for row in house.tables.events[execution.id].values() for event in read_events(row).events]
    assert [type(event).__name__ for event in handled] == ["Created", "Evaluated", "Ran", "Done"]


async def test_jobs_of_a_worker_here_are_rows_until_they_end(house: House, journal: CountedJournal) -> None:
    execution = await house.run("work")
    assert execution.state.current is State.SUCCESS
    jobs = [job for batch in journal.batches for job in batch.jobs]
    assert [(job.ord, job.attempt, job.worker) for job in jobs] == [(0, 1, journal.epoch), (1, 1, journal.epoch)]
    assert [moment.state for moment in house.runs(execution.id)[0].state.histories] == [
        State.CREATED,
        State.SUBMITTED,
        State.RUNNING,
        State.SUCCESS,
    ]
    assert at_rest(house.tables) == []


async def test_a_short_job_costs_one_commit(house: House, journal: CountedJournal) -> None:
    await house.run("work")
    assert len(journal.batches) == 3


async def test_a_long_job_is_shown_running(house: House) -> None:
    identifier = await begun(house)
    assert house.states(identifier) == {"wait": State.RUNNING}


async def test_a_kill_stops_the_job_and_waits_for_its_word(house: House) -> None:
    identifier = await begun(house)
    await house.kill(identifier)
    assert (await house.until_over(identifier)).state.current is State.KILLED
    assert house.states(identifier) == {"wait": State.KILLED}
    assert at_rest(house.tables) == []


class Letters:
    """A mailbox of letters that a test writes."""

    def __init__(self, tables: Tables) -> None:
        self._coming: asyncio.Queue[list[Letter]] = asyncio.Queue()
        self._tables = tables
        self.gone: list[int] = []
        self.news = asyncio.Event()

    def write(self, number: int, execution_id: str, event: AnyEvent) -> None:
        self._tables.messages[number] = MessageRow(0, 0, execution_id, b"")
        self._coming.put_nowait([Letter(number, execution_id, event, Reply("here", number))])

    async def letters(self) -> AsyncIterator[list[Letter]]:
        while True:
            yield await self._coming.get()

    def handled(self, ids: Iterable[int]) -> None:
        self.gone += ids
        self.news.set()


async def test_a_letter_is_gone_with_the_commit_of_what_it_led_to(house: House, journal: CountedJournal) -> None:
    identifier = (await house.create("nap")).created.id
    mailbox = Letters(house.tables)
    reading = asyncio.create_task(house.executor.read(mailbox))
    for number, target in enumerate((identifier, identifier, "0Vc1cSFX1DR5iAYDUFajKG"), start=1):
        mailbox.write(number, target, Kill(*house.executor.moment()))
    while len(mailbox.gone) < 3:
        mailbox.news.clear()
        await mailbox.news.wait()
    reading.cancel()
    await asyncio.wait([reading])
    assert house.state(identifier) is State.KILLED
    assert house.tables.messages == {}
    told = [json.loads(body) for batch in journal.batches for _, body in batch.notices]
    assert {answer["question"]: "refused" in answer for answer in told} == {1: False, 2: True, 3: True}


async def begun(house: House) -> str:
    """An execution whose job is under way."""
    identifier = (await house.create("patient")).created.id
    with house.broadcaster.follow(identifier) as follower:
        async for piece in follower.news():
            if isinstance(piece, Frame) and piece.runs and piece.runs[0].state.current is State.RUNNING:
                break
    return identifier
