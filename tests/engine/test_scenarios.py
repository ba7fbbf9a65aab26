"""Behaviour as data: flows of tests/scenarios/*.yaml, scripted results, what is done to them, and what must come out.

A scenario: `name`, `flow` (and `flows`: sub-flows by id), `script` (task id, or `id[value]`: a state, or one an attempt;
SUCCESS where nothing is said), `answers` (of kv(), by key), `files` (their lines, by URI), `do` (see ACTIONS; everything else happens by itself), and
`expect`: `state` and `runs` as histories in order of creation, `outputs`, `labels`, `logs`, `others` (histories of the
other executions, in order of creation), `iterations` (those of loops).
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
import yaml
from tests.engine.workers import Result
from tests.engine.world import BEGIN, Simulation, context_of, states_of

from tiercel.engine import commands as engine_commands
from tiercel.engine import events as engine_events
from tiercel.model.execution import Fixture, Label
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun

FOLDER = Path(__file__).parent.parent / "scenarios"
Scenario = dict[str, Any]
WorldT = TypeVar("WorldT", bound=Simulation)


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


def play(scenario: Scenario, *, limit: int = 1024, kind: Callable[..., WorldT] = Simulation) -> WorldT:
    sources = {"parent": scenario["flow"], **scenario.get("flows", {})}
    contexts = {id: context_of({"id": id, **source}) for id, source in sources.items()}
    answers = {_call_of(key): answer for key, answer in scenario.get("answers", {}).items()} | scenario.get("files", {})
    world = kind(contexts, script=scripted(scenario.get("script", {})), answers=answers, limit=limit)
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
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    if "fixtures" in given:
        given["fixtures"] = msgspec.convert(given["fixtures"], tuple[Fixture, ...])
    return {name: value for name, value in given.items() if name != "schedule"} | (
        {} if schedule is None else {"schedule_date": BEGIN + timedelta(seconds=schedule)}
    )


def scripted(script: dict[str, Any]) -> Callable[[engine_commands.Job], Result]:
    """The state of an attempt as the script says; attempts are counted over all executions."""
    counted: dict[str, int] = {}

    def run(job: engine_commands.Job) -> Result:
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
    world.run(
        until=lambda: any(world.jobs[key].task_id == task for key in world.jobs if key in world.workers.bench.started)
    )


def _until_run(world: Simulation, task: str) -> None:
    world.run(
        until=lambda: any(run.task_id == task for history in world.histories.values() for run in history.values())
    )


def _refused_review(world: Simulation, how: dict[str, Any]) -> None:
    assert world.review(_first(world), **how).ignored is not None


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
    world.workers.bench.killed.clear()
    world.work(key)


def _state(world: Simulation, state: str) -> None:
    assert world.executions[_first(world)].state.current == state


def _run_of(world: Simulation, name: str) -> TaskRun:
    """The task run `id` or `id[value]` of the first execution."""
    runs = world.histories[_first(world)].values()
    return next(run for run in runs if name == (run.task_id if run.value is None else f"{run.task_id}[{run.value}]"))


def _accepted(decision: engine_commands.Decision) -> None:
    assert decision.ignored is None, decision.ignored


def _replay(world: Simulation, how: dict[str, Any]) -> None:
    task, breakpoints = how.get("task"), tuple(how.get("breakpoints", ()))
    world.replay(_first(world), task_run=None if task is None else _run_of(world, task).id, breakpoints=breakpoints)


def _tell(world: Simulation, event: type[engine_events.Event], **fields: Any) -> None:
    _accepted(world.tell(_first(world), event(at=world.now, seed=world.seed(), **fields)))


def _start(world: Simulation, times: int) -> None:
    """Further executions of the flow."""
    for _ in range(times):
        world.create("parent")


def _labels(world: Simulation, labels: dict[str, str]) -> None:
    _tell(world, engine_events.SetLabels, labels=tuple(Label(key, value) for key, value in labels.items()))


def _unqueue(world: Simulation, state: str) -> None:
    """The last of those that wait."""
    id = [id for id, execution in world.executions.items() if execution.state.current is State.QUEUED][-1]
    _accepted(world.tell(id, engine_events.Unqueue(at=world.now, seed=world.seed(), state=State(state))))


def _kill_queued(world: Simulation, _: object) -> None:
    id = next(id for id, execution in world.executions.items() if execution.state.current is State.QUEUED)
    _accepted(world.kill(id))


def _go_on_all(world: Simulation, _: object) -> None:
    for id in [id for id, execution in world.executions.items() if execution.state.current is State.BREAKPOINT]:
        _accepted(world.tell(id, engine_events.ResumeBreakpoint(at=world.now, seed=world.seed())))


ACTIONS: dict[str, Callable[[Simulation, Any], Any]] = {
    "restart": lambda world, _: _accepted(world.restart(_first(world))),
    "restart_last": lambda world, _: _accepted(world.restart(list(world.executions)[-1])),
    "replay": _replay,
    "change": lambda world, how: _accepted(
        world.change(_first(world), _run_of(world, how["task"]), State(how["state"]))
    ),
    "status": lambda world, state: _tell(world, engine_events.ChangeStatus, state=State(state)),
    "labels": _labels,
    "force_run": lambda world, _: _tell(world, engine_events.ForceRun),
    "unqueue": _unqueue,
    "kill_queued": _kill_queued,
    "start": _start,
    "go_on_all": _go_on_all,
    "go_on": lambda world, breakpoints: _tell(
        world, engine_events.ResumeBreakpoint, breakpoints=breakpoints and tuple(breakpoints)
    ),
    "until": _until,
    "until_started": _until_started,
    "until_timer": _until_timer,
    "until_run": _until_run,
    "run": lambda world, _: world.run(),
    "due": lambda world, _: world.fire(*min(world.timers, key=lambda name: world.timers[name])),
    "state": _state,
    "deliver": lambda world, times: [world.deliver() for _ in range(times)],
    "deliver_last": lambda world, times: [world.deliver(len(world.inside) - 1) for _ in range(times)],
    "kill": _kill,
    "kill_child": _kill_child,
    "kill_but_finish": _kill_but_finish,
    "pause": lambda world, _: world.pause(_first(world)),
    "resume": lambda world, how: world.resume(_first(world), **how),
    "review": lambda world, how: world.review(_first(world), **how),
    "refused_review": _refused_review,
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
            if world.executions[id].iteration is None
        ],
        "iterations": [iteration(world, id) for id in others if world.executions[id].iteration is not None],
    }


def iteration(world: Simulation, id: str) -> str:
    """`loop[index]: states; its task runs with their last states`."""
    execution = world.executions[id]
    assert execution.iteration is not None
    runs = [f"{run.task_id} {run.state.current}" for _, run in sorted(world.histories[id].items())]
    states = " ".join(moment.state for moment in execution.state.histories)
    return f"{execution.iteration.task_id}[{execution.iteration.item.index}]: {states}; {', '.join(runs)}"


def shown(history: dict[int, TaskRun], run: TaskRun) -> str:
    """`above/task[value]: states | states of the attempts`; `#` and the iteration where that says more than the value."""
    above = next((f"{other.task_id}/" for other in history.values() if other.id == run.parent_task_run_id), "")
    number = "" if run.iteration is None else f"#{run.iteration}"
    value = number if run.value is None else f"[{run.value}]"
    attempts = "".join(f" | {' '.join(moment.state for moment in attempt.state.histories)}" for attempt in run.attempts)
    return f"{above}{run.task_id}{value}: {' '.join(states_of(run))}{attempts}"
