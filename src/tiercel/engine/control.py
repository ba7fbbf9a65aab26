"""What people and other executions may do to a running execution: kill, pause, resume. Each answers why it refuses."""

from tiercel.engine.ending import end_really, start_after_execution
from tiercel.engine.interrupts import call_off, halt
from tiercel.engine.messages import Kill, KillChildren, KillJobs, Resume
from tiercel.engine.pauses import resume as resume_pause
from tiercel.engine.runs import end
from tiercel.engine.turn import Turn, replace
from tiercel.model.execution import ROOT, Scope, TaskRun
from tiercel.model.flowable import Subflow
from tiercel.model.states import State

# Kill ------------------------------------------------------------------------------------------------------------------


def kill(turn: Turn, event: Kill) -> str | None:
    """End the execution. What can end at once does; workers and sub-executions are told, and waited for."""
    if turn.is_over:
        return _stop_waiting_for_retry(turn)
    if turn.is_killing:
        return "the execution is being killed already"
    if event.cascade:
        turn.command(KillChildren(event.target))
    if turn.state.current is State.PAUSED:
        _leave_pause(turn)
    if event.target is not State.KILLED:
        halt(turn, event.target)
    elif turn.state.current is State.QUEUED or ROOT not in turn.scopes:
        _kill_before_start(turn)
    else:
        _begin_killing(turn, cascade=event.cascade)
    return None


def _stop_waiting_for_retry(turn: Turn) -> str | None:
    """An execution that ended RETRIED and is still to be replaced is not replaced."""
    if "replace" not in turn.timers:
        return f"the execution has ended in {turn.state.current}"
    end_really(turn)
    return None


def _leave_pause(turn: Turn) -> None:
    """As recorded: a paused task is resumed into the kill, a pause by hand is lifted."""
    if turn.paused:
        metadata = turn.execution.metadata
        turn.change(metadata=replace(metadata, attempt_number=metadata.attempt_number + 1))
        turn.enter(State.RESTARTED)
    else:
        turn.enter(State.RUNNING)


def _kill_before_start(turn: Turn) -> None:
    turn.set_scope(ROOT, Scope())
    turn.enter(State.KILLED)
    for name in turn.timers:
        turn.cancel_timer(name)
    start_after_execution(turn)


def _begin_killing(turn: Turn, *, cascade: bool) -> None:
    turn.enter(State.KILLING)
    turn.steps.clear()
    turn.change(is_held=False)
    busy = [run for run in turn.runs.values() if _ends_by_itself(turn, run, cascade=cascade)]
    killed = tuple((run.ord, run.attempt) for run in busy if turn.node(run).is_runnable)
    if killed:
        turn.command(KillJobs(killed))
    others = set(turn.runs).difference(run.ord for run in busy)
    call_off(turn, [turn.runs[ord] for ord in others])
    for ord in sorted(others, reverse=True):
        _kill_run(turn, turn.runs[ord])
    turn.later("advance", ROOT)


def _ends_by_itself(turn: Turn, run: TaskRun, *, cascade: bool) -> bool:
    """A worker or a sub-execution has it, and will say how it ended."""
    node = turn.node(run)
    is_elsewhere = node.is_runnable or (cascade and isinstance(node.task, Subflow))
    return is_elsewhere and run.state.current is State.RUNNING


def _kill_run(turn: Turn, run: TaskRun) -> None:
    if run.ord in turn.scopes:
        turn.later("advance", run.ord)
    else:
        end(turn, run, State.KILLED)


# Pause and resume -------------------------------------------------------------------------------------------------------


def pause(turn: Turn) -> str | None:
    """Start nothing new; what runs goes on."""
    if turn.state.current is not State.RUNNING:
        return f"only an execution that is RUNNING can be paused; it is {turn.state.current}"
    turn.enter(State.PAUSED)
    turn.change(is_held=True)
    return None


def resume(turn: Turn, event: Resume) -> str | None:
    """Go on: with the paused task that is meant, else the first one, else after a pause by hand."""
    if turn.is_killing:
        return "the execution is being killed; there is nothing to resume"
    if event.task_run is None and turn.execution.is_held:
        _release(turn)
        return None
    paused = _paused(turn, event.task_run)
    if paused is None:
        return "no task of the execution is paused" if event.task_run is None else f"{event.task_run} is not paused"
    resume_pause(turn, paused, to=State.SUCCESS, inputs=event.inputs, by=event.by)
    return None


def _release(turn: Turn) -> None:
    turn.change(is_held=False)
    turn.enter(State.RUNNING)


def _paused(turn: Turn, identifier: str | None) -> TaskRun | None:
    paused = [run for run in turn.runs.values() if run.state.current is State.PAUSED]
    meant = [run for run in paused if identifier in (None, run.id)]
    return min(meant, key=lambda run: run.ord, default=None)
