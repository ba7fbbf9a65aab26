"""Breakpoints: task runs that stop before they begin, until somebody lets them go on."""

from tiercel.engine.events import ResumeBreakpoint
from tiercel.engine.turn import Turn
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun


def stops(turn: Turn, run: TaskRun) -> bool:
    """Whether a task run that is about to begin is to stop here; one that has stopped before goes on."""
    breakpoints = turn.execution.breakpoints
    if not breakpoints or turn.node(run).is_forced:
        return False
    names = {run.task_id} if run.value is None else {run.task_id, f"{run.task_id}.{run.value}"}
    return not names.isdisjoint(breakpoints) and not _has_stopped(run)


def _has_stopped(run: TaskRun) -> bool:
    return any(moment.state is State.BREAKPOINT for moment in run.state.histories)


def stop(turn: Turn, run: TaskRun) -> None:
    """The task run waits, and the execution shows it. What runs beside it goes on."""
    turn.move(run, State.BREAKPOINT)
    if turn.state.current is State.RUNNING:
        turn.enter(State.BREAKPOINT)


def resume(turn: Turn, event: ResumeBreakpoint) -> str | None:
    """All that have stopped begin."""
    if turn.state.current is not State.BREAKPOINT:
        return f"the execution is not suspended at a breakpoint; it is {turn.state.current}"
    if event.breakpoints is not None:
        turn.change(breakpoints=event.breakpoints)
    for run in sorted(_stopped(turn), key=lambda run: run.ord):
        turn.move(run, State.CREATED)
        turn.later("start", run.ord)
    turn.enter(State.RUNNING)
    return None


def show(turn: Turn) -> None:
    """The execution is RUNNING again when nothing of it is stopped any more, since a sibling failed."""
    if turn.state.current is State.BREAKPOINT and not _stopped(turn):
        turn.enter(State.RUNNING)


def _stopped(turn: Turn) -> list[TaskRun]:
    return [run for run in turn.runs.values() if run.state.current is State.BREAKPOINT]
