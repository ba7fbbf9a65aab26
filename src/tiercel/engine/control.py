"""What people and other executions may do to a running execution: kill, pause, resume, force. Each answers why it refuses."""

from tiercel.engine.breakpoints import resume as resume_breakpoint
from tiercel.engine.changes import begin_by_force
from tiercel.engine.commands import KillChildren, KillJobs
from tiercel.engine.ending import end_really, tell_parent
from tiercel.engine.events import Kill, Resume, ResumeBreakpoint
from tiercel.engine.interrupts import call_off, children_of, halt, open_iterations
from tiercel.engine.loop_control import hold_iterations, kill_iterations, release_iterations, resume_iterations
from tiercel.engine.pauses import killed as kill_pause
from tiercel.engine.pauses import resume as resume_pause
from tiercel.engine.runs import end
from tiercel.engine.turn import Turn, replace
from tiercel.model.flowable import Approval, Loop, Subflow
from tiercel.model.flowable import Pause as PauseTask
from tiercel.model.states import State
from tiercel.model.task_run import ROOT, TaskRun

# Kill ------------------------------------------------------------------------------------------------------------------


def kill(turn: Turn, event: Kill) -> str | None:
    """End the execution. What can end at once does; workers and sub-executions are told, and waited for."""
    if turn.is_over:
        return _stop_waiting_for_retry(turn)
    if turn.is_killing:
        return "the execution is being killed already"
    if event.cascade:
        turn.command(KillChildren(event.target, reason=event.reason, by=event.by))
    else:
        kill_iterations(turn, event)
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
    """An execution that ended RETRIED and is still to be replaced is not replaced: who waits for the new one waits no more."""
    if "replace" not in turn.timers:
        return f"the execution has ended in {turn.state.current}"
    end_really(turn)
    tell_parent(turn, State.KILLED)
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
    turn.enter(State.KILLING)
    halt(turn, State.KILLED)


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
    has_others = bool(open_iterations(turn, run)) or (cascade and bool(children_of(turn, run)))
    return (is_elsewhere and run.state.current is State.RUNNING) or has_others


def _kill_run(turn: Turn, run: TaskRun) -> None:
    """End a task run now, unless something below it has yet to end."""
    scope = turn.scopes.get(run.ord)
    if scope is not None and (scope.open or scope.retrying):
        turn.later("advance", run.ord)
    elif run.state.current is State.PAUSED and isinstance(turn.node(run).task, PauseTask):
        kill_pause(turn, run)
    else:
        end(turn, run, State.KILLED)


# Pause and resume -------------------------------------------------------------------------------------------------------


def pause(turn: Turn) -> str | None:
    """Start nothing new; what runs goes on."""
    if turn.state.current is not State.RUNNING:
        return f"only an execution that is RUNNING can be paused; it is {turn.state.current}"
    turn.enter(State.PAUSED)
    turn.change(is_held=True)
    hold_iterations(turn)
    return None


def resume(turn: Turn, event: Resume) -> str | None:
    """Go on: with the paused task that is meant, else the first one, else after a pause by hand."""
    if turn.is_killing:
        return "the execution is being killed; there is nothing to resume"
    if event.task_run is None and turn.execution.is_held:
        _release(turn)
        return None
    if event.only_held:
        return "the execution is not paused by hand"
    paused = _paused(turn, event.task_run)
    if paused is None and resume_iterations(turn, event):
        return None
    if paused is None:
        return "no task of the execution is paused" if event.task_run is None else f"{event.task_run} is not paused"
    resume_pause(turn, paused, to=State.SUCCESS, inputs=event.inputs, by=event.by)
    return None


def _release(turn: Turn) -> None:
    turn.change(is_held=False)
    turn.enter(State.RUNNING)
    release_iterations(turn)


def _paused(turn: Turn, identifier: str | None) -> TaskRun | None:
    """A paused Loop is not meant: something within one of its iterations is. An Approval wants a decision."""
    paused = [
        run
        for run in turn.runs.values()
        if run.state.current is State.PAUSED and not isinstance(turn.node(run).task, Approval | Loop)
    ]
    meant = [run for run in paused if identifier in (None, run.id)]
    return min(meant, key=lambda run: run.ord, default=None)


# Force -----------------------------------------------------------------------------------------------------------------


def force_run(turn: Turn) -> str | None:
    """Go on, whatever the execution waits for: a date, a slot, or a person."""
    if turn.is_over or turn.is_killing:
        return f"an execution that is {turn.state.current} does not wait for anything"
    match turn.state.current:
        case State.CREATED | State.QUEUED | State.RESTARTED:
            begin_by_force(turn)
        case State.PAUSED:
            return resume(turn, Resume(turn.at, turn.event.seed))
        case State.BREAKPOINT:
            return resume_breakpoint(turn, ResumeBreakpoint(turn.at, turn.event.seed))
        case _:
            turn.later("advance", ROOT)
    return None
