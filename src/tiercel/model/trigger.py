"""The stored state of a trigger that has dates: what the scheduler decides on, and what people look at."""

from datetime import datetime
from typing import Any

import msgspec

from tiercel.model.execution import Record


class Backfill(Record, frozen=True):
    """Dates of the past that are to be run."""

    start: datetime
    end: datetime | None = None
    current_date: datetime | None = None
    paused: bool = False
    inputs: dict[str, Any] | None = None
    labels: list[dict[str, str]] | None = None
    previous_next_execution_date: datetime | None = None


class TriggerRecord(Record, frozen=True):
    """What the scheduler remembers of a trigger besides its columns."""

    evaluated: datetime | None = None
    """The last date that was looked at, whether it led to an execution or not."""
    last_triggered: datetime | None = None
    """When the last execution was created."""
    worker: str | None = None
    reason: str | None = None
    """Why it is switched off, or has no next date, when the scheduler did it."""
    watched: tuple[str, ...] = ()
    """Executions whose end may switch the trigger off (`stopAfter`)."""


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
    next_at: datetime | None
    """The date to be looked at next; None for never."""
    disabled: bool
    """Switched off by people or stopAfter; what the source says stands apart, in the source."""
    execution_id: str | None
    """The execution that locks it: no other date is run before that one is really over."""
    backfill: Backfill | None
    record: TriggerRecord
    updated: datetime
