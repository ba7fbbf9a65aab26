"""Executions are made from wishes: inputs typed, labels in order, ids that sort by time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.services.house import House, with_flows

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.journal import Tables
from tiercel.expression import Unanswered
from tiercel.model.execution import Label
from tiercel.model.ids import milliseconds_of
from tiercel.services.creator import InvalidInputs, NoSuchFlow, NotInMemory, Wish

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


@pytest.fixture
async def house(tmp_path: Path) -> House:
    flows = await with_flows(FLOW, ASKING, FLOW.replace("message: hi", "message: changed"))
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


async def test_ids_are_distinct_sort_by_time_and_never_go_back(house: House) -> None:
    first = house.creator.mint()
    house.clock.move(timedelta(milliseconds=1))
    second = house.creator.mint()
    assert first < second
    assert milliseconds_of(second) == int(house.clock.now().timestamp() * 1000)
    assert len({house.creator.mint() for _ in range(1000)}) == 1000
