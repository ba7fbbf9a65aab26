"""Events of streams become executions once each, whatever the door says at first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from tests.services.polls import BOX, PIPE
from tests.services.scheduled import Scheduled, scheduled

from tiercel.model.execution import Execution, Label
from tiercel.model.trigger import TriggerId
from tiercel.ports.outage import Outage
from tiercel.sdk import RunInfo
from tiercel.services.creator import FlowDisabled, Made, Wish
from tiercel.services.executor import Overloaded
from tiercel.services.looks import NotStarted
from tiercel.services.schedules import NotScheduled
from tiercel.services.stream_events import BREATH, StreamEvents

WATCH = TriggerId("test", "watching", "watch")
INFO = RunInfo(tenant="main", namespace="test", flow_id="watching", flow_revision=1, trigger_id="watch")


def a_flow(written: str = "", *, kind: str = PIPE, top: str = "") -> str:
    return f"""
id: watching
namespace: test
{top}
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: hello
triggers:
  - id: watch
    type: {kind}
    name: box
{written}"""


class Door:
    """Remembers whom it let in; refuses as often as a test wishes."""

    def __init__(self, house: Scheduled) -> None:
        self._house = house
        self.refusals: list[Exception] = []
        self.wishes: list[Wish] = []
        self.made: list[Made] = []

    async def start(self, wish: Wish) -> Execution:
        self.wishes.append(wish)
        if self.refusals:
            raise self.refusals.pop()
        self.made.append(await self._house.creator.make(wish))
        return self.made[-1].execution


@asynccontextmanager
async def streaming(dsn: str, flow: str) -> AsyncIterator[tuple[Scheduled, Door, StreamEvents]]:
    async with scheduled(dsn, begins=False) as house:
        await house.save(flow)
        door = Door(house)
        yield (
            house,
            door,
            StreamEvents(
                schedules=house.schedules,
                registry=house.registry,
                store=house.triggers,
                creator=house.creator,
                door=door,
                evaluator=house.evaluator,
                clock=house.clock,
                dice=house.dice,
            ),
        )


async def test_an_event_is_what_its_execution_sees_with_labels_and_inputs(dsn: str) -> None:
    flow = a_flow(
        '    labels: {egg: "{{ trigger.value }}", team: "{{ secret(\'TEAM\') }}", odd: "{{ nothing.there }}"}\n'
        '    inputs: {n: "{{ trigger.value }}"}',
        top="inputs: [{id: n, type: INT}]",
    )
    async with streaming(dsn, flow) as (house, door, events):
        house.world.values["secret"] = "night"
        warnings = await events.start(INFO, {"value": 3})
        (wish,) = door.wishes
        assert (wish.inputs, wish.labels) == ({"n": 3}, (Label("egg", "3"), Label("team", "night")))
        assert wish.trigger is not None
        assert (wish.trigger.id, wish.trigger.type, wish.trigger.variables) == ("watch", PIPE, {"value": 3})
        assert ["odd" in warning for warning in warnings] == [True]


async def test_an_execution_that_cannot_be_stored_now_is_stored_later_under_the_same_id(dsn: str) -> None:
    async with streaming(dsn, a_flow()) as (house, door, events):
        door.refusals += [Overloaded(), Outage("away"), TimeoutError()]
        starting = asyncio.create_task(events.start(INFO, {"value": 3}))
        while not starting.done():
            await asyncio.sleep(0)
            house.clock.move(BREATH)
        await starting
        assert len(door.wishes) == 4
        assert len({wish.id for wish in door.wishes}) == 1


@pytest.mark.parametrize(
    ("written", "top", "reason"),
    [
        (
            '    inputs: {n: "{{ trigger.value }}"}',
            "inputs: [{id: n, type: STRING, validator: '[0-9]+'}]",
            "do not fit",
        ),
        ('    inputs: {n: "{{ nothing.there }}"}', "inputs: [{id: n, type: STRING}]", "inputs cannot be rendered"),
        ("", "checks: [{when: '{{ false }}', message: not today}]", "not today"),
        ('    when: "{{ nothing.there }}"\n    failOnTriggerError: true', "", "condition cannot be rendered"),
    ],
    ids=[
        "inputs that do not fit",
        "inputs that break",
        "a check",
        "a condition that breaks, where the flow asks for it",
    ],
)
async def test_an_event_that_cannot_begin_is_an_execution_that_fails(
    dsn: str, written: str, top: str, reason: str
) -> None:
    async with streaming(dsn, a_flow()) as (house, door, events):
        await house.save(a_flow(written, top=top))
        await events.start(INFO, {"value": "many"})
        (made,) = door.made
        assert made.fails
        assert [note.level for note in made.notes] == ["ERROR"]
        assert reason in made.notes[0].message
        assert made.execution.trigger is not None
        assert made.execution.trigger.variables == {"value": "many"}


async def test_an_event_whose_condition_breaks_leaves_a_line(dsn: str) -> None:
    async with streaming(dsn, a_flow('    when: "{{ nothing.there }}"')) as (_, _, events):
        with pytest.raises(NotStarted):
            await events.start(INFO, {"value": "many"})


async def test_a_flow_that_is_gone_or_disabled_ends_the_stream(dsn: str) -> None:
    async with streaming(dsn, a_flow()) as (house, door, events):
        door.refusals.append(FlowDisabled("test", "watching"))
        with pytest.raises(FlowDisabled):
            await events.start(INFO, {"value": 3})
        await house.save(
            a_flow(kind=BOX).replace("name: box", "name: box\n    interval: PT1M").replace("watch\n", "other\n")
        )
        with pytest.raises(NotScheduled):
            await events.start(INFO, {"value": 3})


async def test_a_revision_that_is_unheard_of_here_yet_counts(dsn: str) -> None:
    async with streaming(dsn, a_flow()) as (_, door, events), scheduled(dsn, begins=False) as elsewhere:
        await elsewhere.save(a_flow("    labels: {team: night}"))
        await events.start(replace(INFO, flow_revision=2), {"value": 3})
        assert door.wishes[0].labels == (Label("team", "night"),)


async def test_executions_are_watched_where_their_end_may_switch_the_trigger_off(dsn: str) -> None:
    async with streaming(dsn, a_flow("    stopAfter: [FAILED]")) as (house, door, events):
        for value in (1, 2):
            await events.start(INFO, {"value": value})
        state = await house.trigger(WATCH)
        assert list(state.record.watched) == [wish.id for wish in door.wishes]
