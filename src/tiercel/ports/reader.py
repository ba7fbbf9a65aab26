"""What people look at: executions by id and by search, their task runs, outputs, history and numbers.

Everything is read from committed rows. Rows come as the journal wrote them (services.records decodes), with names beside
the numbers.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from tiercel.ports.filters import Filters
from tiercel.ports.journal import EventRow, ExecutionRow, TaskRunRow


class ReadExecution(NamedTuple):
    """An execution row with the names its numbers stand for."""

    tenant: str
    namespace: str
    flow_id: str
    row: ExecutionRow


class OutputsOf(NamedTuple):
    """A task run that has outputs."""

    task_id: str
    task_run_id: str
    value: str | None
    iteration: int | None
    is_inline: bool
    """False where the row has but a reference to them."""


class Total(NamedTuple):
    n: int
    is_estimate: bool


class ExecutionQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which executions are wanted. Loop iterations are found only where `kind` or `parentId` asks for them."""

    tenant: str = "main"
    filters: Filters = ()
    """Fields: id, q, scope, namespace, flowId, flowRevision, state, kind, labels, startDate, endDate, timeRange,
    triggerExecutionId, triggerId, parentId, childFilter."""
    order: str = "state.startDate"
    """Also id, state.current, state.endDate, state.duration, namespace, flowId: within the newest 100,000 matches."""
    descending: bool = True
    page: int = 1
    size: int = 10
    before: str | None = None
    """An execution id: only older ones, for paging beyond 10,000 rows."""


class CountLine(NamedTuple):
    """How many executions of a flow ended in a state within an hour, and how long they took in all."""

    hour: datetime
    namespace: str
    flow_id: str
    state: int
    n: int
    milliseconds: int


class Reader(Protocol):
    """Reads; never writes."""

    async def execution(self, tenant: str, execution_id: str) -> ReadExecution | None: ...

    async def executions(self, tenant: str, ids: Sequence[str]) -> list[ReadExecution]:
        """Those of the ids that exist, in the order asked for."""
        ...

    def task_runs(self, execution_id: str) -> AsyncIterator[TaskRunRow]:
        """In creation order, page by page, without their outputs."""
        ...

    async def outputs(self, execution_id: str) -> list[OutputsOf]:
        """The task runs that have outputs, in creation order."""
        ...

    async def outputs_of(self, execution_id: str, task_run_id: str) -> bytes | None:
        """The outputs of one task run as JSON."""
        ...

    def history(self, execution_id: str) -> AsyncIterator[EventRow]:
        """The events handled, in order."""
        ...

    async def search(self, query: ExecutionQuery) -> tuple[list[ReadExecution], Total]:
        """One page and the total: exact up to 10,000, an estimate beyond. Raises BadFilters."""
        ...

    def ids(self, query: ExecutionQuery) -> AsyncIterator[str]:
        """All matching ids, newest first, for bulk verbs and exports. Order, page and size do not matter."""
        ...

    async def latest(self, tenant: str, flows: Sequence[tuple[str, str]]) -> list[ReadExecution]:
        """The newest execution of each (namespace, flow)."""
        ...

    async def counts(
        self, tenant: str, *, start: datetime, end: datetime, namespace: str | None = None, flow_id: str | None = None
    ) -> list[CountLine]:
        """Ended executions by hour, flow and state. `namespace`: itself or its children."""
        ...

    async def live(self, tenant: str, *, namespace: str | None = None, flow_id: str | None = None) -> dict[int, int]:
        """How many executions are in which state now, of those that are not over."""
        ...

    async def running(self, tenant: str) -> dict[tuple[str, str], int]:
        """How many executions of each (namespace, flow) hold a slot of their limits now; none: left out."""
        ...

    async def delete(self, tenant: str, ids: Sequence[str]) -> int:
        """Forget executions that are over, with everything of theirs but logs; answer with how many."""
        ...
