"""Flows that listen to others: started in the same commit as what they heard, once, also across a crash."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.services.house import House, at_rest, with_flows

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.model.execution import Execution
from tiercel.model.log import Level
from tiercel.model.sealed import is_sealed
from tiercel.model.states import State
from tiercel.ports.journal import Batch, JournalError
from tiercel.services.records import read_execution

Open = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    @asynccontextmanager
    async def open_house(
        *sources: str, tables: Tables | None = None, start: datetime = START, **given: Any
    ) -> AsyncIterator[House]:
        flows, kept = await with_flows(*sources), tables or Tables()
        async with House(tmp_path, tables=kept, flows=flows, clock=ManualClock(start), **given).running() as house:
            yield house

    return open_house


def upstream(flow_id: str, *, task: str = "core.debug.Return, format: '{{ 41 + 1 }}'", more: str = "") -> str:
    return f"id: {flow_id}\nnamespace: test\n{more}\ntasks:\n  - {{id: only, type: {task}}}\n"


def listener(trigger: str, *, more: str = "", message: str = "{{ trigger.flowId }} {{ trigger.state }}") -> str:
    return f"""
id: listener
namespace: test
{more}
tasks:
  - id: heard
    type: core.debug.Return
    format: "{message}"
triggers:
  - id: listen
    type: io.kestra.plugin.core.trigger.Flow
{trigger}
"""


DEPENDS = "    dependsOn: [{namespace: test, flowId: a}]"
BOTH = "    dependsOn: [{namespace: test, flowId: a}, {namespace: test, flowId: b}]"


def started(house: House) -> list[Execution]:
    rows = sorted(house.tables.executions.values(), key=lambda row: row.id)
    executions = [read_execution(row) for row in rows]
    return [execution for execution in executions if execution.flow_id == "listener"]


async def settle(house: House) -> list[Execution]:
    """The executions that listening started, when all of them are over."""
    return [await house.until_over(execution.id) for execution in started(house)]


def said(house: House, execution: Execution) -> Any:
    return (house.runs(execution.id)[0].outputs or {}).get("value")


async def test_a_flow_is_started_when_the_other_one_ends(opened: Open) -> None:
    async with opened(upstream("a"), upstream("b"), listener(DEPENDS)) as house:
        await house.run("b")
        source = await house.run("a")
        [execution] = await settle(house)
        assert said(house, execution) == "a SUCCESS"
        assert execution.trigger is not None
        assert execution.trigger.variables["executionId"] == source.id
        assert (execution.cause_id, execution.state.current) == (source.id, State.SUCCESS)
        labels = {label.key: label.value for label in execution.labels}
        assert labels["system.correlationId"] == source.id
        assert labels["system.from"] == "trigger"
        assert at_rest(house.tables) == []


async def test_a_label_that_cannot_be_rendered_is_left_out_and_the_log_says_so(opened: Open) -> None:
    labels = DEPENDS + '\n    labels: {by: "{{ trigger.id }}", odd: "{{ nothing.there }}"}'
    async with opened(upstream("a"), listener(labels)) as house:
        await house.run("a")
        [execution] = await settle(house)
        own = {label.key: label.value for label in execution.labels if not label.key.startswith("system.")}
        assert own == {"by": "listen"}
        rows = [row for row in house.tables.logs if row.execution_id == execution.id and "odd" in row.message]
        assert [row.level for row in rows] == [Level.WARN]


async def test_a_failure_is_heard_by_whoever_waits_for_failures(opened: Open) -> None:
    failing = upstream("a", task="core.execution.Fail")
    only_failures = listener("    states: [FAILED]\n" + DEPENDS, message="{{ trigger.firstFailedTaskId }}")
    async with opened(failing, only_failures) as house:
        await house.run("a")
        assert [said(house, execution) for execution in await settle(house)] == ["only"]


async def test_plugin_defaults_say_what_is_heard(opened: Open) -> None:
    kind = "io.kestra.plugin.core.trigger.Flow"
    more = f"pluginDefaults: [{{type: {kind}, values: {{states: [RUNNING]}}}}]"
    async with opened(upstream("a"), listener(DEPENDS, more=more)) as house:
        await house.run("a")
        assert [said(house, execution) for execution in await settle(house)] == ["a RUNNING"]


async def test_each_state_on_the_way_is_heard(opened: Open) -> None:
    on_the_way = listener("    states: [RUNNING, SUCCESS]\n" + DEPENDS)
    async with opened(upstream("a"), on_the_way) as house:
        await house.run("a")
        assert sorted(str(said(house, execution)) for execution in await settle(house)) == ["a RUNNING", "a SUCCESS"]


async def test_outputs_of_flow_and_tasks_become_inputs(opened: Open) -> None:
    outputs = 'outputs: [{id: rows, type: INT, value: "{{ outputs.only.value }}"}]'
    inputs = "inputs: [{id: rows, type: INT}, {id: text, type: STRING}]"
    given = (
        DEPENDS
        + '\n    inputs:\n      rows: "{{ trigger.outputs.rows }}"\n      text: "{{ outputs.only.value }} of it"'
    )
    async with opened(
        upstream("a", more=outputs), listener(given, more=inputs, message="{{ inputs.rows + 1 }} {{ inputs.text }}")
    ) as house:
        await house.run("a")
        assert [said(house, execution) for execution in await settle(house)] == ["43 42 of it"]


async def test_a_secret_output_becomes_a_secret_input(opened: Open) -> None:
    outputs = 'outputs: [{id: token, type: SECRET, value: "hunter{{ outputs.only.value }}"}]'
    inputs = "inputs: [{id: token, type: SECRET}]"
    given = DEPENDS + '\n    inputs: {token: "{{ trigger.outputs.token }}"}'
    message = "{{ inputs.token }} {{ trigger.outputs.token }}"
    async with opened(upstream("a", more=outputs), listener(given, more=inputs, message=message)) as house:
        await house.run("a")
        [execution] = await settle(house)
        assert is_sealed(execution.inputs["token"])
        assert said(house, execution) == "hunter42 hunter42"


async def test_inputs_that_cannot_be_had_give_an_execution_that_has_failed(opened: Open) -> None:
    given = DEPENDS + '\n    inputs: {rows: "{{ trigger.outputs.nothing }}"}'
    async with opened(upstream("a"), listener(given, more="inputs: [{id: rows, type: INT}]")) as house:
        await house.run("a")
        [execution] = started(house)
        assert execution.state.current is State.FAILED
        [line] = [row.message for row in house.tables.logs if row.execution_id == execution.id]
        assert "the inputs of trigger `listen` do not fit" in line


async def test_several_must_have_come_and_then_begin_anew(opened: Open) -> None:
    async with opened(upstream("a"), upstream("b"), listener(BOTH)) as house:
        for flow_id in "aab":
            await house.run(flow_id)
        assert len(await settle(house)) == 1
        await house.run("a")
        assert len(started(house)) == 1
        await house.run("b")
        assert len(await settle(house)) == 2
        assert at_rest(house.tables) == []


async def test_what_has_come_outlives_the_process(opened: Open) -> None:
    tables = Tables()
    sources = (upstream("a"), upstream("b"), listener(BOTH))
    async with opened(*sources, tables=tables) as house:
        await house.run("a")
        assert len(tables.windows) == 1
    async with opened(*sources, tables=tables, start=START + timedelta(hours=1)) as house:
        await house.run("b")
        assert len(await settle(house)) == 1


async def test_a_condition_may_ask_the_world(opened: Open) -> None:
    asking = listener(DEPENDS + "\n    when: \"{{ kv('go') }}\"")
    async with opened(upstream("a"), asking) as house:
        house.world.values["kv"] = "true"
        await house.run("a")
        assert len(await settle(house)) == 1
        house.world.values["kv"] = "false"
        await house.run("a")
        assert len(started(house)) == 1


async def test_an_input_of_the_flow_may_ask_the_world(opened: Open) -> None:
    asks = "inputs: [{id: asked, type: STRING, defaults: \"{{ kv('answer') }}\"}]"
    async with opened(upstream("a"), listener(DEPENDS, more=asks, message="{{ inputs.asked }}")) as house:
        house.world.values["kv"] = "forty-two"
        await house.run("a")
        [heard] = await settle(house)
        assert said(house, heard) == "forty-two"


async def test_attempts_of_tasks_that_have_ended_count_too(opened: Open) -> None:
    retried = "    conditions: [{type: core.condition.HasRetryAttempt, in: [FAILED]}]\n"
    retrying = upstream(
        "a", task="core.execution.Fail, allowFailure: true, retry: {type: constant, interval: PT0S, maxAttempts: 2}"
    )
    async with opened(retrying, upstream("b"), listener(retried)) as house:
        await house.run("b")
        await house.run("a")
        assert [said(house, execution) for execution in await settle(house)] == ["a WARNING"]


@pytest.mark.parametrize("off", ["disabled: true", "triggers-off"])
async def test_what_is_switched_off_hears_nothing(opened: Open, off: str) -> None:
    quiet = listener(DEPENDS, more=off) if off != "triggers-off" else listener(DEPENDS + "\n    disabled: true")
    async with opened(upstream("a"), quiet) as house:
        await house.run("a")
        assert started(house) == []


async def test_a_flow_that_is_saved_anew_listens_to_what_it_says_now(opened: Open) -> None:
    async with opened(upstream("a"), upstream("b"), listener(DEPENDS)) as house:
        changed = await with_flows(upstream("a"), listener(DEPENDS.replace("flowId: a", "flowId: b")))
        stored = await changed.get(tenant="main", namespace="test", flow_id="listener")
        known = house.registry.latest("main", "test", "listener")
        assert stored is not None
        assert known is not None
        house.registry.put(msgspec.structs.replace(stored, revision=known.revision + 1, place=known.place))
        await house.run("a")
        assert started(house) == []


class Stumbling(MemoryJournal):
    """Loses one commit, the first in which a listening flow is created."""

    has_stumbled = False

    async def commit(self, batch: Batch) -> None:
        if len(batch.created) > 1 and not self.has_stumbled:
            self.has_stumbled = True
            raise JournalError("the connection is lost")
        await super().commit(batch)


async def test_a_lost_commit_starts_the_flow_once_all_the_same(opened: Open) -> None:
    tables = Tables()
    sources = (upstream("a"), listener(DEPENDS))
    async with opened(*sources, tables=tables, journal=Stumbling(tables)) as house:
        await house.run("a")
        assert len(await settle(house)) == 1
        assert at_rest(tables) == []
