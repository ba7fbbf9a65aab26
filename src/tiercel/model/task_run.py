"""Task runs with their attempts, and the counters of those that hold others."""

from datetime import datetime
from typing import Any

from tiercel.model.history import History, Moment
from tiercel.model.iteration import Laps
from tiercel.model.record import Record
from tiercel.model.states import TERMINATED, State

ROOT = -1
"""The scope of the flow itself, beside the scopes of flowable task runs (named by their `ord`)."""


class Attempt(Record, frozen=True):
    state: History
    worker_id: str | None = None
    log_file: str | None = None

    @property
    def is_open(self) -> bool:
        return self.state.current not in TERMINATED


def begun(at: datetime, *, worker_id: str | None = None) -> Attempt:
    """An attempt that starts to run at this instant."""
    histories = (Moment(State.CREATED, at), Moment(State.RUNNING, at))
    return Attempt(History(State.RUNNING, histories), worker_id)


def only(state: State, at: datetime) -> Attempt:
    """An attempt that never ran: it has nothing but its end."""
    return Attempt(History(state, (Moment(state, at),)))


class Scope(Record, frozen=True):
    """Counters of a scope's children: nothing else of the scope changes when a child starts or ends."""

    block: str = "tasks"
    """Which list runs now: tasks, errors, finally, or afterExecution (of the flow)."""
    branch: str = ""
    """Which list of a branching task was chosen: `then`, `else`, `case <value>`, `defaults`; of a pause, its behaviour."""
    next: int = 0
    """The cursor in `tasks`: how many of them, or of a loop's values, have been started."""
    tail: int = 0
    """The cursor in errors, finally, afterExecution."""
    tail_runs: tuple[int, ...] = ()
    """Task runs of errors and finally that a retry takes away again."""
    open: int = 0
    """Children that hold the block up."""
    retrying: int = 0
    """Children of `tasks` that wait for a retry which somebody above wrote: errors and finally run meanwhile."""
    generation: int = 0
    """How often children were removed: part of the ids of those that come after."""
    ended: dict[State, int] = {}
    """How many children of `tasks` (not of errors, finally) ended in each state."""
    failed: str = ""
    """The task that failed first: named to those that are interrupted because of it."""
    done: str = ""
    """Dag: the tasks that ended, as bits of a hexadecimal number."""
    ready: tuple[int, ...] = ()
    """Dag: the tasks that may start, by place."""
    iteration: int = 0
    """LoopUntil: the number its children of now carry."""
    children: tuple[int, ...] = ()
    """LoopUntil: its children of now, which the next iteration takes away."""
    laps: Laps | None = None
    """Loop: its iterations. They are executions, so no child of the scope counts for them."""
    outcome: State | None = None
    """Pause: the state it was resumed to."""


class TaskRun(Record, frozen=True):
    """One run of a task. `ord` is its place in creation order, dense within the execution."""

    id: str
    ord: int
    task_id: str
    state: History
    parent: int = ROOT
    parent_task_run_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    around: tuple[str, ...] = ()
    """The values of the loops around it, outermost first, its own left out: with it the place of its outputs."""
    attempts: tuple[Attempt, ...] = ()
    outputs: dict[str, Any] | None = None
    values: tuple[str, ...] | None = None
    """The values of a loop, rendered once. Not an output: kept beside the outputs so that it is written once."""
    keys: tuple[str, ...] | None = None
    """The keys that belong to these values, where they are those of a map."""
    force_execution: bool = False
    dynamic: bool = False

    @property
    def attempt(self) -> int:
        """The number of the attempt that is under way or comes next, from 1."""
        made = len(self.attempts)
        return made if made and self.attempts[-1].is_open else made + 1

    @property
    def is_open(self) -> bool:
        return self.state.current not in TERMINATED

    @property
    def place(self) -> tuple[str, ...]:
        """The values of the loops around and its own: where its outputs stand below its task's name."""
        return self.around if self.value is None else (*self.around, self.value)
