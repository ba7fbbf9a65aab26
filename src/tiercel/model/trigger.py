"""The stored state of a trigger with dates, or one that workers look at: what the scheduler decides on, and people see."""

from datetime import datetime
from typing import Any

import msgspec

from tiercel.model.record import Record


class Backfill(Record, frozen=True):
    """Dates of the past that are to be run."""

    start: datetime
    end: datetime | None = None
    current_date: datetime | None = None
    paused: bool = False
    inputs: dict[str, Any] | None = None
    labels: list[dict[str, str]] | None = None
    previous_next_execution_date: datetime | None = None
    parallelism: int = 1
    """How many of its executions may run at once."""
    running: tuple[str, ...] = ()
    """Where more than one may: those that do."""
    started: int = 0
    """How many executions it has started so far."""

    @property
    def progress(self) -> float:
        """How much of the time from start to end its dates have passed, from 0 to 1."""
        if self.end is None or self.current_date is None:
            return 0.0
        return min(1.0, (self.current_date - self.start) / (self.end - self.start))

    @property
    def is_parallel(self) -> bool:
        return self.parallelism > 1

    @property
    def is_full(self) -> bool:
        """Whether another execution has to wait until one of those that run is over."""
        return self.is_parallel and len(self.running) >= self.parallelism


class TriggerRecord(Record, frozen=True):
    """What the scheduler remembers of a trigger besides its columns."""

    evaluated: datetime | None = None
    """The last date that was looked at, whether it led to an execution or not."""
    last_triggered: datetime | None = None
    """When the last execution was created."""
    reason: str | None = None
    """Why it is switched off, or has no next date, when the scheduler did it."""
    watched: tuple[str, ...] = ()
    """Executions whose end may switch the trigger off (`stopAfter`)."""
    failures: int = 0
    """REALTIME: how many streams in a row broke without an event; the next one begins the later."""


class Finding(Record, frozen=True):
    """What a worker found when it looked at a trigger: something, nothing, or an error. A stream: how it ended."""

    variables: dict[str, Any] | None = None
    """What expressions of the execution see as `trigger`; None where nothing has happened."""
    error: str | None = None
    events: int = 0
    """How many events the stream gave."""
    log_file: str | None = None
    """Where the lines of the look lie, if the flow wants them in a file."""


class Evaluation(Record, frozen=True):
    """A trigger is with the workers: one looks at it, or will as soon as it has room."""

    since: datetime
    worker: str | None = None
    """The name of the one that has it."""
    finding: Finding | None = None
    """Its answer, until the scheduler has acted on it."""


class TriggerId(msgspec.Struct, frozen=True, rename="camel"):
    namespace: str
    flow_id: str
    trigger_id: str


class TriggerState(msgspec.Struct, frozen=True, kw_only=True):
    """One trigger as it is stored."""

    key: int
    version: int
    """Raised by every write: a decision counts only for the state it was made on."""
    shard: int
    tenant: str
    namespace: str
    flow_id: str
    trigger_id: str
    kind: str
    """SCHEDULE, POLLING or REALTIME."""
    next_at: datetime | None
    """The date to be looked at next; None for never, and while a stream runs."""
    disabled: bool
    """Switched off by people or stopAfter; what the source says stands apart, in the source."""
    execution_id: str | None
    """The execution that locks it: no other date is run before that one is really over."""
    backfill: Backfill | None
    record: TriggerRecord
    updated: datetime
    freed: datetime | None = None
    """When the execution that locked it was over; None again as soon as a date is decided on."""
    evaluation: Evaluation | None = None
    """While it is with the workers. Whoever writes the state without it takes it away from them."""

    @property
    def watched(self) -> tuple[str, ...]:
        """Executions whose end matters, besides the one that locks it."""
        return self.record.watched if self.backfill is None else (*self.record.watched, *self.backfill.running)
