"""Where the states of triggers are kept, which come and go with the saves of flows.

The scheduler owns the rows and writes them in its commits, each together with the execution it starts. What people ask
for (switch off, unlock, backfill) is written by the store; a version in each row keeps the two from undoing each other.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from tiercel.model.states import State
from tiercel.model.trigger import TriggerId, TriggerState
from tiercel.ports.filters import Filters
from tiercel.ports.flows import StoredFlow, TriggerDraft
from tiercel.ports.journal import ExecutionRow, LabelRow, LogRow, MessageRow


class TriggerStore(Protocol):
    """States by flow and trigger, for people."""

    async def get(self, tenant: str, trigger: TriggerId) -> TriggerState | None: ...

    async def change(self, state: TriggerState) -> TriggerState | None:
        """Write `next_at`, `disabled`, `execution_id`, `backfill` and `record`, if nobody wrote the row since it was read.

        A trigger whose `evaluation` is gone is taken away from the workers. Answers with the new row, or None when
        someone wrote it: read again. The scheduler is told.
        """
        ...

    async def delete(self, tenant: str, trigger: TriggerId) -> bool:
        """Forget a state; the next save of the flow, or the next start of a scheduler, makes it anew."""
        ...

    async def search(
        self, tenant: str, filters: Filters, *, order: str, descending: bool, page: int, size: int
    ) -> tuple[list[TriggerState], int]:
        """One page (from 1) and the total. `order`: triggerId, flowId, namespace, nextExecutionDate."""
        ...

    def changes(self) -> AsyncIterator[int]:
        """Keys of triggers that someone other than the scheduler wrote, from now on; 0 means: read all again."""
        ...

    async def numbers(self) -> dict[int, int]:
        """How many states each flow has, by the flow's number."""
        ...

    async def enrol(self, flow: StoredFlow, drafts: Sequence[TriggerDraft], *, at: datetime) -> None:
        """Make the states that a flow lacks; those that are there stay as they are. The scheduler is told."""
        ...


class DueRow(NamedTuple):
    next_at: datetime
    key: int


class AskedRow(NamedTuple):
    """A trigger that a worker is to look at."""

    trigger_key: int
    since: datetime
    body: bytes
    """The job, as JSON."""


class WatchRow(NamedTuple):
    """An execution whose end the trigger is to be told of, though it does not lock it."""

    execution_id: str
    trigger_key: int


class TriggerBatch(msgspec.Struct):
    """The rows of one commit of the scheduler. Labels and messages are those of the executions created, lines mostly."""

    states: list[TriggerState] = []
    """What each state becomes; `version` is that of the state it was decided on."""
    asked: list[AskedRow] = []
    """For the workers, with the state that says so."""
    acted_on: list[int] = []
    """Keys of triggers whose answer led to the state that is written."""
    created: list[ExecutionRow] = []
    """Each with the `trigger_key` of the state it goes with."""
    watches: list[WatchRow] = []
    labels: list[LabelRow] = []
    messages: list[MessageRow] = []
    logs: list[LogRow] = []


class TriggerJournal(Protocol):
    """What the scheduler reads and writes. One writer: the owner of the triggers. Everything raises JournalError."""

    async def register(self) -> int:
        """Become the owner, waiting while another process is; again after every failure. Answers with the epoch."""
        ...

    async def due(self, until: datetime) -> list[DueRow]:
        """What is to be looked at before `until`, earliest first; nothing switched off, no flow that is disabled."""
        ...

    async def load(self, keys: Sequence[int]) -> list[TriggerState]:
        """States by key; those that are gone are left out."""
        ...

    async def answered(self) -> list[int]:
        """Keys of triggers whose worker has answered: `load` brings what it found."""
        ...

    async def watching(self) -> list[int]:
        """Keys of streams with executions whose end may switch them off: no date comes at which that would be noticed."""
        ...

    async def ended(self, ids: Sequence[str]) -> dict[str, State | None]:
        """Of these executions, those that are really over, with their last state, and those that are gone, with None."""
        ...

    async def free(self) -> list[int]:
        """Unlock triggers whose execution is really over or gone, and answer with their keys."""
        ...

    async def commit(self, batch: TriggerBatch) -> set[int]:
        """Store each state that nobody wrote since, with its execution, all or nothing; answers with the keys stored.

        Raises Fenced, JournalError.
        """
        ...
