"""The first event of an execution: what its log begins with, and a check that lets nothing run."""

from typing import Any

from tests.engine.world import BEGIN, Simulation, context_of

from tiercel.engine import events as engine_events
from tiercel.model.states import State

AT: dict[str, Any] = {"at": BEGIN, "seed": 1}
NOTES = (engine_events.Note("WARN", "not as it should be"), engine_events.Note("INFO", "good to know"))


def a_world(**flow: Any) -> tuple[Simulation, str]:
    context = context_of({"id": "parent", "tasks": [{"id": "a", "type": "test.Instant"}], **flow})
    world = Simulation({"parent": context})
    identifier = world.create("parent")
    world.inside.clear()
    return world, identifier


def lines(world: Simulation) -> list[tuple[str, str]]:
    return [(str(entry.level), entry.message) for entry in world.logs]


def test_what_creation_has_to_say_is_in_the_log() -> None:
    world, identifier = a_world()
    world.tell(identifier, engine_events.Created(**AT, notes=NOTES))
    world.run()
    assert lines(world)[:2] == [("WARN", "not as it should be"), ("INFO", "good to know")]
    assert world.executions[identifier].state.current is State.SUCCESS


def test_an_execution_that_a_check_fails_runs_none_of_its_tasks() -> None:
    world, identifier = a_world(errors=[{"id": "e", "type": "test.Instant"}])
    world.tell(identifier, engine_events.Created(**AT, notes=NOTES[:1], fails=True))
    world.run()
    ended = world.executions[identifier]
    assert [moment.state for moment in ended.state.histories] == [State.CREATED, State.FAILED]
    assert (ended.live, ended.next_ord) == (False, 0)


def test_what_follows_the_end_follows_it_then_too() -> None:
    world, identifier = a_world(afterExecution=[{"id": "tell", "type": "test.Instant"}])
    world.tell(identifier, engine_events.Created(**AT, fails=True))
    world.run()
    ended = world.executions[identifier]
    assert (ended.state.current, ended.live, ended.next_ord) == (State.FAILED, False, 1)
