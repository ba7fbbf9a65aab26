"""Every decision is taken again from the history alone, and comes to the same (design: executor.md §9, invariant 14)."""

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.flows import flows
from tests.engine.recording import Recording
from tests.engine.test_properties import CHILD, FILES, STEPS, few, moody, seeds
from tests.engine.test_scenarios import Scenario, play, scenarios
from tests.engine.world import BEGIN, context_of

from tiercel.engine import events as engine_events
from tiercel.engine.history import Diverged, Retelling, as_created
from tiercel.model.execution import Label
from tiercel.model.states import State


def recording(flow: dict[str, Any], seed: int = 0, *, failing: float = 0.25, limit: int = 1024) -> Recording:
    contexts = {"parent": context_of(flow), "child": context_of(CHILD)}
    return Recording(contexts, script=moody(seed, failing), answers=FILES, limit=limit)


@few
@given(flow=flows(), seed=seeds, limit=st.integers(1, 4) | st.just(1024))
def test_the_history_comes_to_what_is_stored(flow: dict[str, Any], seed: int, limit: int) -> None:
    world = recording(flow, seed, limit=limit)
    world.create("parent")
    world.commit()
    dice = random.Random(seed)
    for _ in range(STEPS):
        actions = world.possible()
        if not actions:
            break
        dice.choice(actions)()
        if dice.random() < 0.3:
            world.commit()
        if dice.random() < 0.03:
            world.crash()
    world.commit()
    for id, execution in world.executions.items():
        if world.closed[id]:
            assert world.again(id) == execution


@pytest.mark.parametrize("scenario", scenarios())
def test_the_history_of_every_scenario_comes_to_what_is_stored(scenario: Scenario) -> None:
    world = play(scenario, kind=Recording)
    world.commit()
    told = [id for id in world.executions if id in world.first]
    assert told
    for id in told:
        assert world.again(id) == world.executions[id]


@few
@given(flow=flows(), seed=seeds, restarts=st.integers(1, 3))
def test_restarts_and_kills_are_told_again_too(flow: dict[str, Any], seed: int, restarts: int) -> None:
    world = recording(flow, seed)
    id = world.create("parent")
    dice = random.Random(seed)
    for _ in range(restarts):
        for _ in range(dice.randrange(60)):
            actions = world.possible()
            if not actions:
                break
            dice.choice(actions)()
        world.commit()
        world.kill(id)
        world.run()
        world.commit()
        world.restart(id)
    world.run()
    world.commit()
    assert world.again(id) == world.executions[id]


WORK = {"id": "parent", "tasks": [{"id": "a", "type": "test.Instant"}, {"id": "b", "type": "test.Work"}]}


def test_an_execution_begins_with_the_labels_and_breakpoints_it_was_created_with() -> None:
    world = recording(WORK, failing=0)
    id = world.create("parent", labels=(Label("a", "1"),), breakpoints=("b",))
    created = engine_events.Created(at=BEGIN, seed=1, labels=(Label("a", "1"),), breakpoints=("b",))
    later = msgspec.structs.replace(world.executions[id], labels=(Label("b", "2"),), breakpoints=(), next_ord=4)
    assert as_created(later, created) == world.first[id]


def test_what_ran_and_is_not_under_way_when_told_again_is_refused() -> None:
    world = recording(WORK, failing=0)
    id = world.create("parent")
    retelling = Retelling(world.context(id), world.first[id], run=world.rerun)
    with pytest.raises(Diverged, match="attempt 1 of task run 0 ran"):
        retelling.commit([engine_events.Ran(at=BEGIN, seed=1, ord=0, attempt=1)], {})


def test_a_chapter_says_what_was_decided_about_each_event() -> None:
    world = recording(WORK, failing=0)
    id = world.create("parent")
    world.run()
    world.commit()
    [(events, slices)] = world.closed[id]
    chapter = Retelling(world.context(id), world.first[id], run=world.rerun).commit(events, slices)
    assert [type(told.event).__name__ for told in chapter.told] == ["Created", "Ran", "Started", "Done"]
    assert [type(command).__name__ for command in chapter.told[1].decision.commands] == ["Dispatch"]
    assert chapter.execution.state.current is State.SUCCESS
    assert chapter.execution.changes.created
