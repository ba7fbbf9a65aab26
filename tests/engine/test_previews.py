"""What is foretold of a replay or a restart is what then really runs."""

import random
from typing import Any

import pytest
from hypothesis import given
from tests.engine.flows import flows
from tests.engine.test_control_properties import FEWER, somehow
from tests.engine.test_properties import finish, seeds, simulation
from tests.engine.test_scenarios import Scenario, scenarios, scripted
from tests.engine.workers import Result, succeed
from tests.engine.world import Simulation, context_of

from tiercel.engine import commands as engine_commands
from tiercel.engine.events import Replay
from tiercel.engine.previews import Preview, preview_replay, preview_restart
from tiercel.engine.replays import NotReplayable
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun

STATES = [State.SUCCESS, State.FAILED]
FLOW = "io.kestra.plugin.core.flow."
CHAIN = {"id": "parent", "tasks": [{"id": name, "type": "test.Work"} for name in "abc"]}


def ended(flow: dict[str, Any], **script: str) -> tuple[Simulation, str]:
    world = Simulation({"parent": context_of(flow)}, script=scripted(script))
    id = world.create("parent")
    world.run()
    return world, id


def previewed(world: Simulation, id: str, *, task_run: str | None = None) -> Preview:
    event = Replay(at=world.now, seed=1, source=id, task_run=task_run)
    return preview_replay(world.context(id), world.executions[id], world.histories[id], event)


def restarted(world: Simulation, id: str) -> Preview:
    return preview_restart(world.context(id), world.executions[id], world.histories[id], at=world.now)


def names(foreseen: Any) -> list[str]:
    return [one.task_id for one in foreseen]


def run_of(world: Simulation, id: str, task: str) -> TaskRun:
    return next(run for run in world.histories[id].values() if run.task_id == task)


def test_a_replay_from_the_middle_keeps_what_is_before_and_does_the_rest_again() -> None:
    world, id = ended(CHAIN)
    told = previewed(world, id, task_run=run_of(world, id, "b").id)
    assert (names(told.kept), names(told.begins), names(told.follows)) == (["a"], ["b"], ["c"])
    assert (told.effects, told.may_follow) == ({"test.Work": 2}, ())


def test_a_replay_from_the_start_does_everything_again() -> None:
    world, id = ended(CHAIN)
    told = previewed(world, id)
    assert (names(told.kept), names(told.begins), names(told.follows)) == ([], [], ["a", "b", "c"])


def test_what_a_failure_kept_from_running_may_follow() -> None:
    world, id = ended(CHAIN, b="FAILED")
    told = restarted(world, id)
    assert (names(told.kept), names(told.begins), names(told.may_follow)) == (["a"], ["b"], ["c"])


def test_tasks_after_a_failure_may_follow_since_it_may_go_well_now() -> None:
    errors = [{"id": "tell", "type": FLOW + "Sequential", "tasks": [{"id": "mail", "type": "test.Work"}]}]
    world, id = ended(CHAIN | {"errors": errors}, c="FAILED")
    for told in (restarted(world, id), previewed(world, id, task_run=run_of(world, id, "c").id)):
        assert (names(told.begins), names(told.follows)) == (["c"], [])
        assert (names(told.may_follow), told.effects) == (["tell", "mail"], {"test.Work": 1})


def test_a_restart_says_with_which_execution_a_subflow_goes_on() -> None:
    call = {"id": "call", "type": FLOW + "Subflow", "namespace": "test", "flowId": "child"}
    for extra, goes_on in (({}, True), ({"restartBehavior": "NEW_EXECUTION"}, False)):
        contexts = {
            "parent": context_of({"id": "parent", "tasks": [call | extra]}),
            "child": context_of({"id": "child", "tasks": [{"id": "a", "type": "test.Work"}]}),
        }
        world = Simulation(contexts, script=scripted({"a": "FAILED"}))
        id = world.create("parent")
        world.run()
        child = next(other for other in world.executions if other != id)
        assert [one.goes_on_with for one in restarted(world, id).begins] == [child if goes_on else None]
        replayed = previewed(world, id, task_run=run_of(world, id, "call").id)
        assert [one.goes_on_with for one in replayed.begins] == [None]


def test_the_branch_that_was_not_taken_does_not_follow() -> None:
    tasks = [
        {
            "id": "if",
            "type": FLOW + "If",
            "condition": "true",
            "then": [{"id": "a", "type": "test.Work"}, {"id": "b", "type": "test.Work"}],
            "else": [{"id": "other", "type": "test.Work"}],
        }
    ]
    world, id = ended({"id": "parent", "tasks": tasks}, a="FAILED")
    told = restarted(world, id)
    assert (names(told.goes_on), names(told.begins), names(told.may_follow)) == (["if"], ["a"], ["b"])


def test_tasks_inside_the_executor_have_no_effects() -> None:
    world, id = ended({"id": "parent", "tasks": [{"id": "a", "type": "test.Instant"}]})
    assert previewed(world, id).effects == {}


def test_task_runs_whose_task_is_gone_are_dropped() -> None:
    world, id = ended(CHAIN)
    fewer = context_of({"id": "parent", "tasks": [CHAIN["tasks"][0], CHAIN["tasks"][1]]})
    event = Replay(at=world.now, seed=1, source=id, task_run=run_of(world, id, "b").id)
    told = preview_replay(fewer, world.executions[id], world.histories[id], event)
    assert (names(told.begins), names(told.follows), names(told.dropped)) == (["b"], [], ["c"])


def test_what_would_be_refused_has_no_preview() -> None:
    world, id = ended(CHAIN)
    with pytest.raises(NotReplayable):
        restarted(world, id)
    with pytest.raises(NotReplayable):
        previewed(world, id, task_run="nobody")


REPLAYED = [each for each in scenarios() if any("replay" in step for step in each.values[0].get("do", []))]


@pytest.mark.parametrize("scenario", REPLAYED)
def test_the_replays_of_the_scenarios_are_foretold(scenario: Scenario) -> None:
    sources = {"parent": scenario["flow"], **scenario.get("flows", {})}
    contexts = {id: context_of({"id": id, **source}) for id, source in sources.items()}
    world = Simulation(contexts, script=scripted(scenario.get("script", {})))
    id = world.create("parent")
    finish(world)
    for run in [None, *world.histories[id].values()]:
        replay_as_foretold(world, id, run)


@FEWER
@given(flow=flows(), seed=seeds)
def test_a_replay_from_anywhere_does_what_was_foretold(flow: dict[str, Any], seed: int) -> None:
    world = unsteady(flow, seed)
    id, dice = world.create("parent"), random.Random(seed)
    for _ in range(dice.randrange(80)):
        if not (actions := world.possible()):
            break
        dice.choice(actions)()
    world.workers.script = succeed
    replay_as_foretold(world, id, dice.choice([None, *world.histories[id].values()]), dice)


@FEWER
@given(flow=flows(), seed=seeds)
def test_a_restart_does_what_was_foretold(flow: dict[str, Any], seed: int) -> None:
    world = unsteady(flow, seed)
    id, dice = world.create("parent"), random.Random(seed)
    finish(world)
    try:
        told = restarted(world, id)
    except NotReplayable:
        assert world.restart(id).ignored is not None
        return
    before = dict(world.histories[id])
    world.workers.script = succeed
    assert world.restart(id).ignored is None
    as_foretold(told, before, world, id, dice)


def unsteady(flow: dict[str, Any], seed: int) -> Simulation:
    """A world in which a third of all attempts fail; some of the others give what a subflow's outputs name."""
    world = simulation(flow, seed)

    def script(job: engine_commands.Job) -> Result:
        dice = random.Random(f"{seed} {job.task_id} {job.value} {job.attempt}")
        state = dice.choice([State.SUCCESS, *STATES])
        return state, {"value": job.task_id} if state is State.SUCCESS and dice.random() < 0.8 else None

    world.workers.script = script
    return world


def replay_as_foretold(world: Simulation, id: str, run: TaskRun | None, dice: random.Random | None = None) -> None:
    before, task_run = dict(world.histories[id]), None if run is None else run.id
    try:
        told = previewed(world, id, task_run=task_run)
    except NotReplayable:
        with pytest.raises(NotReplayable):
            world.replay(id, task_run=task_run)
        return
    as_foretold(told, before, world, world.replay(id, task_run=task_run), dice or random.Random(0))


def as_foretold(told: Preview, before: dict[int, TaskRun], world: Simulation, id: str, dice: random.Random) -> None:
    """Each task run has become what was foretold of it, and every new one of a task belongs to one that was named."""
    somehow(world, dice)
    finish(world)
    after, ords = world.histories[id], {run.id: ord for ord, run in before.items()}
    for one in told.kept:
        ord = ords[one.task_run_id or ""]
        if ord in after:  # a flowable that is tried again takes even these away
            assert after[ord].state == before[ord].state
    again = {ords[one.task_run_id or ""] for one in (*told.begins, *told.goes_on)}
    assert all(len(after[ord].state.histories) > len(before[ord].state.histories) for ord in again if ord in after)
    named = {*names(told.begins), *names(told.follows), *names(told.may_follow)}
    assert {run.task_id for ord, run in after.items() if ord not in before and not run.dynamic} <= named
