"""Behaviour as data: flows of tests/scenarios/*.yaml, scripted results, what is done to them, and what must come out.

A scenario: `name`, `flow` (and `flows`: sub-flows by id), `script` (task id, or `id[value]`: a state, or one an attempt;
SUCCESS where nothing is said), `answers` (of kv(), by key), `do` (see ACTIONS; everything else happens by itself), and
`expect`: `state` and `runs` as histories in order of creation, `outputs`, `labels`, `logs`, `others` (histories of the
other executions, in order of creation).
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.engine.world import BEGIN, Result, Simulation, context_of, states_of

from tiercel.engine import messages as m
from tiercel.model.execution import TaskRun
from tiercel.model.states import State

FOLDER = Path(__file__).parent.parent / "scenarios"
Scenario = dict[str, Any]


def scenarios() -> list[Any]:
    read = [(path.stem, scenario) for path in sorted(FOLDER.glob("*.yaml")) for scenario in _documents(path)]
    return [pytest.param(scenario, id=f"{feature}: {scenario['name']}") for feature, scenario in read]


def _documents(path: Path) -> Iterator[Scenario]:
    yield from yaml.safe_load_all(path.read_text())


@pytest.mark.parametrize("scenario", scenarios())
def test_a_scenario_comes_out_as_written(scenario: Scenario) -> None:
    world = play(scenario)
    expected = scenario["expect"]
    assert {name: shown for name, shown in outcome(world).items() if name in expected or shown} == expected


@pytest.mark.parametrize("scenario", [scenario for scenario in scenarios() if "do" not in scenario.values[0]])
def test_a_scenario_comes_out_the_same_in_slices_of_one(scenario: Scenario) -> None:
    world = play(scenario, limit=1)
    expected = scenario["expect"]
    assert sorted(outcome(world)["runs"]) == sorted(expected.get("runs", []))


def play(scenario: Scenario, *, limit: int = 1024) -> Simulation:
    sources = {"parent": scenario["flow"], **scenario.get("flows", {})}
    contexts = {id: context_of({"id": id, **source}) for id, source in sources.items()}
    answers = {_call_of(key): answer for key, answer in scenario.get("answers", {}).items()}
    world = Simulation(contexts, script=scripted(scenario.get("script", {})), answers=answers, limit=limit)
    world.create("parent", **_created_with(scenario.get("create", {})))
    for action in scenario.get("do", []):
        for verb, what in action.items():
            ACTIONS[verb](world, what)
    world.run()
    assert not world.live, "\n".join(map(world.describe, world.live))
    return world


def _call_of(key: str) -> str:
    """The key of the call that asks for a value of the key-value store."""
    return f'kv(errorOnMissing=true, inherit=true, key="{key}", namespace="test")'


def _created_with(fields: dict[str, Any]) -> dict[str, Any]:
    """`schedule` says after how many seconds the execution is to begin."""
    schedule = fields.get("schedule")
    return {name: value for name, value in fields.items() if name != "schedule"} | (
        {} if schedule is None else {"schedule_date": BEGIN + timedelta(seconds=schedule)}
    )


def scripted(script: dict[str, Any]) -> Callable[[m.Job], Result]:
    """The state of an attempt as the script says; attempts are counted over all executions."""
    counted: dict[str, int] = {}

    def run(job: m.Job) -> Result:
        name = f"{job.task_id}[{job.value}]" if f"{job.task_id}[{job.value}]" in script else job.task_id
        said = script.get(name, "SUCCESS")
        counted[name] = counted.get(name, 0) + 1
        word = said if isinstance(said, str) else said[min(counted[name], len(said)) - 1]
        state = State(word)
        return state, {"value": job.task_id} if state is State.SUCCESS else None

    return run


# What a scenario may do -------------------------------------------------------------------------------------------


def _first(world: Simulation) -> str:
    return next(iter(world.executions))


def _until(world: Simulation, state: str) -> None:
    world.run(until=lambda: world.executions[_first(world)].state.current == state)
    assert world.executions[_first(world)].state.current == state


def _until_started(world: Simulation, task: str) -> None:
    world.run(until=lambda: any(world.jobs[key].task_id == task for key in world.jobs if key in world.started))


def _until_timer(world: Simulation, task: str) -> None:
    world.run(until=lambda: bool(world.timers) and not world.inside)
    assert any(run.task_id == task for history in world.histories.values() for run in history.values())


def _lose_worker(world: Simulation, task: str) -> None:
    world.lose_worker(next(key for key, job in world.jobs.items() if job.task_id == task))


def _lose_worker_for_good(world: Simulation, task: str) -> None:
    world.lose_worker(next(key for key, job in world.jobs.items() if job.task_id == task), resubmit=False)


def _kill(world: Simulation, how: dict[str, Any]) -> None:
    how = {name: State(value) if name == "target" else value for name, value in how.items()}
    assert world.kill(_first(world), **how).ignored is None


def _kill_child(world: Simulation, how: dict[str, Any]) -> None:
    world.kill(list(world.executions)[1], **how)


def _kill_but_finish(world: Simulation, task: str) -> None:
    key = next(key for key, job in world.jobs.items() if job.task_id == task)
    _kill(world, {})
    world.killed.clear()
    world.work(key)


def _state(world: Simulation, state: str) -> None:
    assert world.executions[_first(world)].state.current == state


ACTIONS: dict[str, Callable[[Simulation, Any], Any]] = {
    "until": _until,
    "until_started": _until_started,
    "until_timer": _until_timer,
    "run": lambda world, _: world.run(),
    "state": _state,
    "deliver": lambda world, times: [world.deliver() for _ in range(times)],
    "deliver_last": lambda world, times: [world.deliver(len(world.inside) - 1) for _ in range(times)],
    "kill": _kill,
    "kill_child": _kill_child,
    "kill_but_finish": _kill_but_finish,
    "pause": lambda world, _: world.pause(_first(world)),
    "resume": lambda world, how: world.resume(_first(world), **how),
    "lose_worker": _lose_worker,
    "lose_worker_for_good": _lose_worker_for_good,
}


# What came out ----------------------------------------------------------------------------------------------------


def outcome(world: Simulation) -> dict[str, Any]:
    first, *others = world.executions
    execution = world.executions[first]
    lines = [f"{entry.level} {entry.task_id}" for entry in world.logs if entry.execution_id == first]
    return {
        "state": " ".join(moment.state for moment in execution.state.histories),
        "runs": [shown(world.histories[first], run) for _, run in sorted(world.histories[first].items())],
        "outputs": execution.outputs,
        "labels": {label.key: label.value for label in execution.labels},
        "logs": lines,
        "others": [
            " ".join([world.executions[id].flow_id, *[moment.state for moment in world.executions[id].state.histories]])
            for id in others
        ],
    }


def shown(history: dict[int, TaskRun], run: TaskRun) -> str:
    """`above/task[value]: states | states of the attempts`."""
    above = next((f"{other.task_id}/" for other in history.values() if other.id == run.parent_task_run_id), "")
    value = "" if run.value is None else f"[{run.value}]"
    attempts = "".join(f" | {' '.join(moment.state for moment in attempt.state.histories)}" for attempt in run.attempts)
    return f"{above}{run.task_id}{value}: {' '.join(states_of(run))}{attempts}"
