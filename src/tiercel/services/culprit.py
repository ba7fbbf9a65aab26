"""Which task run is to blame for how an execution ended: the first that went wrong by itself."""

from collections.abc import Iterable, Iterator, Mapping

from tiercel.model.states import State
from tiercel.model.task_run import ROOT, TaskRun

WRONG = frozenset({State.FAILED, State.KILLED, State.CANCELLED, State.WARNING})


def culprit(runs: Mapping[int, TaskRun], ended: State) -> TaskRun | None:
    """None where none went wrong: the execution did so as a whole.

    A failure that a flowable around it allowed did not make the execution fail; it did give it its warning.
    """
    if ended not in WRONG:
        return None
    blamed = [State.FAILED, State.WARNING] if ended is State.WARNING else [ended]
    wrong = [run for run in runs.values() if run.state.current in blamed]
    parents = {run.parent for run in wrong}
    own = [run for run in wrong if run.ord not in parents and (ended is State.WARNING or _counts(runs, run, ended))]
    return _first(own)


def _counts(runs: Mapping[int, TaskRun], run: TaskRun, ended: State) -> bool:
    return all(runs[ord].state.current is ended for ord in _above(runs, run))


def _above(runs: Mapping[int, TaskRun], run: TaskRun) -> Iterator[int]:
    while run.parent != ROOT and run.parent in runs:
        run = runs[run.parent]
        yield run.ord


def _first(runs: Iterable[TaskRun]) -> TaskRun | None:
    return min(runs, key=lambda run: (run.state.histories[-1].date, run.ord), default=None)
