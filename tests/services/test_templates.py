"""Executions of flows with templates: what they run, that they go on with it, and what a change means for the others."""

from pathlib import Path

import pytest
from tests.services.house import House, with_flows

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.journal import Tables
from tiercel.adapters.memory.templates import MemoryTemplateStore
from tiercel.engine.events import Resume
from tiercel.model.states import State
from tiercel.ports.templates import TemplateDraft

FLOW = """
id: uses
namespace: test
inputs: [{id: name, type: STRING, defaults: Ada}]
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
  - id: call
    type: io.kestra.plugin.core.flow.Template
    namespace: test
    templateId: steps
    args: {who: "{{ inputs.name }}"}
"""
RETURN = "io.kestra.plugin.core.debug.Return"
FIRST = f'{{id: said, type: {RETURN}, format: "{{{{ parent.outputs.args.who }}}}"}}'


def a_house(folder: Path, tables: Tables, flows: MemoryFlowStore, templates: MemoryTemplateStore) -> House:
    """Later than whatever there is: the dice fall the same way again, and ids name their time."""
    clock = ManualClock(START.replace(second=len(tables.executions)))
    return House(folder, tables=tables, flows=flows, clock=clock, templates=templates)


@pytest.fixture
async def flows() -> MemoryFlowStore:
    return await with_flows(FLOW)


@pytest.fixture
async def templates() -> MemoryTemplateStore:
    store = MemoryTemplateStore()
    await save(store, FIRST)
    return store


async def save(store: MemoryTemplateStore, *tasks: str) -> None:
    source = f"id: steps\nnamespace: test\ntasks: [{', '.join(tasks)}]"
    await store.save(TemplateDraft(namespace="test", id="steps", source=source, at=START))


async def paused(house: House) -> str:
    identifier = (await house.create("uses")).created.id
    await house.until(identifier, State.PAUSED)
    return identifier


async def resumed(house: House, identifier: str) -> list[tuple[str, State]]:
    await house.executor.tell(identifier, Resume(*house.executor.moment()))
    await house.until_over(identifier)
    return [(run.task_id, run.state.current) for run in house.runs(identifier)]


async def test_the_tasks_of_a_template_run_below_it_and_see_its_args(
    tmp_path: Path, flows: MemoryFlowStore, templates: MemoryTemplateStore
) -> None:
    async with a_house(tmp_path, Tables(), flows, templates).running() as house:
        identifier = await paused(house)
        await resumed(house, identifier)
        _, call, said = house.runs(identifier)
        assert call.outputs == {"args": {"who": "Ada"}}
        assert (said.task_id, said.parent_task_run_id, said.outputs) == ("said", call.id, {"value": "Ada"})


async def test_an_execution_goes_on_with_the_template_it_began_with(
    tmp_path: Path, flows: MemoryFlowStore, templates: MemoryTemplateStore
) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows, templates).running() as house:
        old = await paused(house)
    await save(templates, f"{{id: other, type: {RETURN}, format: x}}")
    async with a_house(tmp_path, tables, flows, templates).running() as house:
        new = await paused(house)
        assert [task for task, _ in await resumed(house, old)] == ["wait", "call", "said"]
        assert [task for task, _ in await resumed(house, new)] == ["wait", "call", "other"]


async def test_it_goes_on_with_it_though_the_template_is_deleted(
    tmp_path: Path, flows: MemoryFlowStore, templates: MemoryTemplateStore
) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows, templates).running() as house:
        old = await paused(house)
    await templates.delete(tenant="main", namespace="test", template_id="steps", at=START)
    async with a_house(tmp_path, tables, flows, templates).running() as house:
        new = await paused(house)
        assert (await resumed(house, old))[-1] == ("said", State.SUCCESS)
        assert (await resumed(house, new))[-1] == ("call", State.FAILED)


async def test_a_replay_begins_with_the_template_of_now(
    tmp_path: Path, flows: MemoryFlowStore, templates: MemoryTemplateStore
) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows, templates).running() as house:
        old = await paused(house)
        await resumed(house, old)
    await save(templates, f"{{id: other, type: {RETURN}, format: x}}")
    async with a_house(tmp_path, tables, flows, templates).running() as house:
        call = house.runs(old)[1]
        copy = (await house.executor.replay(old, task_run=call.id)).execution.id
        await house.until_over(copy)
        assert [run.task_id for run in house.runs(copy)] == ["wait", "call", "other"]


async def test_a_change_is_heard(tmp_path: Path, flows: MemoryFlowStore, templates: MemoryTemplateStore) -> None:
    async with a_house(tmp_path, Tables(), flows, templates).running() as house:
        await save(templates, f"{{id: other, type: {RETURN}, format: x}}")
        await house.registry.load()
        identifier = await paused(house)
        assert [task for task, _ in await resumed(house, identifier)] == ["wait", "call", "other"]


TWICE = """
id: twice
namespace: test
tasks:
  - {id: said, type: io.kestra.plugin.core.debug.Return, format: own}
  - {id: one, type: io.kestra.plugin.core.flow.Template, namespace: test, templateId: steps, args: {who: Ada}}
  - {id: two, type: io.kestra.plugin.core.flow.Template, namespace: test, templateId: steps, args: {who: Bob}}
outputs:
  - {id: all, type: JSON, value: "{{ [outputs.said.value, outputs.told.value, outputs.two_told.value] }}"}
  - {id: parts, type: JSON, value: "{{ [outputs.read.value, outputs.two_read.value] }}"}
"""
TOLD = f'{{id: told, type: {RETURN}, format: "{{{{ outputs.said.value }}}} was told, {{{{ tasks.said.state }}}}"}}'
DIRECTORY = f"""
{{id: folder, type: io.kestra.plugin.core.flow.WorkingDirectory, tasks: [
  {{id: wrote, type: {RETURN}, format: "{{{{ outputs.said.value }}}}"}},
  {{id: read, type: {RETURN}, format: "{{{{ outputs.wrote.value }}}} was read, {{{{ tasks.wrote.state }}}}"}}]}}
"""


async def test_each_use_of_a_template_sees_the_outputs_of_its_own_tasks(tmp_path: Path) -> None:
    flows, templates = await with_flows(TWICE), MemoryTemplateStore()
    await save(templates, FIRST, TOLD, DIRECTORY)
    async with a_house(tmp_path, Tables(), flows, templates).running() as house:
        ended = await house.run("twice")
    assert ended.outputs == {
        "all": ["own", "Ada was told, SUCCESS", "Bob was told, SUCCESS"],
        "parts": ["Ada was read, SUCCESS", "Bob was read, SUCCESS"],
    }
