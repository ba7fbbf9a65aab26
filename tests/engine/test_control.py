"""What people may do to executions, and what is refused."""

import itertools
from typing import Any

import pytest
from tests.engine.world import Simulation, context_of

from tiercel.engine import events as engine_events
from tiercel.engine.replays import NotReplayable
from tiercel.model.execution import Label
from tiercel.model.states import BY_HAND, EXECUTION_MOVES, State
from tiercel.model.task_run import TaskRun

FLOW = "io.kestra.plugin.core.flow."
EXIT = "io.kestra.plugin.core.execution.Exit"
NAP = {"id": "a", "type": FLOW + "Sleep", "duration": "PT5M"}
WORK = {"id": "a", "type": "test.Work"}

ENDED: dict[State, tuple[dict[str, Any], State]] = {
    State.SUCCESS: ({"tasks": [WORK]}, State.SUCCESS),
    State.FAILED: ({"tasks": [WORK]}, State.FAILED),
    State.WARNING: ({"tasks": [{**WORK, "allowFailure": True}]}, State.FAILED),
    State.SKIPPED: ({"tasks": [{**WORK, "runIf": "false"}]}, State.SUCCESS),
    State.CANCELLED: ({"tasks": [{"id": "a", "type": EXIT, "state": "CANCELLED"}]}, State.SUCCESS),
    State.KILLED: (
        {
            "tasks": [
                {"id": "p", "type": FLOW + "Parallel", "tasks": [NAP, {"id": "b", "type": EXIT, "state": "FAILED"}]}
            ]
        },
        State.SUCCESS,
    ),
}
"""By the state in which task `a` is to end: a flow, and what its work gives."""


def ended(flow: dict[str, Any], gives: State = State.SUCCESS) -> tuple[Simulation, str]:
    world = Simulation({"parent": context_of({"id": "parent", **flow})}, script=lambda job: (gives, None))
    id = world.create("parent")
    world.run()
    return world, id


def run_of(world: Simulation, id: str, task: str = "a") -> TaskRun:
    return next(run for run in world.histories[id].values() if run.task_id == task)


def tell(world: Simulation, id: str, event: type[engine_events.Event], **fields: Any) -> str | None:
    return world.tell(id, event(at=world.now, seed=world.seed(), **fields)).ignored


CHANGES = [pair for pair in itertools.product(ENDED, sorted(BY_HAND)) if pair[0] is not pair[1]]


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_a_task_run_that_ended_may_be_set_to_any_end_but_killed(before: State, after: State) -> None:
    world, id = ended(*ENDED[before])
    assert run_of(world, id).state.current is before
    assert world.change(id, run_of(world, id), after).ignored is None
    world.run()
    assert [moment.state for moment in run_of(world, id).state.histories][-2:] == [before, after]
    assert not world.live


STATUSES = [(before, after) for before, after in EXECUTION_MOVES if before and before.is_terminated]


@pytest.mark.parametrize(
    ("before", "after"),
    [pair for pair in sorted(STATUSES) if pair[1].is_terminated and State.RETRIED not in pair],
)
def test_an_execution_that_ended_may_be_said_to_have_ended_otherwise(before: State, after: State) -> None:
    world, id = ended({"tasks": [{"id": "a", "type": EXIT, "state": before.value}]})
    assert world.executions[id].state.current is before
    assert tell(world, id, engine_events.ChangeStatus, state=after) is None
    assert [moment.state for moment in world.executions[id].state.histories][-2:] == [before, after]
    assert not world.inside


@pytest.mark.parametrize("state", [State.SUCCESS, State.WARNING, State.CANCELLED, State.KILLED])
def test_only_a_failed_execution_is_restarted(state: State) -> None:
    world, id = ended({"tasks": [{"id": "a", "type": EXIT, "state": state.value}]})
    assert world.restart(id).ignored == f"only an execution that has FAILED can be restarted; it is {state}"


def test_a_killed_execution_stays_as_it_is() -> None:
    world, id = ended({"tasks": [{"id": "a", "type": EXIT, "state": "KILLED"}]})
    assert world.change(id, run_of(world, id), State.SUCCESS).ignored is not None
    assert tell(world, id, engine_events.ChangeStatus, state=State.SUCCESS) is not None


def test_what_still_runs_is_neither_restarted_nor_changed() -> None:
    world = Simulation({"parent": context_of({"id": "parent", "tasks": [WORK]})})
    id = world.create("parent")
    world.run(until=lambda: bool(world.jobs))
    assert world.restart(id).ignored is not None
    assert world.change(id, run_of(world, id), State.SUCCESS).ignored is not None
    assert tell(world, id, engine_events.ChangeStatus, state=State.SUCCESS) is not None
    assert tell(world, id, engine_events.SetLabels, labels=(Label("a", "b"),)) is not None
    assert tell(world, id, engine_events.Unqueue) is not None
    assert tell(world, id, engine_events.ResumeBreakpoint) is not None


def test_an_execution_that_failed_without_a_failed_task_has_nothing_to_be_restarted_from() -> None:
    world, id = ended({"tasks": [WORK], "outputs": [{"id": "o", "type": "STRING", "value": "{{ nope }}"}]})
    assert "no task of the execution failed" in (world.restart(id).ignored or "")


def test_an_execution_that_the_gate_refused_is_restarted_from_its_beginning() -> None:
    world = Simulation({"parent": context_of({"id": "parent", "concurrency": FAIL_OVER_ONE, "tasks": [NAP]})})
    first, second = world.create("parent"), world.create("parent")
    world.run(until=lambda: not world.inside)
    assert world.executions[second].state.current is State.FAILED
    world.run()
    assert world.restart(second).ignored is None
    world.run()
    assert not world.live
    states = [moment.state.value for moment in world.executions[second].state.histories]
    assert states == ["CREATED", "FAILED", "RESTARTED", "RUNNING", "SUCCESS"]
    assert world.executions[first].state.current is State.SUCCESS


FAIL_OVER_ONE = {"limit": 1, "behavior": "FAIL"}


def test_nothing_is_replayed_from_a_task_run_that_is_not_there() -> None:
    world, id = ended({"tasks": [WORK]})
    with pytest.raises(NotReplayable, match="'nobody' not found"):
        world.replay(id, task_run="nobody")


def test_what_runs_after_the_end_is_nothing_to_begin_from() -> None:
    world, id = ended({"tasks": [WORK], "afterExecution": [{"id": "z", "type": "test.Instant"}]})
    with pytest.raises(NotReplayable, match="after the end"):
        world.replay(id, task_run=run_of(world, id, "z").id)
    assert world.change(id, run_of(world, id, "z"), State.FAILED).ignored is not None


def test_a_replay_keeps_outputs_of_what_came_before_and_gives_new_ids_to_all() -> None:
    flow = {"tasks": [{"id": "a", "type": "test.Instant"}, {"id": "b", "type": "test.Work", "text": "{{ outputs }}"}]}
    world = Simulation({"parent": context_of({"id": "parent", **flow})})
    id = world.create("parent")
    world.run()
    new = world.replay(id, task_run=run_of(world, id, "b").id)
    world.run(until=lambda: bool(world.jobs))
    job = next(iter(world.jobs.values()))
    assert job.variables["outputs"] == {"a": {"value": "a"}}
    assert {run.id for run in world.histories[new].values()}.isdisjoint(run.id for run in world.histories[id].values())
    assert world.executions[new].parent_id == world.executions[new].original_id == id


def test_a_replay_in_an_errors_block_keeps_the_failure_and_what_ran_before_it() -> None:
    flow = {
        "tasks": [WORK],
        "errors": [{"id": name, "type": "test.Instant"} for name in ("e1", "e2", "e3")],
        "finally": [{"id": "f", "type": "test.Instant"}],
    }
    world, id = ended(flow, State.FAILED)
    new = world.replay(id, task_run=run_of(world, id, "e2").id)
    assert [run.task_id for run in world.histories[new].values()] == ["a", "e1", "e2"]
    world.run()
    assert [run.task_id for run in world.histories[new].values()] == ["a", "e1", "e2", "e3", "f"]
    assert world.executions[new].state.current is State.FAILED


def test_an_answer_shows_the_execution_before_anything_of_it_runs() -> None:
    world, id = ended({"tasks": [WORK]}, State.FAILED)
    decision = world.restart(id)
    assert (decision.execution.state.current, decision.unfinished, decision.commands) == (State.RESTARTED, True, ())


def test_force_takes_a_slot_and_makes_others_wait() -> None:
    flow = {"id": "parent", "concurrency": {"limit": 1}, "tasks": [WORK]}
    world = Simulation({"parent": context_of(flow)})
    first, second, third = (world.create("parent") for _ in range(3))
    world.run(until=lambda: not world.inside)
    assert tell(world, second, engine_events.ForceRun) is None
    assert [world.executions[id].state.current for id in (first, second, third)] == [
        State.RUNNING,
        State.RUNNING,
        State.QUEUED,
    ]
    world.run(until=lambda: not world.executions[first].live)
    assert world.executions[third].state.current is State.QUEUED
    world.run()
    assert not world.live


@pytest.mark.parametrize("state", [State.SUCCESS, State.KILLED])
def test_force_has_nothing_to_do_after_the_end(state: State) -> None:
    world, id = ended({"tasks": [{"id": "a", "type": EXIT, "state": state.value}]})
    assert tell(world, id, engine_events.ForceRun) is not None


def test_a_paused_execution_is_resumed_by_force() -> None:
    world = Simulation({"parent": context_of({"id": "parent", "tasks": [{"id": "p", "type": FLOW + "Pause"}]})})
    id = world.create("parent")
    world.run()
    assert world.executions[id].state.current is State.PAUSED
    assert tell(world, id, engine_events.ForceRun) is None
    world.run()
    assert world.executions[id].state.current is State.SUCCESS


def test_iterations_of_a_loop_hold_no_slot_and_have_no_agreements() -> None:
    flow = {
        "id": "parent",
        "concurrency": {"limit": 1},
        "sla": [
            {"id": "s", "type": "EXECUTION_ASSERTION", "assert": "{{ outputs.a is not defined }}", "behavior": "NONE"}
        ],
        "tasks": [{"id": "loop", "type": FLOW + "Loop", "values": [1, 2], "tasks": [WORK]}],
    }
    world = Simulation({"parent": context_of(flow)})
    id = world.create("parent")
    world.run()
    assert world.executions[id].state.current is State.SUCCESS
    assert [one.state.current for one in world.executions.values()] == [State.SUCCESS] * 3
