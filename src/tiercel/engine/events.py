"""What the engine is told.

Every event carries `at`, the instant it happened, and `seed`, 128 bits for random functions, both given by the service
that makes the event and kept in the history: a replay renders the same text. Events are the wire format of the history.
"""

from datetime import datetime
from typing import Any

import msgspec

from tiercel.model.dynamic import DynamicRun
from tiercel.model.execution import Label
from tiercel.model.iteration import Item
from tiercel.model.states import State


class Event(msgspec.Struct, frozen=True, rename="camel", tag_field="event", omit_defaults=True):
    """Base of events."""

    at: datetime
    seed: int


class Note(msgspec.Struct, frozen=True, rename="camel", array_like=True):
    """A line that the log of an execution begins with."""

    level: str
    message: str


class Created(Event, frozen=True, tag="created"):
    """The first event of an execution: it is admitted and its first tasks are to be started."""

    notes: tuple[Note, ...] = ()
    fails: bool = False
    """A check of the flow lets nothing run: the execution fails at once."""
    labels: tuple[Label, ...] = ()
    """Labels and breakpoints that it was created with: both may change, and the history begins with these."""
    breakpoints: tuple[str, ...] = ()


class Continue(Event, frozen=True, tag="continue"):
    """Go on where a full slice, or the wait for a world's answer, stopped: what the mark of an execution turns into."""


class Recovered(Event, frozen=True, tag="recovered"):
    """The working set was loaded afresh after a loss: what ran inside the lost process is asked for again."""


class Started(Event, frozen=True, tag="started"):
    """A worker began a job."""

    ord: int
    attempt: int
    worker: str | None = None


class Done(Event, frozen=True, tag="done"):
    """A runnable task ended, on a worker or inside the executor."""

    ord: int
    attempt: int
    state: State
    """SUCCESS, WARNING, FAILED, KILLED or SKIPPED: before allowFailure and retries, which the engine applies."""
    outputs: dict[str, Any] | None = None
    error: str | None = None
    """One line for people; the log has the whole."""
    started: datetime | None = None
    worker: str | None = None
    log_file: str | None = None
    dynamic_runs: tuple[DynamicRun, ...] = ()


class Part(Event, frozen=True, tag="part"):
    """A child of a WorkingDirectory began an attempt, or ended it, on the worker that runs them all."""

    ord: int
    """The task run of the WorkingDirectory, and its attempt."""
    attempt: int
    place: int
    """Which child it is, among the enabled ones."""
    number: int
    """The child's own attempt, from 1."""
    state: State
    """RUNNING, SKIPPED, or how the attempt ended: before allowFailure, which the engine applies."""
    outputs: dict[str, Any] | None = None
    error: str | None = None
    log_file: str | None = None
    is_tried_again: bool = False
    """The worker waits and begins another attempt."""
    dynamic_runs: tuple[DynamicRun, ...] = ()


class Evaluated(Event, frozen=True, tag="evaluated"):
    """The world's answer to an `Evaluate`."""

    key: str
    value: Any = None
    error: str | None = None
    is_sealed: bool = False
    """Whether `value` is an encrypted text: the history keeps it."""
    source: str | None = None
    """The file of internal storage that holds the value: the history names it, and keeps no value."""


class TimerFired(Event, frozen=True, tag="timerFired"):
    """A timer is due. One whose name the execution no longer has changes nothing."""

    name: str


class ChildStarted(Event, frozen=True, tag="childStarted"):
    """The execution that a `CreateExecution` asked for exists; told before anything of it runs."""

    ord: int
    attempt: int
    child: str


class ChildEnded(Event, frozen=True, tag="childEnded"):
    """An execution started by a waiting task run is really over, or could not be created (`child` is None)."""

    ord: int
    attempt: int
    state: State
    child: str | None = None
    outputs: dict[str, Any] | None = None
    error: str | None = None
    item: Item | None = None
    """Which iteration of a Loop it was."""


class ChildPaused(Event, frozen=True, tag="childPaused"):
    """Everything that is left of an iteration of a Loop is paused, or goes on again."""

    ord: int
    index: int
    is_paused: bool = True


class WorkerLost(Event, frozen=True, tag="workerLost"):
    """The worker that ran an attempt is gone. `resubmit` false: the task fails with the reason."""

    ord: int
    attempt: int
    worker: str
    resubmit: bool = True


class Kill(Event, frozen=True, tag="kill"):
    """End the execution from outside; `target` is the state it ends in."""

    target: State = State.KILLED
    cascade: bool = True
    reason: str | None = None
    """Why, where more is known than that somebody wanted it."""
    by: str | None = None
    """The user who asked for it, of this execution or of one above; None where nobody was asked who they are."""
    parent: str | None = None
    """The execution that started this one and passed the kill on."""


class Pause(Event, frozen=True, tag="pause"):
    """Start nothing new until resumed."""


class Resume(Event, frozen=True, tag="resume"):
    """Go on after a pause. `inputs` are checked and typed already."""

    task_run: str | None = None
    """The id of the Pause task run that is meant; the first paused one otherwise."""
    inputs: dict[str, Any] = {}
    by: str | None = None
    only_held: bool = False
    """Lifts a pause by hand and nothing else: an iteration of a loop that its parent had paused goes on."""


class Review(Event, frozen=True, tag="review"):
    """Decide an Approval. `inputs` are checked and typed already."""

    is_approved: bool
    task_run: str | None = None
    """The id of the Approval task run that is meant; the first one that waits otherwise."""
    inputs: dict[str, Any] = {}
    comment: str | None = None
    by: str | None = None


class Restart(Event, frozen=True, tag="restart"):
    """Run what failed again, in place."""

    is_for_parent: bool = False
    """A task run that waits for its end was restarted: it comes to its end again, even where none of its tasks failed."""


class Replay(Event, frozen=True, tag="replay"):
    """Begin as a copy of another execution: the first event of the new one, which its owner makes from the rows."""

    source: str
    task_run: str | None = None
    """The id of the source's task run from which on everything runs again; None: from the start."""
    revision: int | None = None
    """None: the source's own."""
    inputs: dict[str, Any] | None = None
    """Given anew: typed already, and all of them. None: the source's."""
    breakpoints: tuple[str, ...] = ()
    is_restart: bool = False
    """Only what failed runs again: a restart that had to become an execution of its own, for its other revision."""


class ChangeTaskRun(Event, frozen=True, tag="changeTaskRun"):
    """A task run of an ended execution counts as ended in this state: go on from there."""

    task_run: str
    state: State


class ChangeStatus(Event, frozen=True, tag="changeStatus"):
    """An ended execution counts as ended in this state. Nothing runs."""

    state: State


class SetLabels(Event, frozen=True, tag="setLabels"):
    """An ended execution gets these labels in place of its own; those of the system stay."""

    labels: tuple[Label, ...]


class AddLabels(Event, frozen=True, tag="addLabels"):
    """The system says something about an execution."""

    labels: tuple[Label, ...]


class ForceRun(Event, frozen=True, tag="forceRun"):
    """Go on whatever it waits for: a date, a slot, a person."""


class Unqueue(Event, frozen=True, tag="unqueue"):
    """Leave the queue of the flow's limit, to run without a slot or to end."""

    state: State = State.RUNNING


class ResumeBreakpoint(Event, frozen=True, tag="resumeBreakpoint"):
    """Let the tasks begin that stopped at a breakpoint."""

    breakpoints: tuple[str, ...] | None = None
    """The breakpoints from now on; None: those there are."""


class Admitted(Event, frozen=True, tag="admitted"):
    """The flow's limit has a slot for the execution."""


class Queued(Event, frozen=True, tag="queued"):
    """The flow's limit has no slot: wait for one."""


class Rejected(Event, frozen=True, tag="rejected"):
    """The flow's limit has no slot, and nobody is to wait for one."""

    state: State


AnyEvent = (
    Created
    | Continue
    | Recovered
    | Started
    | Done
    | Part
    | Evaluated
    | TimerFired
    | ChildStarted
    | ChildEnded
    | ChildPaused
    | WorkerLost
    | Kill
    | Pause
    | Resume
    | Review
    | Restart
    | Replay
    | ChangeTaskRun
    | ChangeStatus
    | SetLabels
    | AddLabels
    | ForceRun
    | Unqueue
    | ResumeBreakpoint
    | Admitted
    | Queued
    | Rejected
)


class Ran(Event, frozen=True, tag="ran"):
    """Stands in the history for the `Done` of a task that ran inside the executor and asked nobody: the task gives the
    same again at this instant and with this seed.
    """

    ord: int
    attempt: int


Recorded = AnyEvent | Ran
"""What the history of an execution is made of."""


def recorded(event: AnyEvent) -> AnyEvent:
    """An event as the history keeps it: without what a file of internal storage holds."""
    if isinstance(event, Evaluated) and event.source is not None:
        return msgspec.structs.replace(event, value=None)
    return event
