"""What is done to an execution from outside, passed on to the open iterations of its loops."""

from collections.abc import Iterator

from tiercel.engine.commands import KillChildren, TellExecutions
from tiercel.engine.events import Kill, Pause, Resume
from tiercel.engine.interrupts import open_iterations
from tiercel.engine.turn import Turn
from tiercel.model.task_run import TaskRun


def kill_iterations(turn: Turn, event: Kill) -> None:
    """Iterations are parts of the execution: they end with it even where sub-executions are to go on."""
    children = tuple(_open(turn))
    if children:
        turn.command(KillChildren(event.target, children, event.reason, event.by))


def hold_iterations(turn: Turn) -> None:
    """A pause by hand lets nothing new start, in iterations neither."""
    _tell(turn, tuple(_open(turn)), Pause(turn.at, turn.event.seed))


def release_iterations(turn: Turn) -> None:
    """The pause by hand is over."""
    _tell(turn, tuple(_open(turn)), Resume(turn.at, turn.event.seed, only_held=True))


def resume_iterations(turn: Turn, event: Resume) -> bool:
    """Resume what is paused within iterations: the first of them, or the one that knows the task run that is meant."""
    paused = [child for run in _loops(turn) for child in open_iterations(turn, run, only_paused=True)]
    _tell(turn, tuple(paused if event.task_run is not None else paused[:1]), event)
    return bool(paused)


def _loops(turn: Turn) -> Iterator[TaskRun]:
    return (turn.runs[ord] for ord, scope in sorted(turn.scopes.items()) if scope.laps is not None)


def _open(turn: Turn) -> Iterator[str]:
    return (child for run in _loops(turn) for child in open_iterations(turn, run))


def _tell(turn: Turn, children: tuple[str, ...], event: Pause | Resume) -> None:
    if children:
        turn.command(TellExecutions(children, event))
