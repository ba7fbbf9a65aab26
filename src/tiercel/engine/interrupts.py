"""Ending task runs from outside: what they wait for, on workers, in timers, in other executions, is called off."""

from collections.abc import Callable, Iterable
from typing import cast

from tiercel.engine.commands import (
    AnyCommand,
    CreateExecution,
    Dispatch,
    DropJobs,
    KillChildren,
    KillJobs,
    RunInstant,
    StartIteration,
)
from tiercel.engine.creation import batch_execution, iteration_of
from tiercel.engine.ending import end_really, start_after_execution
from tiercel.engine.results import remember
from tiercel.engine.runs import closed
from tiercel.engine.turn import Turn
from tiercel.model.execution import Execution, ParentLink
from tiercel.model.flowable import BatchExecutions, Loop, Subflow
from tiercel.model.states import EXECUTION_MOVES, State
from tiercel.model.task_run import ROOT, Scope, TaskRun

Ords = tuple[tuple[int, int], ...]


def call_off(turn: Turn, runs: Iterable[TaskRun]) -> None:
    """Nobody waits for these task runs any more: drop and kill their jobs, cancel their timers."""
    stopped = list(runs)
    for run in stopped:
        cancel_timers(turn, run)
    unsaid = _take_back(turn, {run.ord for run in stopped})
    jobs = [run for run in stopped if turn.node(run).is_runnable and not turn.node(run).is_instant]
    dropped = _attempts(run for run in jobs if run.state.current is State.SUBMITTED and run.ord not in unsaid)
    killed = _attempts(run for run in jobs if run.state.current is State.RUNNING)
    if dropped:
        turn.command(DropJobs(dropped))
    if killed:
        turn.command(KillJobs(killed))


def kill_children(turn: Turn, runs: Iterable[TaskRun], *, reason: str, target: State = State.KILLED) -> None:
    """The executions that these task runs wait for end with them, and know why."""
    children = tuple(child for run in runs for child in children_of(turn, run))
    if children:
        turn.command(KillChildren(target, children, reason))


def _take_back(turn: Turn, ords: set[int]) -> set[int]:
    """What this very decision asked for on behalf of these task runs is not asked for after all."""
    kept = [command for command in turn.commands if _beneficiary(command) not in ords]
    unsaid = {_beneficiary(command) for command in turn.commands} & ords
    turn.commands[:] = kept
    return cast(set[int], unsaid)


def _beneficiary(command: AnyCommand) -> int | None:
    match command:
        case RunInstant(ord=ord) | Dispatch(ord=ord):
            return ord
        case CreateExecution(waits=link) | StartIteration(execution=Execution(waits=ParentLink() as link)):
            return link.ord
        case _:
            return None


def _attempts(runs: Iterable[TaskRun]) -> Ords:
    return tuple((run.ord, run.attempt) for run in runs)


def children_of(turn: Turn, run: TaskRun) -> tuple[str, ...]:
    """The executions that a task run waits for: that of a Subflow, the open iterations of a Loop."""
    match turn.node(run).task:
        case Subflow() if run.state.current is State.RUNNING:
            child = (run.outputs or {}).get("executionId")
            return () if child is None else (child,)
        case Loop():
            return open_iterations(turn, run)
        case BatchExecutions():
            return open_batches(turn, run)
        case _:
            return ()


def open_iterations(turn: Turn, run: TaskRun, *, only_paused: bool = False) -> tuple[str, ...]:
    """The iterations of a Loop that are under way."""
    if not isinstance(turn.node(run).task, Loop):
        return ()
    return tuple(iteration_of(turn.execution, run, index) for index in _indexes(turn, run, only_paused=only_paused))


def open_batches(turn: Turn, run: TaskRun) -> tuple[str, ...]:
    """The executions for batches of a ForEachItem that are under way, of whichever attempt."""
    scope = turn.scopes.get(run.ord)
    taken_up = {} if scope is None or scope.laps is None else scope.laps.taken_up
    return tuple(
        batch_execution(turn.execution, run, index, attempt=taken_up.get(index)) for index in _indexes(turn, run)
    )


def _indexes(turn: Turn, run: TaskRun, *, only_paused: bool = False) -> list[int]:
    scope = turn.scopes.get(run.ord)
    laps = None if scope is None else scope.laps
    return [] if laps is None else sorted(laps.paused if only_paused else laps.running)


def cancel_timers(turn: Turn, run: TaskRun) -> None:
    last = len(run.attempts)
    plain = (f"{kind}:{run.ord}" for kind in ("sleep", "resume", "loop"))
    for name in (*plain, f"timeout:{run.ord}:{last}", f"retry:{run.ord}:{last}"):
        turn.cancel_timer(name)


def interrupt(turn: Turn, scope: int, state: State) -> None:
    """End everything open below a scope: a sibling failed for good. An interrupted task run does not use its retry."""
    runs = turn.below(scope)
    if turn.state.current is State.RETRYING and any(run.state.current is State.RETRYING for run in runs):
        turn.enter(State.RUNNING)
    direct = sum(run.parent == scope for run in runs)
    call_off(turn, runs)
    failed = turn.scopes[scope].failed
    kill_children(turn, runs, reason=f"task `{failed}` failed beside the task that waits for it")
    for run in runs:
        turn.write("WARN", f"Task terminated because sibling task '{failed}' failed", run)
        end_silently(turn, run, state)
    if direct:
        counted = turn.scopes[scope]
        ended = {**counted.ended, state: counted.ended.get(state, 0) + direct}
        turn.update_scope(scope, open=0, retrying=0, ended=ended)


def end_silently(turn: Turn, run: TaskRun, state: State) -> None:
    """End a task run without telling its scope, which ends as well or counts by itself."""
    remember(turn, turn.end(run, state, attempts=closed(turn, run, state)))


def halt(turn: Turn, target: State, *, state_of: Callable[[TaskRun], State] = lambda run: State.KILLED) -> None:
    """End the whole execution here and now, KILLED where that is under way; `state_of` says how each open task run ends."""
    runs = sorted(turn.runs.values(), key=lambda run: -run.ord)
    call_off(turn, runs)
    for run in runs:
        end_silently(turn, run, state_of(run))
    for name in turn.timers:
        turn.cancel_timer(name)
    turn.steps.clear()
    turn.change(is_held=False)
    if turn.is_over:
        # It was afterExecution that was halted: the state stays.
        end_really(turn)
        return
    turn.set_scope(ROOT, Scope())
    target = State.KILLED if turn.is_killing else target
    if (turn.state.current, target) not in EXECUTION_MOVES:
        turn.enter(State.RUNNING)
    turn.enter(target)
    start_after_execution(turn)
