"""What workers tell of the attempts they run: that one began, how it ended, that it was lost with its worker."""

from tiercel.engine import directories, dynamics
from tiercel.engine.commands import Dispatch
from tiercel.engine.events import Done, Started, WorkerLost
from tiercel.engine.retries import conclude
from tiercel.engine.runs import closed, end
from tiercel.engine.turn import Turn, replace
from tiercel.model.states import TASK_RUN_MOVES, State
from tiercel.model.task_run import TaskRun, begun

_UNDER_WAY = (State.SUBMITTED, State.RUNNING)


def started(turn: Turn, event: Started) -> str | None:
    run = _current(turn, event)
    if run is None:
        return _not_current(event)
    if turn.node(run).is_directory:
        return directories.claimed(turn, run, event)
    if run.attempts and run.attempts[-1].is_open:
        return f"attempt {event.attempt} of task run {event.ord} has started already"
    turn.put(_with_attempt(turn, run, event.worker))
    return None


def done(turn: Turn, event: Done) -> str | None:
    run = _current(turn, event)
    if run is None:
        return _not_current(event)
    if run.state.current not in _UNDER_WAY:
        return f"task run {event.ord} is {run.state.current}"
    if not run.attempts or not run.attempts[-1].is_open:
        run = _with_attempt(turn, run, event.worker)
    if event.log_file is not None:
        *earlier, last = run.attempts
        run = replace(run, attempts=(*earlier, replace(last, log_file=event.log_file)))
    dynamics.add(turn, run, event.dynamic_runs)
    if turn.node(run).is_directory:
        directories.done(turn, turn.put(run), event)
    else:
        # What comes of its end puts it: once is enough where a thousand are open.
        conclude(turn, run, event.state, outputs=event.outputs)
    return None


def worker_lost(turn: Turn, event: WorkerLost) -> str | None:
    run = _current(turn, event)
    if run is None:
        return _not_current(event)
    if run.state.current not in _UNDER_WAY:
        return f"task run {event.ord} is {run.state.current}"
    if not run.attempts or not run.attempts[-1].is_open:
        run = turn.put(_with_attempt(turn, run, event.worker))
    if turn.node(run).is_directory:
        _directory_lost(turn, run, event)
    elif turn.is_killing:
        end(turn, run, State.KILLED)
    elif event.resubmit:
        run = turn.put(replace(run, attempts=closed(turn, run, State.RESUBMITTED)))
        turn.command(Dispatch(run.ord, run.attempt))
    else:
        turn.write("ERROR", f"the worker {event.worker} that ran this task is gone", run)
        conclude(turn, run, State.FAILED)
    return None


def _directory_lost(turn: Turn, run: TaskRun, event: WorkerLost) -> None:
    if turn.is_killing:
        directories.close(turn, run, State.KILLED)
    elif event.resubmit:
        directories.begin_again(turn, run)
    else:
        turn.write("ERROR", f"the worker {event.worker} that ran this task is gone", run)
        directories.close(turn, run, State.FAILED)


def _with_attempt(turn: Turn, run: TaskRun, worker: str | None) -> TaskRun:
    """The task run whose attempt runs. After the loss of a worker it is RUNNING already."""
    attempts = (*run.attempts, begun(turn.at, worker_id=worker))
    if run.state.current is State.RUNNING:
        return replace(run, attempts=attempts)
    return replace(run, state=run.state.move(State.RUNNING, at=turn.at, moves=TASK_RUN_MOVES), attempts=attempts)


def _current(turn: Turn, event: Started | Done | WorkerLost) -> TaskRun | None:
    """The open task run whose attempt of now the event is about."""
    run = turn.runs.get(event.ord)
    if run is None or not turn.node(run).is_runnable or run.attempt != event.attempt:
        return None
    return run


def _not_current(event: Started | Done | WorkerLost) -> str:
    return f"attempt {event.attempt} of task run {event.ord} is not under way"
