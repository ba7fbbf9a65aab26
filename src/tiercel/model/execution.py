"""Executions, task runs and attempts as records: frozen, camelCase on the wire, written by machines.

`Execution` is the *working set* of the engine: header, open task runs, one record of counters per open scope, and the
outputs that expressions of the flow name. Ended task runs are not in it. What differs from the last commit stands in
`changes`, however many decisions made it; a commit writes only that, and goes on with `settled(execution)`.
`given` and `progress` are the parts of the header that a row keeps; `engine.restore` puts everything together again.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from immutables import Map

from tiercel.model.bounds import Bound
from tiercel.model.iteration import Iteration, Laps
from tiercel.model.results import Results
from tiercel.model.states import TERMINATED, Moves, State, check_move

ROOT = -1
"""The scope of the flow itself, beside the scopes of flowable task runs (named by their `ord`)."""

ADMIT = "admit"
"""The verb of the step that asks for a slot; nothing else is done before there is one."""
GO_ON = "goOn"
"""The verb of the step after a pause: the execution is RUNNING again."""
BEFORE_THE_GATE = (State.QUEUED, State.RESTARTED)
"""States in which an execution has steps left and no slot."""

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


def merged_labels(labels: tuple[Label, ...], more: tuple[Label, ...]) -> tuple[Label, ...]:
    """The labels with more of them; a new value wins over an old one."""
    merged = {label.key: label.value for label in (*labels, *more)}
    return tuple(Label(key, value) for key, value in merged.items())


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


class Fixture(Record, frozen=True):
    """How a task run ends without running: for executions that test their flow."""

    id: str
    """The task; with `value` its run for that value of the loop around."""
    value: str | None = None
    state: State = State.SUCCESS
    outputs: dict[str, Any] | None = None


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


class Answer(Record, frozen=True):
    """What the world answered to a call of an expression; `error` says why there is no value."""

    value: Any = None
    error: str | None = None
    is_sealed: bool = False
    source: str | None = None
    """The file of internal storage that the value lies in. Such an answer has no row: after a crash it is asked again."""


class Step(Record, frozen=True, array_like=True):
    """Work that a full slice, or a pause, left for later: `verb` names it, see engine.decide."""

    verb: str
    ord: int
    iteration: int = 0
    position: int = 0


class Changes(msgspec.Struct, frozen=True):
    """What differs from the last commit. Decisions add to it until `settled` empties it."""

    created: bool = False
    """The execution itself has no row yet."""
    header: bool = False
    """State, counters, timers, anything of `progress` differs."""
    labels: bool = False
    first_new: int = 0
    """Task runs from this ord on have no row yet."""
    runs: Map[int, TaskRun] = Map()
    """The latest version of each task run that is new or different, ended ones included, by ord."""
    scopes: Map[int, None] = Map()
    """Flowable task runs whose counters differ; what they are now stands in `Execution.scopes`, nothing where they end."""
    removed: frozenset[int] = frozenset()
    """Task runs taken away, and with each of them everything below it."""


class Given(Record, frozen=True):
    """What never changes after the creation: written once."""

    inputs: dict[str, Any] = {}
    trigger: TriggerInfo | None = None
    schedule_date: datetime | None = None
    waits: ParentLink | None = None
    iteration: Iteration | None = None
    fixtures: tuple[Fixture, ...] = ()
    templates: dict[str, int] = {}


class Progress(Record, frozen=True):
    """The small part of the header that is rewritten."""

    state: History
    metadata: Metadata
    root: Scope | None = None
    life: int = 0
    bounds: tuple[Bound, ...] = ()
    next_ord: int = 0
    next_seq: int = 0
    is_held: bool = False
    breakpoints: tuple[str, ...] = ()
    pending: tuple[Step, ...] = ()
    timers: dict[str, datetime] = {}
    awaiting: dict[str, tuple[int, ...]] = {}
    answers: dict[int, dict[str, Answer]] = {}


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
    iteration: Iteration | None = None
    """Which iteration of a Loop this is, if it is one. Inputs and trigger are then those of the execution above."""
    live: bool = True
    """False once really over: afterExecution ended, parent told."""
    life: int = 0
    bounds: tuple[Bound, ...] = ()
    """The limits of concurrency that it asked for a slot."""
    next_ord: int = 0
    next_seq: int = 0
    """The number of the next row of history; raised by the commit."""
    is_held: bool = False
    """Paused by hand: nothing new starts."""
    fixtures: tuple[Fixture, ...] = ()
    """Task runs that are not to run, and how they end."""
    templates: dict[str, int] = {}
    """The revisions of stored templates that it runs, by `namespace/id`."""
    breakpoints: tuple[str, ...] = ()
    """Tasks, as `id` or `id.value`, that stop before they begin."""
    recalled: Map[int, TaskRun] | None = None
    """All task runs that ended, by ord: read for the one decision that makes an ended execution run again."""
    busy: int = 0
    """Open task runs without children that are not paused."""
    paused: int = 0
    """Task runs that are paused."""
    pending: tuple[Step, ...] = ()
    """What a full slice or a pause left for later, in order."""
    runs: Map[int, TaskRun] = Map()
    """Open task runs by ord."""
    scopes: Map[int, Scope] = Map()
    results: Results = Results()
    """Outputs that expressions of the flow name: task id → outputs, or for valued runs task id → value → … → outputs."""
    states: Results = Results()
    """Task id → {state: …} of its latest run (valued: nested by value), where the flow's expressions ask for states."""
    timers: Map[str, datetime] = Map()
    awaiting: Map[str, tuple[int, ...]] = Map()
    """Calls of expressions that are asked and not answered: key → ords of the task runs that wait (ROOT: the end)."""
    answers: Map[int, dict[str, Answer]] = Map()
    """Answers by the ord that asked, until its expressions are rendered: ord → call key → answer."""
    changes: Changes = Changes(created=True, header=True, labels=True)

    @property
    def is_over(self) -> bool:
        """The state is an end; afterExecution may still run (see `live`)."""
        return self.state.current in TERMINATED

    @property
    def is_waiting(self) -> bool:
        """What is left to do has to wait: for a person, or for a slot of the flow's limit."""
        asks = bool(self.pending) and self.pending[0].verb in (ADMIT, GO_ON)
        return self.is_held or (self.state.current in BEFORE_THE_GATE and not asks)

    @property
    def is_marked(self) -> bool:
        """There is work that nothing stored will wake: a restart sends `Recovered`."""
        return bool(self.pending and not self.is_waiting) or bool(self.awaiting)


def given(execution: Execution) -> Given:
    """What is written once. An iteration of a loop finds inputs and trigger with the execution above."""
    own = Given() if execution.iteration else Given(execution.inputs, execution.trigger, execution.schedule_date)
    common = {name: getattr(execution, name) for name in ("waits", "iteration", "fixtures", "templates")}
    return msgspec.structs.replace(own, **common)


def progress(execution: Execution) -> Progress:
    """What is rewritten whenever the header changed."""
    return Progress(
        state=execution.state,
        metadata=execution.metadata,
        root=execution.scopes.get(ROOT),
        life=execution.life,
        bounds=execution.bounds,
        next_ord=execution.next_ord,
        next_seq=execution.next_seq,
        is_held=execution.is_held,
        breakpoints=execution.breakpoints,
        pending=execution.pending,
        timers=dict(execution.timers),
        awaiting=dict(execution.awaiting),
        answers=_storable(execution.answers),
    )


def _storable(answers: Map[int, dict[str, Answer]]) -> dict[int, dict[str, Answer]]:
    return {
        ord: {key: answer for key, answer in given.items() if answer.source is None} for ord, given in answers.items()
    }


def settled(execution: Execution) -> Execution:
    """The working set after a commit has taken its changes."""
    return msgspec.structs.replace(execution, changes=Changes(first_new=execution.next_ord))
