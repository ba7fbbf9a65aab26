"""Where lines and numbers from tasks are kept, apart from the executor's commits so that a flood delays no state."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

import msgspec

from tiercel.model.log import Level, LogEntry, MetricEntry
from tiercel.ports.filters import Filters


class LogQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are wanted; what is None does not matter."""

    tenant: str = "main"
    execution_id: str | None = None
    task_id: str | None = None
    task_run_id: str | None = None
    attempt: int | None = None
    namespace: str | None = None
    """The namespace itself or its children."""
    flow_id: str | None = None
    trigger_id: str | None = None
    task_ids: tuple[str, ...] = ()
    """One of them; empty: any."""
    of_execution: bool | None = None
    """True: lines of executions alone; False: those of triggers, which belong to none."""
    min_level: Level = Level.TRACE
    levels: tuple[Level, ...] = ()
    """One of them; empty: any."""
    text: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    filters: Filters = ()
    """Also all of these. Fields: q, scope, namespace, flowId, executionId, taskId, taskRunId, triggerId, attemptNumber,
    level, startDate, endDate. A store in memory knows none."""
    newest_first: bool = False


class Tail:
    """When a follower's store is to look for new lines: at each `hint`, and for the last time after `end`."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self.is_over = False

    def hint(self) -> None:
        """There may be new lines."""
        self._news.set()

    def end(self) -> None:
        """All lines are stored, and no more will come."""
        self.is_over = True
        self._news.set()

    async def wait(self, seconds: float) -> None:
        """Return at the next hint, or after so long: not every hint arrives."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)
        self._news.clear()


class LogStore(Protocol):
    """Append-only store of log lines and metrics."""

    async def append(self, entries: Sequence[LogEntry]) -> None:
        """Keep the lines, in order. Durable no later than the next commit of the journal."""
        ...

    async def append_metrics(self, entries: Sequence[MetricEntry]) -> None: ...

    def read(self, query: LogQuery) -> AsyncIterator[LogEntry]:
        """All matching lines in order, streamed."""
        ...

    async def page(self, query: LogQuery, *, page: int, size: int) -> tuple[list[LogEntry], int]:
        """One page (from 1) and the total."""
        ...

    def follow(self, query: LogQuery, tail: Tail | None = None) -> AsyncIterator[LogEntry]:
        """The lines that are there, then new ones as they come, oldest first, until the tail's end or the caller leaves."""
        ...

    async def metrics(self, execution_id: str, *, page: int, size: int) -> tuple[list[MetricEntry], int]: ...

    async def delete_metrics(self, execution_ids: Sequence[str]) -> int:
        """Forget the metrics of executions, return how many."""
        ...

    async def delete_metrics_of(self, query: LogQuery) -> int:
        """Forget the metrics of flows or of an execution, reported in a span of time, return how many.

        Of the query count tenant, namespace, flow_id, execution_id, start and end.
        """
        ...

    async def delete(self, query: LogQuery) -> int:
        """Forget matching lines, return how many."""
        ...

    async def delete_before(self, instant: datetime) -> int:
        """Retention: forget older lines, return how many."""
        ...
