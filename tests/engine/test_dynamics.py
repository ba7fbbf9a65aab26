"""Dynamic task runs where people act on an execution: shown, copied, never gone on from."""

import pytest
from tests.engine.world import Simulation, context_of

from tiercel.engine.replays import NotReplayable
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun

FLOW = {
    "id": "parent",
    "tasks": [
        {"id": "dbt", "type": "test.Dynamic"},
        {"id": "b", "type": "test.Work", "text": "{{ outputs }} {{ tasks }}"},
    ],
}


def played() -> tuple[Simulation, str]:
    world = Simulation({"parent": context_of(FLOW)})
    id = world.create("parent")
    world.run()
    return world, id


def dynamic(world: Simulation, id: str) -> list[TaskRun]:
    return [run for run in world.histories[id].values() if run.dynamic]


def test_a_replay_copies_those_of_task_runs_that_stay() -> None:
    world, id = played()
    new = world.replay(id, task_run=world.histories[id][3].id)
    copies = dynamic(world, new)
    assert [(run.task_id, run.value, run.state.current) for run in copies] == [
        ("dbt", None, State.FAILED),
        ("model", "a", State.SUCCESS),
    ]
    assert {run.parent_task_run_id for run in copies} == {world.histories[new][0].id}
    assert {run.id for run in copies}.isdisjoint(run.id for run in dynamic(world, id))
    world.run()
    assert world.executions[new].state.current is State.SUCCESS


def test_a_replay_from_the_task_run_that_added_them_leaves_them_out() -> None:
    world, id = played()
    new = world.replay(id, task_run=world.histories[id][0].id)
    assert dynamic(world, new) == []
    world.run()
    assert [run.task_id for run in dynamic(world, new)] == ["dbt", "model"]


def test_nothing_begins_from_one_of_them() -> None:
    world, id = played()
    failed, _ = dynamic(world, id)
    with pytest.raises(NotReplayable, match="not found"):
        world.replay(id, task_run=failed.id)
    assert "stands in no flow" in (world.change(id, failed, State.SUCCESS).ignored or "")


def test_expressions_see_the_task_of_the_name_and_not_what_it_added() -> None:
    world = Simulation({"parent": context_of(FLOW)})
    id = world.create("parent")
    world.run(until=lambda: any(job.task_id == "b" for job in world.jobs.values()))
    world.commit()
    world.check_rows()
    world.crash()
    job = next(iter(world.jobs.values()))
    assert job.variables["outputs"] == {"dbt": {"value": "dbt"}}
    assert world.executions[id].states["dbt"] == {"state": "SUCCESS"}
