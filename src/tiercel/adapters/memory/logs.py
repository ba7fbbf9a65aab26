"""Log lines and metrics in lists, in the order they came."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from tiercel.model.log import Level, LogEntry, MetricEntry
from tiercel.ports.logs import LogQuery, Tail

LOOK_AGAIN = 0.2
"""Seconds between two looks for lines that are kept elsewhere."""

Rows = Callable[[], Iterable[LogEntry]]


class MemoryLogStore:
    """Keeps everything; a query walks all lines. `others` are lines kept elsewhere: those of the executor's commits."""

    def __init__(self, others: Rows = tuple) -> None:
        self._lines: list[LogEntry] = []
        self._metrics: list[MetricEntry] = []
        self._others = others
        self._tails: set[Tail] = set()

    async def append(self, entries: Sequence[LogEntry]) -> None:
        self._lines += entries
        for tail in self._tails:
            tail.hint()

    async def append_metrics(self, entries: Sequence[MetricEntry]) -> None:
        self._metrics += entries

    async def read(self, query: LogQuery) -> AsyncIterator[LogEntry]:
        for entry in self._found(query):
            yield entry

    async def page(self, query: LogQuery, *, page: int, size: int) -> tuple[list[LogEntry], int]:
        found = self._found(query)
        return found[(page - 1) * size : page * size], len(found)

    async def follow(self, query: LogQuery, tail: Tail | None = None) -> AsyncIterator[LogEntry]:
        tail, seen = tail or Tail(), 0
        self._tails.add(tail)
        try:
            while True:
                is_last = tail.is_over
                found = self._found(replace(query, newest_first=False))
                for entry in found[seen:]:
                    yield entry
                if is_last:
                    return
                seen = len(found)
                # Lines kept elsewhere are not announced.
                await tail.wait(LOOK_AGAIN)
        finally:
            self._tails.discard(tail)

    async def delete_metrics(self, execution_ids: Sequence[str]) -> int:
        kept = [entry for entry in self._metrics if entry.execution_id not in execution_ids]
        forgotten = len(self._metrics) - len(kept)
        self._metrics = kept
        return forgotten

    async def delete_metrics_of(self, query: LogQuery) -> int:
        kept = [entry for entry in self._metrics if not _means_metric(entry, query)]
        forgotten = len(self._metrics) - len(kept)
        self._metrics = kept
        return forgotten

    async def delete(self, query: LogQuery) -> int:
        kept = [entry for entry in self._lines if not _matches(entry, query)]
        forgotten = len(self._lines) - len(kept)
        self._lines = kept
        return forgotten

    async def metrics(self, execution_id: str, *, page: int, size: int) -> tuple[list[MetricEntry], int]:
        found = [entry for entry in self._metrics if entry.execution_id == execution_id]
        return found[(page - 1) * size : page * size], len(found)

    async def delete_before(self, instant: datetime) -> int:
        kept = [entry for entry in self._lines if entry.timestamp >= instant]
        forgotten = len(self._lines) - len(kept)
        self._lines = kept
        return forgotten

    def _found(self, query: LogQuery) -> list[LogEntry]:
        # Sorting is stable: lines of one instant stay in the order they came.
        lines: Iterable[LogEntry] = (entry for entry in (*self._lines, *self._others()) if _matches(entry, query))
        found = sorted(lines, key=lambda entry: entry.timestamp)
        return found[::-1] if query.newest_first else found


def _matches(entry: LogEntry, query: LogQuery) -> bool:
    return (
        entry.tenant_id == query.tenant
        and Level[entry.level] >= query.min_level
        and (not query.levels or Level[entry.level] in query.levels)
        and query.of_execution in (None, entry.execution_id is not None)
        and (not query.task_ids or entry.task_id in query.task_ids)
        and query.trigger_id in (None, entry.trigger_id)
        and _is_of_the_run(entry, query)
        and _is_of_the_flow(entry, query)
        and (query.text is None or query.text.lower() in entry.message.lower())
        and (query.start is None or entry.timestamp >= query.start)
        and (query.end is None or entry.timestamp < query.end)
    )


def _means_metric(entry: MetricEntry, query: LogQuery) -> bool:
    return (
        _is_of_the_flow(entry, query)
        and query.execution_id in (None, entry.execution_id)
        and (query.start is None or entry.timestamp >= query.start)
        and (query.end is None or entry.timestamp < query.end)
    )


def _is_of_the_run(entry: LogEntry, query: LogQuery) -> bool:
    wanted = (
        (query.execution_id, entry.execution_id),
        (query.task_id, entry.task_id),
        (query.task_run_id, entry.task_run_id),
        (query.attempt, entry.attempt_number),
    )
    return all(value is None or value == found for value, found in wanted)


def _is_of_the_flow(entry: LogEntry | MetricEntry, query: LogQuery) -> bool:
    namespace = query.namespace
    in_namespace = namespace is None or entry.namespace == namespace or entry.namespace.startswith(f"{namespace}.")
    return in_namespace and query.flow_id in (None, entry.flow_id)
