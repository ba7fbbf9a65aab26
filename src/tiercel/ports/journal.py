"""Where the executor's commits go: rows, batches, and what a recovery reads (design: executor.md §4, §5, §7).

A batch is the net effect of what arrived while the last commit ran: no row occurs twice in it, and it is stored whole
or not at all. Records are bytes of JSON, encoded before the first `await`; the journal never looks inside.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from tiercel.model.errors import TiercelError


class ExecutionRow(NamedTuple):
    """One execution. States, kinds and origins are numbers of the model's tables; flow, namespace, tenant are interned."""

    id: str
    tenant: int
    namespace: int
    flow: int
    revision: int
    shard: int
    state: int
    kind: int
    origin: int
    live: bool
    marked: bool
    """There is work: a slice was full, or an answer of the world is awaited. A recovery goes on with exactly these."""
    started: datetime
    ended: datetime | None
    parent_id: str | None
    original_id: str | None
    cause_id: str | None
    correlation_id: str | None
    trigger_key: int | None
    labels: list[str]
    """`key:value` texts, system labels included, for showing and rechecking."""
    given: bytes
    """Written once: inputs, trigger, link to the waiting parent, scheduleDate."""
    progress: bytes
    """Small, rewritten: histories, scopes' counters of the root, next ord, next seq, life, metadata, mark, timers' names."""
    variables: bytes | None
    outputs: bytes | None


class TaskRunRow(NamedTuple):
    execution_id: str
    ord: int
    id: str
    task_id: str
    parent: int
    value: str | None
    iteration: int | None
    state: int
    started: datetime
    ended: datetime | None
    record: bytes
    """Histories, attempts, workerId, logFile."""
    counters: bytes | None
    """Flowables: the scope's counters."""
    outputs: bytes | None


class EventRow(NamedTuple):
    """The events one commit handled for one execution; (execution_id, seq) is unique: two writers cannot both succeed."""

    execution_id: str
    seq: int
    at: datetime
    body: bytes


class LogRow(NamedTuple):
    at: datetime
    seq: int
    flow: int
    execution_id: str | None
    ord: int | None
    task_run_id: str | None
    task_id: str | None
    attempt: int | None
    trigger_id: str | None
    level: int
    thread: str | None
    message: str


class LabelRow(NamedTuple):
    label: int
    """Signed 64-bit hash of tenant, key and value."""
    execution_id: str


class MessageRow(NamedTuple):
    """A message between residents of different processes; `id` is given by the journal."""

    shard: int
    kind: int
    target: str
    body: bytes


class JobRow(NamedTuple):
    execution_id: str
    ord: int
    attempt: int
    shard: int
    queue: int
    priority: int
    worker: int | None
    """Set when a worker of the owner's own process takes it: it is pushed after the commit, not claimed."""
    body: bytes


class TimerRow(NamedTuple):
    execution_id: str
    name: str
    shard: int
    due: datetime


class CountRow(NamedTuple):
    hour: datetime
    flow: int
    state: int
    n: int
    milliseconds: int


class TriggerRow(NamedTuple):
    """State of one trigger, rewritten by the scheduler that owns its shard."""

    key: int
    version: int
    """As it was read. A row that someone else wrote since is left alone: the scheduler reads it and decides again."""
    next_at: datetime | None
    disabled: bool
    execution_id: str | None
    backfill: bytes | None
    record: bytes
    freed: datetime | None = None


class FreedRow(NamedTuple):
    """An execution that is really over: the trigger that it locks is unlocked."""

    execution_id: str
    at: datetime


class WindowRow(NamedTuple):
    """What a Flow trigger has collected in its current window."""

    flow: int
    trigger_id: str
    starts: datetime
    ends: datetime
    satisfied: bytes
    """All of `engine.windows.Collected`: by need, which execution satisfied it, and its outputs."""


class Batch(msgspec.Struct):
    """The rows of one group commit."""

    created: list[ExecutionRow] = []
    updated: list[ExecutionRow] = []
    runs_created: list[TaskRunRow] = []
    runs_updated: list[TaskRunRow] = []
    runs_removed: list[tuple[str, int]] = []
    """(execution, ord): these and, by `parent`, everything below them. No row of the batch is among those."""
    events: list[EventRow] = []
    logs: list[LogRow] = []
    labels: list[LabelRow] = []
    labels_gone: list[LabelRow] = []
    messages: list[MessageRow] = []
    messages_handled: list[int] = []
    jobs: list[JobRow] = []
    jobs_ended: list[tuple[str, int, int]] = []
    """(execution, ord, attempt)."""
    jobs_killed: list[tuple[str, int, int]] = []
    timers: list[TimerRow] = []
    timers_gone: list[tuple[str, str]] = []
    counts: list[CountRow] = []
    triggers: list[TriggerRow] = []
    triggers_freed: list[FreedRow] = []
    """Whoever watches such an execution is told as well."""
    windows: list[WindowRow] = []
    """Each replaces the one that was there."""
    kill_children_of: list[tuple[str, bytes]] = []
    """Executions whose live children get a message, without a read; beside each the body: an Envelope with a Kill."""
    notices: list[tuple[str, str]] = []
    """(channel, payload): only when another process must wake."""

    def is_empty(self) -> bool:
        return not any(getattr(self, name) for name in self.__struct_fields__)

    def size(self) -> int:
        """How many rows it holds."""
        return sum(len(getattr(self, name)) for name in self.__struct_fields__)


class JournalError(TiercelError):
    """The commit's outcome is a failure or unknown: the process drops all residents and registers anew."""


class Refused(JournalError):
    """The journal is there and will not take such a batch: it would refuse it again. Nothing of it was stored."""


class Fenced(JournalError):
    """Another process took over: nothing of the batch was stored."""


class Loaded(NamedTuple):
    """What the working set of one execution is made of: header and open task runs, by ord."""

    execution: ExecutionRow
    runs: list[TaskRunRow]


class LiveRow(NamedTuple):
    """What of an execution that is not over tells whether it holds a slot of a limit."""

    id: str
    state: int
    progress: bytes
    cause_id: str | None


class Journal(Protocol):
    """Durable storage of the executor. One writer: the owner of the shards."""

    async def register(self) -> int:
        """Become the owner of the shards under a new epoch, waiting while another process is, and return the epoch.

        Called at the start, and again after every failed commit, before anything is loaded. The epoch is also the
        `worker` of jobs that a worker of this very process takes.
        """
        ...

    async def commit(self, batch: Batch) -> None:
        """Store all or nothing. Raises Fenced, JournalError."""
        ...

    async def load(self, ids: Sequence[str]) -> list[Loaded]:
        """Working sets by id; ids without a row are left out."""
        ...

    async def ended_runs(self, execution_id: str, task_ids: Sequence[str] | None = None) -> list[TaskRunRow]:
        """The ended runs of these tasks, by ord: those whose outputs or states expressions of the flow name. None: all."""
        ...

    async def pending(self) -> list[str]:
        """Ids of the executions of our shards that are marked: a recovery goes on with these."""
        ...

    async def children(self, ids: Sequence[str]) -> list[str]:
        """Ids of live executions that one of these started (`cause_id`)."""
        ...

    async def window(self, flow: int, trigger_id: str) -> WindowRow | None:
        """What a Flow trigger has collected, if anything."""
        ...

    async def iterations(self, parent_id: str) -> list[ExecutionRow]:
        """The executions of kind LOOP right below this one (`parent_id`), live or not, by id."""
        ...

    async def live(self, flow: int) -> list[LiveRow]:
        """The live executions of a flow, iterations of loops left out."""
        ...

    async def live_in(self, namespaces: Sequence[int]) -> list[LiveRow]:
        """Those of these namespaces, likewise."""
        ...

    async def queued(self) -> list[ExecutionRow]:
        """The live executions of our shards that wait for a slot, by id."""
        ...

    async def due_timers(self, until: datetime) -> list[TimerRow]:
        """Timers of our shards due before `until`, earliest first."""
        ...

    async def orphaned_jobs(self) -> list[JobRow]:
        """Jobs of our shards whose worker is not alive: to be pushed again or resubmitted."""
        ...
