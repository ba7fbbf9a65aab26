"""Executions, task runs and attempts as records: frozen, camelCase on the wire, written by machines.

`Execution` is the *working set* of the engine: header, open task runs, one record of counters per open scope, and the
outputs that expressions may name. Ended children of a loop are not in it. What changed since the last commit stands in
`changes`; a commit writes only that.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from immutables import Map

from tiercel.model.states import TERMINATED, Moves, State, check_move

ROOT = -1
"""The scope of the flow itself, beside the scopes of flowable task runs (named by their `ord`)."""

HISTORY_LIMIT = 100
"""A record keeps the first and the last fifty moves; the whole stands in the events."""


class Record(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Base of everything a machine writes."""


class Moment(Record, frozen=True):
    """A state and the instant it was entered."""

    state: State
    date: datetime


class History(Record, frozen=True):
    """The states passed so far, oldest first; the last one is the current one."""

    current: State
    histories: tuple[Moment, ...]

    @property
    def started(self) -> datetime:
        return self.histories[0].date

    @property
    def ended(self) -> datetime | None:
        """When the current state was entered, if it is an end (or a pause, which the API shows like one)."""
        last = self.histories[-1]
        return last.date if self.current in TERMINATED or self.current is State.PAUSED else None

    @property
    def duration(self) -> timedelta | None:
        ended = self.ended
        return None if ended is None else ended - self.started

    def move(self, target: State, *, at: datetime, moves: Moves) -> "History":
        """The history with one more state; IllegalMove where the table has no such move."""
        check_move(moves, self.current, target)
        histories = (*self.histories, Moment(target, at))
        if len(histories) > HISTORY_LIMIT:
            half = HISTORY_LIMIT // 2
            histories = (*histories[:half], *histories[-half:])
        return History(target, histories)


def born(at: datetime) -> History:
    """The history of what was created at this instant."""
    return History(State.CREATED, (Moment(State.CREATED, at),))


class Kind(StrEnum):
    """What an execution is for."""

    NORMAL = "NORMAL"
    TEST = "TEST"
    PLAYGROUND = "PLAYGROUND"
    LOOP = "LOOP"

    @property
    def number(self) -> int:
        return list(Kind).index(self)


class Label(Record, frozen=True):
    key: str
    value: str


class TriggerInfo(Record, frozen=True):
    """What started an execution, as expressions and the API see it."""

    id: str
    type: str
    variables: dict[str, Any] = {}
    log_file: str | None = None


class Metadata(Record, frozen=True, omit_defaults=False):
    attempt_number: int
    original_created_date: datetime


class ParentLink(Record, frozen=True):
    """The task run that waits for this execution to end."""

    execution_id: str
    ord: int
    attempt: int


class Attempt(Record, frozen=True):
    state: History
    worker_id: str | None = None
    log_file: str | None = None


class Scope(Record, frozen=True):
    """Counters of a scope's children: nothing else of the scope changes when a child ends.

    `block` says which list is being run; `next` is the cursor: into the block's tasks, and for loops into the values.
    """

    block: str = "tasks"
    next: int = 0
    size: int = 0
    open: int = 0
    generation: int = 0
    ended: dict[State, int] = {}
    """How many children of `tasks` (not of errors, finally) ended in each state."""
    group: dict[str, Any] = {}
    """What the kind of scope remembers besides: see engine.plan."""


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
    attempts: tuple[Attempt, ...] = ()
    outputs: dict[str, Any] | None = None
    force_execution: bool = False
    dynamic: bool = False

    @property
    def attempt(self) -> int:
        """The number of the current attempt, from 1; 0 before the first."""
        return len(self.attempts)

    @property
    def is_open(self) -> bool:
        return self.state.current not in TERMINATED


class Changes(msgspec.Struct, frozen=True):
    """What differs from the last commit."""

    header: bool = False
    created: frozenset[int] = frozenset()
    updated: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()
    scopes: frozenset[int] = frozenset()


class Execution(msgspec.Struct, frozen=True):
    """The working set of one execution (design: executor.md §3)."""

    id: str
    tenant: str
    namespace: str
    flow_id: str
    flow_revision: int
    state: History
    metadata: Metadata
    kind: Kind = Kind.NORMAL
    labels: tuple[Label, ...] = ()
    inputs: dict[str, Any] = {}
    variables: dict[str, Any] | None = None
    """The execution's own copy of the flow's variables, once a task changed them."""
    outputs: dict[str, Any] | None = None
    trigger: TriggerInfo | None = None
    schedule_date: datetime | None = None
    parent_id: str | None = None
    original_id: str | None = None
    cause_id: str | None = None
    waits: ParentLink | None = None
    live: bool = True
    """False once really over: afterExecution ended, parent told."""
    life: int = 0
    next_ord: int = 0
    next_seq: int = 0
    """The number of the next row of history; raised by the commit."""
    runs: Map[int, TaskRun] = Map()
    """Open task runs, and ended ones that still matter to an open scope, by ord."""
    scopes: Map[int, Scope] = Map()
    results: Map[str, Any] = Map()
    """Outputs that expressions may name: task id → outputs, or for valued runs task id → value → … → outputs."""
    states: Map[str, Any] = Map()
    """Task id → state of its latest run (valued: nested by value), for `tasks.x.state` and tasksWithState()."""
    timers: Map[str, datetime] = Map()
    answers: Map[str, Any] = Map()
    """Answers of the world to calls of the expressions being rendered: call key → value."""
    awaiting: frozenset[str] = frozenset()
    """Keys of the calls that are asked and not yet answered."""
    changes: Changes = Changes()

    @property
    def is_over(self) -> bool:
        return self.state.current in TERMINATED
