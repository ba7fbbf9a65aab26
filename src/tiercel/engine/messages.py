"""What the engine is told (events) and what it asks for (commands).

Every event carries `at`, the instant it happened, and `seed`, 128 bits for random functions, both given by the service
that makes the event and kept in the history: a replay renders the same text. Events are the wire format of the history.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from tiercel.model.execution import Execution, Kind, Label, ParentLink, TriggerInfo
from tiercel.model.log import LogEntry
from tiercel.model.states import State


class Event(msgspec.Struct, frozen=True, rename="camel", tag_field="event", omit_defaults=True):
    """Base of events."""

    at: datetime
    seed: int


class Created(Event, frozen=True, tag="created"):
    """The first event of an execution: it is admitted and its first tasks are to be started."""


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


class Evaluated(Event, frozen=True, tag="evaluated"):
    """The world's answer to an `Evaluate`."""

    key: str
    value: Any = None
    error: str | None = None


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


class Pause(Event, frozen=True, tag="pause"):
    """Start nothing new until resumed."""


class Resume(Event, frozen=True, tag="resume"):
    """Go on after a pause. `inputs` are checked and typed already."""

    task_run: str | None = None
    """The id of the Pause task run that is meant; the first paused one otherwise."""
    inputs: dict[str, Any] = {}
    by: str | None = None


AnyEvent = (
    Created
    | Continue
    | Recovered
    | Started
    | Done
    | Evaluated
    | TimerFired
    | ChildStarted
    | ChildEnded
    | WorkerLost
    | Kill
    | Pause
    | Resume
)


class Job(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One attempt of a runnable task as a worker gets it: raw properties, and the variables that their templates name."""

    execution_id: str
    tenant: str
    namespace: str
    flow_id: str
    flow_revision: int
    ord: int
    attempt: int
    task_run_id: str
    task_id: str
    type: str
    properties: dict[str, Any]
    """Of the task's own type, unrendered."""
    at: datetime
    seed: int
    zone: str
    """The server's time zone, by name."""
    timeout: str | int | float | None = None
    """The limit of this attempt, unrendered."""
    log_level: str | None = None
    log_to_file: bool = False
    task_cache: dict[str, Any] | None = None
    """`enabled` and `ttl`, as written."""
    tags: tuple[str, ...] = ()
    """Which workers may take it: all tags, or any of them."""
    any_tag: bool = False
    fallback: str = "WAIT"
    """What to do when no worker has the tags: FAIL, CANCEL, WAIT, IGNORE."""
    force_execution: bool = False
    """Runs even in an execution that was killed."""
    variables: Mapping[str, Any] = {}
    value: str | None = None
    iteration: int | None = None


class Command(msgspec.Struct, frozen=True):
    """Base of commands."""


class RunInstant(Command, frozen=True):
    """Run a task that does no I/O inside the executor and answer with `Done`."""

    ord: int
    attempt: int


class Dispatch(Command, frozen=True):
    """Give a task to a worker. The executor makes the job from the working set of this very decision."""

    ord: int
    attempt: int


class StartTimer(Command, frozen=True):
    """`TimerFired(name)` at `due`; a timer of that name is replaced."""

    name: str
    due: datetime


class CancelTimer(Command, frozen=True):
    name: str


class Evaluate(Command, frozen=True):
    """Ask the world what an expression needs (`read()`, `kv()`, `http()` …) and answer with `Evaluated(key)`."""

    key: str
    function: str
    arguments: dict[str, Any]


class CreateExecution(Command, frozen=True):
    """Start an execution of another flow. The executor resolves flow and inputs and answers, before it tells this
    execution anything else, with `ChildStarted` or, for a refusal, with `ChildEnded(state=FAILED, child=None, error=…)`.
    """

    id: str
    namespace: str
    flow_id: str
    revision: int | None
    inputs: dict[str, Any]
    labels: tuple[Label, ...]
    trigger: TriggerInfo
    cause_id: str
    waits: ParentLink
    """The task run that creates it: told whether it could be created, and of the end where `wait` is set."""
    wait: bool = True
    kind: Kind = Kind.NORMAL
    schedule_date: datetime | None = None


class Replace(Command, frozen=True):
    """Start this execution, complete as it is, in place of the one that ended RETRIED: add it and send it `Created`."""

    execution: Execution


class KillJobs(Command, frozen=True):
    """Stop these attempts on their workers: pairs of ord and attempt. Each answers with `Done(KILLED)`, which comes too
    late where the engine has ended the run already.
    """

    jobs: tuple[tuple[int, int], ...]


class DropJobs(Command, frozen=True):
    """Forget these jobs: the engine has ended their task runs already. One that a worker has claimed meanwhile (its
    `Started` is on the way) is killed there.
    """

    jobs: tuple[tuple[int, int], ...]


class KillChildren(Command, frozen=True):
    """Send `Kill` to the live executions this one started: all, or those that these task runs' attempts started."""

    target: State = State.KILLED
    children: tuple[str, ...] = ()
    """Ids of the executions that are meant; none named: all."""


class Write(Command, frozen=True):
    """A log line of the engine's own."""

    entry: LogEntry


class TellParent(Command, frozen=True):
    """The execution is really over: `ChildEnded` for the task run that waits for it."""

    link: ParentLink
    state: State
    outputs: dict[str, Any] | None


AnyCommand = (
    RunInstant
    | Dispatch
    | StartTimer
    | CancelTimer
    | Evaluate
    | CreateExecution
    | Replace
    | KillJobs
    | DropJobs
    | KillChildren
    | Write
    | TellParent
)


class Decision(msgspec.Struct, frozen=True):
    """What `decide` answers with."""

    execution: Execution
    commands: tuple[AnyCommand, ...] = ()
    unfinished: bool = False
    """The slice was full: the executor marks the execution and sends `Continue` after the commit."""
    ignored: str | None = None
    """Why an event changed nothing (it came late, twice, or at a wrong time); for debug logs and 409 answers."""
