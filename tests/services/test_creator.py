"""Executions are made from wishes: inputs typed, labels in order, ids that sort by time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.services.house import House, with_flows

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.journal import Tables
from tiercel.expression import ExpressionError, Unanswered
from tiercel.model.execution import Label
from tiercel.model.ids import milliseconds_of
from tiercel.model.states import State
from tiercel.services.creator import BlockedByChecks, InvalidInputs, NoSuchFlow, NotInMemory, Wish

FLOW = """
id: flow
namespace: test
labels: {team: data, tier: gold}
inputs:
  - {id: count, type: INT, defaults: 3}
  - {id: day, type: STRING, defaults: "{{ now() | date('yyyy-MM-dd') }}"}
  - {id: asked, type: STRING, required: false}
variables: {greeting: hello}
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: hi}]
"""
ASKING = """
id: asking
namespace: test
inputs: [{id: key, type: STRING, defaults: "{{ vars.greeting }} {{ kv('x') }} {{ flow.id }} {{ randomInt(0, 1000000) }}"}]
variables: {greeting: hello}
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: hi}]
"""

CHECKED = """
id: checked
namespace: test
inputs:
  - {id: count, type: INT}
  - {id: token, type: SECRET, required: false}
checks:
  - {when: "{{ inputs.count < 10 }}", message: "{{ inputs.count }} are too many", style: ERROR}
  - {condition: "{{ inputs.count < 8 }}", message: that will not do, style: WARNING, behavior: FAIL_EXECUTION}
  - {when: "{{ inputs.count < 5 }}", message: a lot, behavior: CREATE_EXECUTION}
  - {when: "{{ inputs.token ?? 'open' != 'stolen' }}", message: "{{ kv('x') }}", style: ERROR}
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: hi}]
"""
INSATIABLE = """
id: insatiable
namespace: test
inputs: [{id: a, type: STRING, defaults: "{% for n in range(1, 2000) %}{{ kv('x' ~ n) }}{% endfor %}"}]
tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: hi}]
"""
PARENT = """
id: parent
namespace: test
tasks: [{id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: test, flowId: checked, inputs: {count: 10}}]
"""


@pytest.fixture
async def house(tmp_path: Path) -> House:
    flows = await with_flows(FLOW, ASKING, CHECKED, INSATIABLE, PARENT, FLOW.replace("message: hi", "message: changed"))
    house = House(tmp_path, tables=Tables(), flows=flows, clock=ManualClock())
    house.world.values["kv"] = "answer"
    await house.registry.load()
    return house


def a_wish(flow_id: str = "flow", **given: Any) -> Wish:
    return Wish(namespace="test", flow_id=flow_id, **given)


async def test_inputs_are_typed_and_defaults_rendered(house: House) -> None:
    made = await house.creator.make(a_wish(inputs={"count": "5", "unknown": "x"}))
    assert made.execution.inputs == {"count": 5, "day": "2026-07-01", "asked": None}
    assert made.unknown_inputs == ("unknown",)
    assert made.execution.flow_revision == 2


async def test_what_is_given_and_not_declared_is_told_in_the_log(house: House) -> None:
    made = await house.creator.make(a_wish(inputs={"unknown": "x"}))
    (note,) = made.notes
    assert (note.level, note.message.partition(" but ")[0]) == (
        "WARN",
        "Input unknown was provided for workflow test.flow",
    )


async def test_all_mistakes_are_told_at_once(house: House) -> None:
    with pytest.raises(InvalidInputs) as raised:
        await house.creator.make(a_wish(inputs={"count": "many", "day": None}))
    assert "count" in raised.value.by_input


async def test_labels_of_the_caller_win_and_the_servers_come_last(house: House) -> None:
    made = await house.creator.make(a_wish(labels=(Label("tier", "silver"), Label("run", "1"))))
    identifier = made.execution.id
    assert [(label.key, label.value) for label in made.execution.labels] == [
        ("team", "data"),
        ("tier", "silver"),
        ("run", "1"),
        ("system.correlationId", identifier),
        ("system.from", "api"),
    ]


async def test_a_chain_keeps_its_correlation(house: House) -> None:
    made = await house.creator.make(a_wish(labels=(Label("system.correlationId", "first"),)))
    assert Label("system.correlationId", "first") in made.execution.labels


async def test_an_older_revision_runs_when_it_is_asked_for(house: House) -> None:
    with pytest.raises(NotInMemory):
        house.creator.make_now(a_wish(revision=1))
    assert (await house.creator.make(a_wish(revision=1))).execution.flow_revision == 1
    assert house.creator.make_now(a_wish(revision=1)).execution.flow_revision == 1
    with pytest.raises(NoSuchFlow):
        await house.creator.make(a_wish(revision=9))


async def test_a_default_that_asks_the_world_is_rendered_again_with_the_same_dice(house: House) -> None:
    with pytest.raises(Unanswered):
        house.creator.make_now(a_wish("asking"))
    made = await house.creator.make(a_wish("asking"))
    assert made.execution.inputs["key"].startswith("hello answer asking ")
    assert len(house.world.asked) == 1


async def test_inputs_that_never_stop_asking_are_refused(house: House) -> None:
    with pytest.raises(ExpressionError, match="ask the world 1000 times"):
        await house.creator.make(a_wish("insatiable"))


async def test_ids_are_distinct_sort_by_time_and_never_go_back(house: House) -> None:
    first = house.creator.mint()
    house.clock.move(timedelta(milliseconds=1))
    second = house.creator.mint()
    assert first < second
    assert milliseconds_of(second) == int(house.clock.now().timestamp() * 1000)
    assert len({house.creator.mint() for _ in range(1000)}) == 1000


async def test_what_an_earlier_execution_kept_holds_where_nothing_else_is_given(house: House) -> None:
    made = await house.creator.make(a_wish(inputs={"asked": "new"}, kept={"count": 7, "day": "then", "gone": 1}))
    assert made.execution.inputs == {"count": 7, "day": "then", "asked": "new"}
    assert made.unknown_inputs == ()


async def test_checks_that_hold_are_silent(house: House) -> None:
    made = await house.creator.make(a_wish("checked", inputs={"count": 1}))
    assert (made.notes, made.fails) == ((), False)


async def test_a_check_may_let_an_execution_be_created_all_the_same(house: House) -> None:
    made = await house.creator.make(a_wish("checked", inputs={"count": 5}))
    assert [(note.level, note.message) for note in made.notes] == [("INFO", "a lot")]
    assert not made.fails


async def test_the_strictest_of_the_failed_checks_decides(house: House) -> None:
    made = await house.creator.make(a_wish("checked", inputs={"count": 8}))
    assert [(note.level, note.message) for note in made.notes[:2]] == [("WARN", "that will not do"), ("INFO", "a lot")]
    assert made.fails
    with pytest.raises(BlockedByChecks) as raised:
        await house.creator.make(a_wish("checked", inputs={"count": 10}))
    assert raised.value.messages == ("10 are too many", "that will not do", "a lot")


async def test_a_check_sees_secrets_in_clear_and_its_message_may_ask_the_world(house: House) -> None:
    with pytest.raises(BlockedByChecks, match="answer"):
        await house.creator.make(a_wish("checked", inputs={"count": 1, "token": "stolen"}))


async def test_what_is_told_of_inputs_and_checks_shows_no_secret(house: House) -> None:
    house.world.values["kv"] = "it was stolen"
    found = await house.creator.judge(a_wish("checked", inputs={"count": 1, "token": "stolen"}))
    assert [check.message for check in found.checks] == ["it was ******"]


async def test_an_execution_that_a_check_fails_is_over_at_once(house: House) -> None:
    async with house.running():
        ended = await house.run("checked", count=8)
    assert (ended.state.current, house.runs(ended.id)) == (State.FAILED, [])
    assert [row.message for row in house.tables.logs][:2] == ["that will not do", "a lot"]


async def test_a_subflow_that_a_check_blocks_fails_and_says_why(house: House) -> None:
    async with house.running():
        ended = await house.run("parent")
    assert (ended.state.current, house.states(ended.id)) == (State.FAILED, {"sub": State.FAILED})
    assert any("10 are too many" in row.message for row in house.tables.logs)


async def test_what_is_judged_is_not_made(house: House) -> None:
    found = await house.creator.judge(a_wish("checked", inputs={"count": "many", "token": "stolen"}))
    assert [one.id for one in found.resolution.inputs if one.errors] == ["count"]
    assert [check.message for check in found.checks] == ["answer"]
    assert house.tables.executions == {}
