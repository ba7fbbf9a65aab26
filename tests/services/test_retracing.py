"""What a real executor has stored is what its history comes to when it is told again (executor.md §9, invariant 14)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from tests.services.house import House, with_flows

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.engine.events import Restart
from tiercel.model.execution import Execution
from tiercel.model.states import State
from tiercel.ports.journal import Batch
from tiercel.services.history import InstantRuns
from tiercel.services.retracing import Retracing
from tiercel.services.slices import SMALL_SLICE
from tiercel.services.trace import Page, differences, pages

CHILD = """
id: child
namespace: test
inputs: [{id: word, type: STRING}]
tasks: [{id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.word }} {{ uuid() }} {{ now() }}"}]
outputs: [{id: said, type: STRING, value: "{{ outputs.say.value }}"}]
"""
BUSY = """
id: busy
namespace: test
inputs: [{id: secret, type: SECRET, defaults: hush-hush}]
tasks:
  - {id: asks, type: io.kestra.plugin.core.debug.Return, format: "{{ kv('a') }} {{ uuid() }}"}
  - {id: opens, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.secret }}"}
  - {id: works, type: io.test.Talkative}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b]
    concurrencyLimit: 2
    tasks:
      - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: test, flowId: child, wait: true,
         inputs: {word: "{{ item.value }}"}}
    outputs: [{id: said, type: STRING, value: "{{ outputs.sub.outputs.said }}"}]
  - {id: vars, type: io.kestra.plugin.core.execution.SetVariables, variables: {x: "{{ outputs.asks.value }}"}}
outputs: [{id: kept, type: SECRET, value: "{{ inputs.secret }}"}]
"""
WIDE = """
id: wide
namespace: test
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{ range(1, 300) }}"
    concurrencyLimit: 0
    tasks: [{id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}"}]
"""
FAILING = """
id: failing
namespace: test
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: "{{ uuid() }}"}
  - {id: boom, type: io.kestra.plugin.core.execution.Fail}
"""
NAPPING = """
id: napping
namespace: test
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b]
    tasks: [{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}]
"""


class KeptJournal(MemoryJournal):
    """Keeps the trace of what it stores."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.lines: list[bytes] = []

    async def commit(self, batch: Batch) -> None:
        await super().commit(batch)
        self.lines += pages(batch)


@pytest.fixture
def journal() -> KeptJournal:
    return KeptJournal(Tables())


@pytest.fixture
async def house(tmp_path: Path, journal: KeptJournal) -> AsyncIterator[House]:
    flows = await with_flows(CHILD, BUSY, WIDE, FAILING, NAPPING)
    made = House(tmp_path, tables=journal.tables, flows=flows, clock=ManualClock(), journal=journal)
    made.world.values["kv"] = "answer"
    async with made.running():
        yield made


def told_again(house: House, journal: KeptJournal) -> list[Page]:
    """The pages of the trace, each of which comes to the same again."""
    contexts = {(one.namespace, one.id): house.registry.deployed(one).context for one in house.registry.all()}
    retracing = Retracing(contexts, run=InstantRuns(house.runner))
    found = [msgspec.json.decode(line, type=Page) for line in journal.lines]
    told = [retraced for page in found for retraced in retracing.tell(page)]
    assert retracing.left() == []
    assert len(told) == len(found)
    assert [different for retraced in told for different in differences(*retraced)] == []
    return found


async def test_tasks_loops_subflows_answers_and_secrets(house: House, journal: KeptJournal) -> None:
    execution = await house.run("busy")
    assert execution.state.current is State.SUCCESS, house.states(execution.id)
    assert len({page.execution_id for page in told_again(house, journal)}) == 5


async def test_slices_that_were_small_beside_a_neighbour(house: House, journal: KeptJournal) -> None:
    other, execution = await asyncio.gather(house.run("failing"), house.run("wide"))
    assert (execution.state.current, other.state.current) == (State.SUCCESS, State.FAILED)
    slices = {size for page in told_again(house, journal) for size in page.handled.slices.values()}
    assert slices == {SMALL_SLICE, 0}


async def test_a_restart(house: House, journal: KeptJournal) -> None:
    execution: Execution = await house.run("failing")
    told = await house.executor.tell(execution.id, Restart(*house.executor.moment()))
    assert told.ignored is None
    await house.until_over(execution.id)
    events = [type(event).__name__ for page in told_again(house, journal) for event in page.handled.events]
    assert events.count("Ran") == 3
    assert "Restart" in events


async def test_a_kill(house: House, journal: KeptJournal) -> None:
    identifier = (await house.create("napping")).created.id
    await house.kill(identifier)
    await house.until_over(identifier)
    assert house.state(identifier) is State.KILLED
    assert len({page.execution_id for page in told_again(house, journal)}) == 2
