"""What holds for every flow, whatever happens in whatever order."""

import os
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.flows import flows
from tests.engine.workers import Result
from tests.engine.world import Simulation, context_of

from tiercel.engine import commands as engine_commands
from tiercel.engine import events as engine_events
from tiercel.model.states import State

CHILD = {
    "id": "child",
    "tasks": [{"id": "c1", "type": "test.Work"}, {"id": "c2", "type": "test.Instant"}],
    "outputs": [{"id": "o", "type": "STRING", "value": "{{ outputs.c1.value }}"}],
}
FILES = {"kestra:///f": ["1", "2", "3"]}
STEPS = 3000
few = settings(max_examples=settings().max_examples if os.environ.get("HYPOTHESIS_PROFILE") == "search" else 15)
"""Each example is a whole life of an execution: a handful for every day, thousands when looking for new ones."""


def moody(seed: int, failing: float) -> Any:
    """A script whose results depend on nothing but the job, so that deciding twice meets the same world."""

    def script(job: engine_commands.Job) -> Result:
        dice = random.Random(f"{seed} {job.task_id} {job.value} {job.attempt}")
        state = State.FAILED if dice.random() < failing else State.SUCCESS
        return state, {"value": job.task_id} if dice.random() < 0.7 else None

    return script


def simulation(flow: dict[str, Any], seed: int, *, failing: float = 0.25, limit: int = 1024) -> Simulation:
    contexts = {"parent": context_of(flow), "child": context_of(CHILD)}
    return Simulation(contexts, script=moody(seed, failing), answers=FILES, limit=limit)


def finish(world: Simulation) -> None:
    """Whatever is left alive waits for a person: resume it until nothing is."""
    for _ in range(STEPS):
        world.run()
        stopped = [id for id in world.live if world.executions[id].state.current is State.BREAKPOINT]
        waiting = [id for id in world.live if world.executions[id].paused or world.executions[id].is_held]
        if not (waiting or stopped):
            break
        if stopped:
            world.tell(stopped[-1], engine_events.ResumeBreakpoint(at=world.now, seed=world.seed()))
        elif world.resume(waiting[-1]).ignored is not None:
            world.review(waiting[-1], is_approved=True)
    assert not world.live, "\n".join(map(world.describe, world.live))


seeds = st.integers(0, 2**32)


@few
@given(flow=flows(), seed=seeds, limit=st.integers(1, 4) | st.just(1024))
def test_every_execution_ends_in_whatever_order_things_happen(flow: dict[str, Any], seed: int, limit: int) -> None:
    world = simulation(flow, seed, limit=limit)
    world.create("parent")
    dice = random.Random(seed)
    for _ in range(STEPS):
        actions = world.possible()
        if not actions:
            break
        dice.choice(actions)()
    finish(world)


@few
@given(flow=flows(), seed=seeds)
def test_an_event_that_comes_twice_changes_nothing(flow: dict[str, Any], seed: int) -> None:
    world = simulation(flow, seed)
    world.create("parent")
    dice = random.Random(seed)
    told: list[tuple[str, engine_events.AnyEvent]] = []
    for _ in range(STEPS):
        if not world.inside:
            actions = world.possible()
            if not actions:
                break
            dice.choice(actions)()
            continue
        told.append(world.inside[0])
        world.deliver()
        id, event = dice.choice(told)
        # An old answer may serve a new question of the same words.
        if not isinstance(event, engine_events.Continue | engine_events.Kill | engine_events.Evaluated):
            decision = world.tell(id, event)
            assert decision.ignored is not None, f"{event} was taken twice"
    finish(world)


@few
@given(flow=flows(), seed=seeds, moment=st.integers(0, 60), target=st.sampled_from(["KILLED", "FAILED", "CANCELLED"]))
def test_a_kill_at_any_moment_always_ends(flow: dict[str, Any], seed: int, moment: int, target: str) -> None:
    world = simulation(flow, seed)
    id = world.create("parent")
    dice = random.Random(seed)
    for _ in range(moment):
        actions = world.possible()
        if not actions:
            break
        dice.choice(actions)()
    was_over = world.executions[id].is_over
    world.kill(id, target=State(target), cascade=dice.random() < 0.8)
    world.run()
    if not was_over:
        assert world.executions[id].state.current is State(target), world.describe(id)
    finish(world)


@few
@given(flow=flows(), seed=seeds, limit=st.integers(1, 3) | st.just(1024))
def test_nothing_is_lost_in_a_crash_and_rows_equal_memory(flow: dict[str, Any], seed: int, limit: int) -> None:
    world = simulation(flow, seed, limit=limit)
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
            world.check_rows()
        if dice.random() < 0.05:
            world.crash()
    finish(world)


@few
@given(flow=flows(), seed=seeds)
def test_pausing_and_resuming_by_hand_loses_nothing(flow: dict[str, Any], seed: int) -> None:
    world = simulation(flow, seed)
    id = world.create("parent")
    dice = random.Random(seed)
    for _ in range(STEPS):
        actions = world.possible()
        if not actions:
            break
        dice.choice(actions)()
        if dice.random() < 0.1:
            dice.choice([world.pause, world.resume])(id)
    finish(world)


@few
@given(flow=flows(), seed=seeds)
def test_lost_workers_cost_attempts_and_nothing_else(flow: dict[str, Any], seed: int) -> None:
    world = simulation(flow, seed)
    world.create("parent")
    dice = random.Random(seed)
    for _ in range(STEPS):
        if world.jobs and dice.random() < 0.2:
            world.lose_worker(dice.choice(list(world.jobs)), resubmit=dice.random() < 0.8)
            continue
        actions = world.possible()
        if not actions:
            break
        dice.choice(actions)()
    finish(world)
