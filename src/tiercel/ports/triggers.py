"""The stored state of triggers that the scheduler evaluates; it comes and goes with the saves of flows.

The scheduler owns the rows and writes them in its commits (journal.TriggerRow). What people ask for (switch off, unlock,
backfill) is written here; a version in each row keeps the two from undoing each other.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from tiercel.model.execution import Record
from tiercel.ports.filters import Filters


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
    last_triggered: datetime | None = None
    worker: str | None = None
    reason: str | None = None
    """Why it is switched off, when the scheduler did it."""


class TriggerId(msgspec.Struct, frozen=True, rename="camel"):
    namespace: str
    flow_id: str
    trigger_id: str


class TriggerState(msgspec.Struct, frozen=True, kw_only=True):
    """One trigger as it is stored."""

    key: int
    version: int
    shard: int
    tenant: str
    namespace: str
    flow_id: str
    trigger_id: str
    kind: str
    next_at: datetime | None
    disabled: bool
    """Switched off by people or stopAfter; what the source says stands apart, in the source."""
    execution_id: str | None
    """The execution that locks it."""
    backfill: Backfill | None
    record: TriggerRecord
    updated: datetime


class TriggerStore(Protocol):
    """States by flow and trigger."""

    async def get(self, tenant: str, trigger: TriggerId) -> TriggerState | None: ...

    async def by_keys(self, keys: Sequence[int]) -> list[TriggerState]: ...

    async def upcoming(self, until: datetime, *, limit: int) -> list[TriggerState]:
        """Those of the scheduler's shards that are not switched off and due before `until`, earliest first."""
        ...

    async def change(self, state: TriggerState) -> TriggerState | None:
        """Write `next_at`, `disabled`, `execution_id`, `backfill` and `record`, if nobody wrote the row since it was read.

        Answers with the new row, or None when someone did: read again. The scheduler is told.
        """
        ...

    async def delete(self, tenant: str, trigger: TriggerId) -> bool:
        """Forget a state; the next save of the flow makes it anew."""
        ...

    async def search(
        self, tenant: str, filters: Filters, *, order: str, descending: bool, page: int, size: int
    ) -> tuple[list[TriggerState], int]:
        """One page (from 1) and the total. `order`: triggerId, flowId, namespace, nextExecutionDate."""
        ...

    def changes(self) -> AsyncIterator[int]:
        """Keys of triggers that someone other than the scheduler wrote, from now on; 0 means: read all again."""
        ...
