"""Executions as records: frozen, camelCase on the wire, written by machines.

`Execution` is the *working set* of the engine: header, open task runs, one record of counters per open scope, and the
outputs that expressions of the flow name. Ended task runs are not in it. What differs from the last commit stands in
`changes`, however many decisions made it; a commit writes only that, and goes on with `settled(execution)`.
`given` and `progress` are the parts of the header that a row keeps; `engine.restore` puts everything together again.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from immutables import Map

from tiercel.model.bounds import Bound
from tiercel.model.history import History
from tiercel.model.iteration import Iteration
from tiercel.model.record import Record
from tiercel.model.results import Results
from tiercel.model.states import TERMINATED, State
from tiercel.model.task_run import ROOT, Scope, TaskRun

ADMIT = "admit"
"""The verb of the step that asks for a slot; nothing else is done before there is one."""
GO_ON = "goOn"
"""The verb of the step after a pause: the execution is RUNNING again."""
BEFORE_THE_GATE = (State.QUEUED, State.RESTARTED)
"""States in which an execution has steps left and no slot."""


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
    """The task; with `value` its runs for that value of the loop around."""
    value: str | None = None
    state: State = State.SUCCESS
    outputs: dict[str, Any] | None = None


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


def value_around(execution: Execution, run: TaskRun) -> str | None:
    """The value of the innermost loop around a task run, within its execution or as an iteration of a Loop."""
    if run.value is None and run.around:
        return run.around[-1]
    if run.value is None and execution.iteration is not None:
        return execution.iteration.item.value
    return run.value


def settled(execution: Execution) -> Execution:
    """The working set after a commit has taken its changes."""
    return msgspec.structs.replace(execution, changes=Changes(first_new=execution.next_ord))
