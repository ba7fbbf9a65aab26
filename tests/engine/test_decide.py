from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from tests.engine.world import BEGIN, Simulation, context_of, states_of

from tiercel.engine import commands as engine_commands
from tiercel.engine import decide, starts, workers
from tiercel.engine import events as engine_events
from tiercel.model.states import State
from tiercel.model.task_run import ROOT

FLOW = "io.kestra.plugin.core.flow."


def world_of(*tasks: dict[str, Any], limit: int = 1024, **flow: Any) -> tuple[Simulation, str]:
    world = Simulation({"parent": context_of({"id": "parent", "tasks": list(tasks), **flow})}, limit=limit)
    return world, world.create("parent")


WORK = {"id": "a", "type": "test.Work"}
AT: dict[str, Any] = {"at": BEGIN, "seed": 1}


@pytest.mark.parametrize(
    "event",
    [
        engine_events.Created(**AT),
        engine_events.Continue(**AT),
        engine_events.Started(**AT, ord=0, attempt=2),
        engine_events.Started(**AT, ord=7, attempt=1),
        engine_events.Done(**AT, ord=0, attempt=2, state=State.SUCCESS),
        engine_events.Done(**AT, ord=7, attempt=1, state=State.SUCCESS),
        engine_events.Evaluated(**AT, key="kv()"),
        engine_events.TimerFired(**AT, name="retry:0:1"),
        engine_events.TimerFired(**AT, name="schedule"),
        engine_events.ChildStarted(**AT, ord=0, attempt=1, child="x"),
        engine_events.ChildEnded(**AT, ord=0, attempt=1, state=State.SUCCESS, child="x"),
        engine_events.WorkerLost(**AT, ord=0, attempt=2, worker="w"),
        engine_events.Resume(**AT),
        engine_events.Resume(**AT, task_run="unknown"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_that_does_not_fit_changes_nothing_and_says_why(event: engine_events.AnyEvent) -> None:
    world, id = world_of(WORK)
    world.deliver()
    decision = world.tell(id, event)
    assert decision.ignored
    assert decision.commands == ()


def test_an_execution_that_is_over_ignores_everything() -> None:
    world, id = world_of({"id": "a", "type": "test.Instant"})
    world.run()
    for event in (
        engine_events.Kill(**AT),
        engine_events.Pause(**AT),
        engine_events.Resume(**AT),
        engine_events.Recovered(**AT),
        engine_events.Continue(**AT),
    ):
        assert world.tell(id, event).ignored


def test_only_a_running_execution_can_be_paused() -> None:
    world, id = world_of(WORK)
    assert world.pause(id).ignored
    world.deliver()
    assert world.pause(id).ignored is None
    assert world.pause(id).ignored


def test_a_slice_creates_no_more_task_runs_than_it_may_and_says_so() -> None:
    loop = {
        "id": "each",
        "type": FLOW + "ForEach",
        "values": "{{ range(1, 50) }}",
        "concurrencyLimit": 0,
        "tasks": [WORK],
    }
    world, id = world_of(loop, limit=10)
    decision = world.tell(id, engine_events.Created(**AT))
    assert decision.execution.next_ord == 10
    assert decision.unfinished
    assert decision.execution.is_marked
    world.run()
    assert world.executions[id].next_ord == 51
    assert world.executions[id].state.current is State.SUCCESS


def test_a_loop_without_a_limit_keeps_a_thousand_open_and_no_more() -> None:
    loop = {
        "id": "each",
        "type": FLOW + "ForEach",
        "values": "{{ range(1, 1500) }}",
        "concurrencyLimit": 0,
        "tasks": [WORK],
    }
    context = context_of({"id": "parent", "tasks": [loop]})
    world = Simulation({"parent": context})
    id = world.create("parent")
    execution = world.executions[id]
    decision = decide(context, execution, engine_events.Created(**AT), limit=100_000)
    assert decision.execution.scopes[0].open == 1000
    assert not decision.unfinished
    done = engine_events.Done(**AT, ord=1, attempt=1, state=State.SUCCESS)
    assert decide(context, decision.execution, done).execution.scopes[0].next == 1001


def test_the_original_is_untouched_by_a_decision() -> None:
    world, id = world_of(WORK)
    before = world.executions[id]
    decide(world.context(id), before, engine_events.Created(**AT))
    assert before.state.current is State.CREATED
    assert not before.runs
    assert ROOT not in before.scopes


def _raise(*_: object) -> None:
    raise ZeroDivisionError("oops")


def test_an_exception_ends_the_task_run_it_is_about_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starts, "start_job", _raise)
    world, id = world_of(
        {"id": "bad", "type": "test.Work"}, errors=[{"id": "err", "type": FLOW + "Sleep", "duration": "PT1S"}]
    )
    decision = decide(world.context(id), world.executions[id], engine_events.Created(**AT))
    shown = {run.task_id: states_of(run) for run in decision.execution.changes.runs.values()}
    assert shown["bad"] == ["CREATED", "FAILED"]
    assert shown["err"] == ["CREATED", "SUBMITTED", "RUNNING"]
    assert [
        c.entry.task_id for c in decision.commands if isinstance(c, engine_commands.Write) and c.entry.level == "ERROR"
    ] == ["bad"]


def test_an_execution_that_not_even_fails_in_order_is_ended_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    world, id = world_of(WORK)
    world.deliver()
    module = import_module("tiercel.engine.decide")
    monkeypatch.setattr(workers, "conclude", _raise)
    monkeypatch.setattr(module, "_fail", _raise)
    done = engine_events.Done(**AT, ord=0, attempt=1, state=State.SUCCESS)
    decision = decide(world.context(id), world.executions[id], done)
    assert decision.execution.state.current is State.FAILED
    assert not decision.execution.live
    assert any(isinstance(command, engine_commands.Write) for command in decision.commands)


def test_an_execution_that_not_even_dies_in_order_is_ended_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    world, id = world_of(WORK)
    world.run(until=lambda: bool(world.workers.bench.started))
    world.kill(id)
    monkeypatch.setattr(workers, "conclude", _raise)
    monkeypatch.setattr(import_module("tiercel.engine.decide"), "_fail", _raise)
    done = engine_events.Done(**AT, ord=0, attempt=1, state=State.SUCCESS)
    decision = decide(world.context(id), world.executions[id], done)
    assert decision.execution.state.current is State.KILLED
    assert not decision.execution.live


def test_instants_and_questions_lost_with_the_process_are_asked_for_again() -> None:
    world, id = world_of(
        {
            "id": "par",
            "type": FLOW + "Parallel",
            "tasks": [
                {"id": "now", "type": "test.Instant"},
                {"id": "asks", "type": "test.Instant", "runIf": "{{ kv('x') }}"},
            ],
        }
    )
    first = world.tell(id, engine_events.Created(**AT)).commands
    again = decide(world.context(id), world.executions[id], engine_events.Recovered(**AT)).commands
    kinds: Callable[[Any], set[str]] = lambda commands: {type(command).__name__ for command in commands}  # noqa: E731
    assert kinds(first) == kinds(again) == {"RunInstant", "Evaluate"}


def test_two_that_ask_the_same_are_answered_together() -> None:
    asks = [{"id": id, "type": "test.Instant", "runIf": "{{ kv('x') }}"} for id in ("a", "b")]
    world, id = world_of({"id": "par", "type": FLOW + "Parallel", "tasks": asks})
    questions = [
        command
        for command in world.tell(id, engine_events.Created(**AT)).commands
        if isinstance(command, engine_commands.Evaluate)
    ]
    assert len(questions) == 1
    decision = decide(
        world.context(id), world.executions[id], engine_events.Evaluated(**AT, key=questions[0].key, value="yes")
    )
    assert [type(command) for command in decision.commands] == [engine_commands.RunInstant, engine_commands.RunInstant]
    assert not decision.execution.awaiting
    assert not decision.execution.answers


def test_a_refused_answer_fails_who_asked_with_its_reason() -> None:
    world, id = world_of({"id": "a", "type": "test.Instant", "runIf": "{{ kv('x') }}"})
    (question,) = (
        command
        for command in world.tell(id, engine_events.Created(**AT)).commands
        if isinstance(command, engine_commands.Evaluate)
    )
    decision = world.tell(id, engine_events.Evaluated(**AT, key=question.key, error="the store is down"))
    assert decision.execution.state.current is State.FAILED
    assert "the store is down" in world.logs[0].message


def test_what_is_taken_back_within_a_decision_is_never_asked_for() -> None:
    """A job, asked for and interrupted in one decision, does not reach the executor."""
    tasks = [
        WORK,
        {"id": "b", "type": FLOW + "Switch", "value": "{{ nobody }}", "defaults": [{"id": "c", "type": "test.Work"}]},
    ]
    world, id = world_of({"id": "par", "type": FLOW + "Parallel", "tasks": tasks})
    commands = world.tell(id, engine_events.Created(**AT)).commands
    assert {type(command) for command in commands} <= {engine_commands.Write, engine_commands.Release}
    assert world.executions[id].state.current is State.FAILED


def test_a_kill_calls_off_timers_jobs_and_children() -> None:
    tasks = [
        WORK,
        {"id": "nap", "type": FLOW + "Sleep", "duration": "PT1M"},
        {"id": "b", "type": "test.Work"},
    ]
    world, id = world_of({"id": "par", "type": FLOW + "Parallel", "tasks": tasks})
    world.deliver()
    world.work((id, 1, 1))
    commands = decide(world.context(id), world.executions[id], engine_events.Kill(**AT)).commands
    assert set(commands) >= {
        engine_commands.KillChildren(),
        engine_commands.KillJobs(((1, 1),)),
        engine_commands.DropJobs(((3, 1),)),
        engine_commands.CancelTimer("sleep:2"),
    }


@pytest.mark.parametrize("tasks", [["a"], ["a", "b"]])
def test_what_a_full_slice_creates_begins_in_it(tasks: list[str]) -> None:
    children = [{"id": name, "type": "test.Instant"} for name in tasks]
    values = [str(number) for number in range(40)]
    loop = {"id": "each", "type": FLOW + "ForEach", "values": values, "concurrencyLimit": 0, "tasks": children}
    world, identifier = world_of(loop, limit=4)
    world.run()
    assert world.executions[identifier].state.current is State.SUCCESS
    begun = [run.state.current for _, decision in world.decisions for run in decision.execution.runs.values()]
    assert State.CREATED not in begun
