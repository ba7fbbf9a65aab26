"""What holds when people act on executions: restart, replay, change of a state, limits, at any moment and in any order."""

import random
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.flows import flows
from tests.engine.people import act
from tests.engine.test_properties import CHILD, FILES, STEPS, finish, moody, seeds, simulation
from tests.engine.world import Simulation, context_of

from tiercel.engine import events as engine_events
from tiercel.engine.replays import NotReplayable
from tiercel.model.bounds import Bound, LimitKey
from tiercel.model.execution import Execution
from tiercel.model.states import BY_HAND, State

FEWER = settings(max_examples=settings().max_examples // 4)
"""Each of these plays several executions."""
CONCURRENCY = st.sampled_from(
    [None, {"limit": 1}, {"limit": 2}, {"limit": 1, "behavior": "CANCEL"}, {"limit": 1, "behavior": "FAIL"}]
)


def somehow(world: Simulation, dice: random.Random, *, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Let everything happen in some order."""
    for _ in range(STEPS):
        actions = world.possible()
        if not actions:
            break
        dice.choice(actions)()
        meanwhile()


@FEWER
@given(flow=flows(), seed=seeds, limit=st.integers(1, 3) | st.just(1024))
def test_a_restart_runs_what_failed_and_ends_again(flow: dict[str, Any], seed: int, limit: int) -> None:
    world = simulation(flow, seed, limit=limit)
    id = world.create("parent")
    dice = random.Random(seed)
    somehow(world, dice)
    finish(world)
    for _ in range(3):
        before = world.executions[id]
        ended = {ord: run for ord, run in world.histories[id].items() if run.state.current is State.SUCCESS}
        if world.restart(id).ignored is not None:
            break
        after = world.executions[id]
        assert (after.state.current, after.life) == (State.RESTARTED, before.life + 1)
        assert not [run for run in after.runs.values() if run.state.current is State.FAILED]
        kept = {ord for ord in ended if ord in world.histories[id]}
        assert all(len(world.histories[id][ord].attempts) == len(ended[ord].attempts) for ord in kept)
        somehow(world, dice)
        finish(world)


@FEWER
@given(flow=flows(), seed=seeds)
def test_a_replay_from_anywhere_at_any_moment_ends(flow: dict[str, Any], seed: int) -> None:
    world = simulation(flow, seed)
    id = world.create("parent")
    dice = random.Random(seed)
    for _ in range(dice.randrange(60)):
        actions = world.possible()
        if not actions:
            break
        dice.choice(actions)()
    source, runs = world.executions[id], dict(world.histories[id])
    run = dice.choice([None, *runs.values()])
    try:
        new = world.replay(id, task_run=None if run is None else run.id)
    except NotReplayable:
        return
    assert not {one.id for one in world.histories[new].values()} & {one.id for one in runs.values()}
    assert world.executions[new].metadata.attempt_number == source.metadata.attempt_number + 1
    somehow(world, dice)
    finish(world)


@FEWER
@given(flow=flows(), seed=seeds)
def test_a_task_run_may_be_said_to_have_ended_otherwise(flow: dict[str, Any], seed: int) -> None:
    world = simulation(flow, seed)
    id = world.create("parent")
    dice = random.Random(seed)
    somehow(world, dice)
    finish(world)
    runs = list(world.histories[id].values())
    if not runs:
        return
    run, state = dice.choice(runs), dice.choice(sorted(BY_HAND))
    if world.change(id, run, state).ignored is None:
        assert world.histories[id][run.ord].state.current is state
        somehow(world, dice)
        finish(world)


@FEWER
@given(flow=flows(), seed=seeds, limit=st.integers(1, 3) | st.just(1024))
def test_nothing_is_lost_when_executions_are_restarted_and_replayed_between_crashes(
    flow: dict[str, Any], seed: int, limit: int
) -> None:
    world = simulation(flow, seed, limit=limit)
    world.create("parent")
    world.commit()
    dice = random.Random(seed)

    def meanwhile() -> None:
        if dice.random() < 0.3:
            world.commit()
            world.check_rows()
        if dice.random() < 0.04:
            world.crash()
        if dice.random() < 0.03 and len(world.executions) < 8:
            act(world, dice)

    somehow(world, dice, meanwhile=meanwhile)
    for _ in range(3):
        act(world, dice)
        somehow(world, dice, meanwhile=meanwhile)
    finish(world)


@FEWER
@given(flow=flows(), seed=seeds, concurrency=CONCURRENCY, number=st.integers(2, 4))
def test_a_limit_holds_and_lets_everybody_through(
    flow: dict[str, Any], seed: int, concurrency: dict[str, Any] | None, number: int
) -> None:
    world = simulation(flow if concurrency is None else {**flow, "concurrency": concurrency}, seed)
    ids = [world.create("parent") for _ in range(number)]
    dice = random.Random(seed)
    size = number if concurrency is None else concurrency["limit"]

    def meanwhile() -> None:
        running = [id for id in world.live if id in ids and _holds_a_slot(world.executions[id])]
        assert len(running) <= size, "more executions run than the limit allows"
        if dice.random() < 0.05:
            world.kill(dice.choice(ids))

    somehow(world, dice, meanwhile=meanwhile)
    finish(world)
    assert all(not world.executions[id].live for id in ids)


@FEWER
@given(flow=flows(), seed=seeds, number=st.integers(2, 5))
def test_several_limits_hold_at_once_and_let_everybody_through_over_crashes(
    flow: dict[str, Any], seed: int, number: int
) -> None:
    dice = random.Random(seed)
    own, around = dice.randint(1, 2), dice.randint(1, 3)
    room = (Bound(LimitKey("main", "test"), around),)
    keyed = {**flow, "concurrency": {"limit": own, "key": "{{ inputs.customer }}"}}
    sources = {"parent": keyed, "child": CHILD, "other": {**CHILD, "id": "other"}}
    contexts = {id: context_of(source, around=room) for id, source in sources.items()}
    world = Simulation(contexts, script=moody(seed, 0.25), answers=FILES)
    ids = [world.create("parent", inputs={"customer": dice.choice("ab")}) for _ in range(number)]
    ids += [world.create("other") for _ in range(2)]
    world.commit()

    def meanwhile() -> None:
        for customer in "ab":
            running = _running(world, [id for id in ids if world.executions[id].inputs.get("customer") == customer])
            assert running <= own, "more executions of a customer run than its limit allows"
        assert _running(world, ids) <= around, "more executions of the namespace run than its limit allows"
        if dice.random() < 0.3:
            world.commit()
            world.check_rows()
        if dice.random() < 0.03:
            world.crash()
        if dice.random() < 0.03:
            world.kill(dice.choice(ids))
        if dice.random() < 0.03:
            world.restart(dice.choice(ids))

    somehow(world, dice, meanwhile=meanwhile)
    finish(world)
    assert not world.slots, "a slot has leaked"


def _running(world: Simulation, ids: list[str]) -> int:
    return sum(world.executions[id].live and _has_begun(world.executions[id]) for id in ids)


def _has_begun(execution: Execution) -> bool:
    """In this life: a restart waits for a slot again."""
    states = [moment.state for moment in execution.state.histories]
    while State.RESTARTED in states:
        states = states[states.index(State.RESTARTED) + 1 :]
    return State.RUNNING in states


def _holds_a_slot(execution: Execution) -> bool:
    """It has begun; one that was rejected only runs its afterExecution."""
    return any(moment.state is State.RUNNING for moment in execution.state.histories)


@FEWER
@given(flow=flows(), seed=seeds)
def test_breakpoints_stop_tasks_until_they_are_let_go(flow: dict[str, Any], seed: int) -> None:
    world = simulation(flow, seed)
    names = [f"t{number}" for number in range(12)]
    dice = random.Random(seed)
    id = world.create("parent", breakpoints=tuple(dice.sample(names, 4)))
    for _ in range(20):
        somehow(world, dice)
        if world.executions[id].state.current is not State.BREAKPOINT:
            break
        world.tell(id, engine_events.ResumeBreakpoint(at=world.now, seed=world.seed()))
    finish(world)
