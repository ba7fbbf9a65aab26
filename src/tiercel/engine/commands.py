"""What the engine asks for: the decision about an event, its commands, and the jobs that workers get."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from tiercel.engine.events import AnyEvent
from tiercel.expression import Dialect
from tiercel.model.execution import Execution, Kind, Label, ParentLink, TriggerInfo
from tiercel.model.iteration import Item
from tiercel.model.log import LogEntry
from tiercel.model.states import State


class JobPart(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A child of a WorkingDirectory as its worker gets it, with the variables that are its own."""

    task_run_id: str
    task_id: str
    alias: str | None = None
    """What the other children call it, where that is not its id."""
    type: str
    properties: dict[str, Any]
    run_if: str | bool | int | float | None = None
    timeout: str | int | float | None = None
    retry: dict[str, Any] | None = None
    """Its own, else that of what stands above: the worker tries again by itself."""
    allow_failure: bool = False
    log_level: str | None = None
    log_to_file: bool = False
    task_cache: dict[str, Any] | None = None
    variables: Mapping[str, Any] = {}


class JobTrigger(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What of a job is different where a trigger is looked at, and no task run."""

    id: str
    date: datetime
    """The date that is due."""
    last: datetime | None = None
    """When it last started an execution."""


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
    dialect: Dialect = Dialect()
    """The version of the language of expressions."""
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
    left_out: dict[str, tuple[str, ...]] = {}
    """What is there instead of names that are meant and absent, by the path of what holds them: errors say it."""
    value: str | None = None
    iteration: int | None = None
    parts: tuple[JobPart, ...] = ()
    """Of a WorkingDirectory: its children, in order."""
    trigger: JobTrigger | None = None
    """Where a trigger is looked at: `execution_id` is that of the execution it may start, `ord` means nothing."""
    place: tuple[str, ...] = ()
    """The values of loops below which outputs of those stand."""


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
    """Go before those of the flow, which go before the inherited ones."""
    trigger: TriggerInfo
    cause_id: str
    waits: ParentLink
    """The task run that creates it: told whether it could be created, and of the end where `wait` is set."""
    wait: bool = True
    inherited: tuple[Label, ...] = ()
    kind: Kind = Kind.NORMAL
    schedule_date: datetime | None = None


class Replace(Command, frozen=True):
    """Start this execution, complete as it is, in place of the one that ended RETRIED: add it and send it `Created`."""

    execution: Execution


class StartIteration(Command, frozen=True):
    """Start this execution, complete as it is: an iteration of a loop, stored together with its parent."""

    execution: Execution


class TellExecutions(Command, frozen=True):
    """Send an event to these executions, which this one started."""

    children: tuple[str, ...]
    event: AnyEvent


class Acquire(Command, frozen=True):
    """Ask the limits that bind the execution (`Execution.bounds`) for a slot each. Answered, before the execution hears
    anything else, with `Admitted`, `Queued` or `Rejected`; one that runs without asking just takes its slots and hears
    nothing.
    """

    is_forced: bool = False


class Release(Command, frozen=True):
    """The execution is really over: what slots it holds, or its place in line, is free."""


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
    reason: str | None = None
    by: str | None = None
    """As in `Kill`."""


class Write(Command, frozen=True):
    """A log line of the engine's own."""

    entry: LogEntry


class TellPause(Command, frozen=True):
    """An iteration is paused, or goes on again: `ChildPaused` for the Loop that waits for it."""

    link: ParentLink
    index: int
    is_paused: bool


class TellParent(Command, frozen=True):
    """The execution is really over: `ChildEnded` for the task run that waits for it."""

    link: ParentLink
    state: State
    outputs: dict[str, Any] | None
    item: Item | None = None


AnyCommand = (
    RunInstant
    | Dispatch
    | StartTimer
    | CancelTimer
    | Evaluate
    | CreateExecution
    | Replace
    | StartIteration
    | TellExecutions
    | Acquire
    | Release
    | KillJobs
    | DropJobs
    | KillChildren
    | Write
    | TellPause
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
