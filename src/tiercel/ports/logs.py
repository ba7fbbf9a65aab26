"""Where lines and numbers from tasks are kept, apart from the executor's commits so that a flood delays no state."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from tiercel.model.log import Level, LogEntry, MetricEntry


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
    min_level: Level = Level.TRACE
    text: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    newest_first: bool = False


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

    def follow(self, query: LogQuery) -> AsyncIterator[LogEntry]:
        """The lines that are there, then new ones as they come, oldest first, until the caller leaves."""
        ...

    async def metrics(self, execution_id: str, *, page: int, size: int) -> tuple[list[MetricEntry], int]: ...

    async def delete(self, query: LogQuery) -> int:
        """Forget matching lines, return how many."""
        ...

    async def delete_before(self, instant: datetime) -> int:
        """Retention: forget older lines, return how many."""
        ...
