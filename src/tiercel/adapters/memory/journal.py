"""The journal as one dict a table: for `tiercel run`, which has no database, and for tests.

`Tables` are the database, which outlives a writer; a `MemoryJournal` is one writer's session on it. The newest session
is the owner: it fences the ones before it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import count

from tiercel.model.execution import Kind
from tiercel.model.log import Level, LogEntry
from tiercel.model.states import State
from tiercel.ports.journal import (
    Batch,
    CountRow,
    EventRow,
    ExecutionRow,
    Fenced,
    JobRow,
    LabelRow,
    LiveRow,
    Loaded,
    LogRow,
    MessageRow,
    Refused,
    TaskRunRow,
    TimerRow,
    TriggerRow,
    WindowRow,
)

NameOf = Callable[[int], tuple[str, str, str]]


class Tables:
    """All rows, by their keys."""

    def __init__(self) -> None:
        self.executions: dict[str, ExecutionRow] = {}
        self.task_runs: dict[str, dict[int, TaskRunRow]] = defaultdict(dict)
        self.events: dict[str, dict[int, EventRow]] = defaultdict(dict)
        self.logs: list[LogRow] = []
        self.labels: list[LabelRow] = []
        self.messages: dict[int, MessageRow] = {}
        self.jobs: dict[tuple[str, int, int], JobRow] = {}
        self.jobs_killed: set[tuple[str, int, int]] = set()
        self.timers: dict[tuple[str, str], TimerRow] = {}
        self.counts: dict[tuple[datetime, int, int], CountRow] = {}
        self.triggers: dict[int, TriggerRow] = {}
        self.windows: dict[tuple[int, str], WindowRow] = {}
        self.message_ids: Iterator[int] = count(1)
        self.epochs: Iterator[int] = count(1)
        self.owner = 0

    def lines(self, name_of: NameOf) -> Iterator[LogEntry]:
        """The lines that commits brought. `name_of` knows the names of flows by their numbers."""
        for row in self.logs:
            tenant, namespace, flow_id = name_of(row.flow)
            yield LogEntry(
                namespace=namespace,
                flow_id=flow_id,
                timestamp=row.at,
                level=Level(row.level).name,
                message=row.message,
                tenant_id=tenant,
                execution_id=row.execution_id,
                task_id=row.task_id,
                task_run_id=row.task_run_id,
                attempt_number=row.attempt,
                trigger_id=row.trigger_id,
                thread=row.thread,
            )


class MemoryJournal:
    """One writer's session. `epoch` is its name in rows."""

    def __init__(self, tables: Tables | None = None) -> None:
        self.tables = tables or Tables()
        self.epoch = 0

    async def register(self) -> int:
        # There is no living owner to wait for: whoever registers has been started after the last one was gone.
        self.epoch = self.tables.owner = next(self.tables.epochs)
        return self.epoch

    async def commit(self, batch: Batch) -> None:
        # Everything that can be refused is looked at before the first row is written: all or nothing.
        if self.epoch != self.tables.owner:
            raise Fenced("another writer owns these tables now")
        self._refuse_what_does_not_fit(batch)
        self._write_executions(batch)
        self._write_queues(batch)
        self._write_texts(batch)

    def _refuse_what_does_not_fit(self, batch: Batch) -> None:
        tables = self.tables
        doubles: list[object] = [row.id for row in batch.created if row.id in tables.executions]
        doubles += [
            (row.execution_id, row.ord) for row in batch.runs_created if row.ord in tables.task_runs[row.execution_id]
        ]
        doubles += [(row.execution_id, row.seq) for row in batch.events if row.seq in tables.events[row.execution_id]]
        if doubles:
            raise Refused(f"rows are there already, so there are two writers: {doubles[:5]}")
        missing: list[object] = [row.id for row in batch.updated if row.id not in tables.executions]
        missing += [
            (row.execution_id, row.ord)
            for row in batch.runs_updated
            if row.ord not in tables.task_runs[row.execution_id]
        ]
        if missing:
            raise Refused(f"rows to be updated are not there: {missing[:5]}")

    def _write_executions(self, batch: Batch) -> None:
        tables = self.tables
        for row in batch.created:
            tables.executions[row.id] = row
        for row in batch.updated:
            tables.executions[row.id] = _updated(tables.executions[row.id], row)
        for run in batch.runs_created:
            tables.task_runs[run.execution_id][run.ord] = run
        for run in batch.runs_updated:
            old = tables.task_runs[run.execution_id][run.ord]
            tables.task_runs[run.execution_id][run.ord] = _updated_run(old, run)
        for execution_id, ord in batch.runs_removed:
            _remove_with_all_below(tables.task_runs[execution_id], ord)
        for event in batch.events:
            tables.events[event.execution_id][event.seq] = event

    def _write_queues(self, batch: Batch) -> None:
        tables = self.tables
        for message in batch.messages:
            tables.messages[next(tables.message_ids)] = message
        for number in batch.messages_handled:
            tables.messages.pop(number, None)
        for job in batch.jobs:
            tables.jobs[job.execution_id, job.ord, job.attempt] = job
        tables.jobs_killed |= set(batch.jobs_killed)
        for key in batch.jobs_ended:
            tables.jobs.pop(key, None)
            tables.jobs_killed.discard(key)
        for timer in batch.timers:
            tables.timers[timer.execution_id, timer.name] = timer
        for name in batch.timers_gone:
            tables.timers.pop(name, None)
        for trigger in batch.triggers:
            tables.triggers[trigger.key] = trigger
        for window in batch.windows:
            tables.windows[window.flow, window.trigger_id] = window
        freed = {row.execution_id: row.at for row in batch.triggers_freed}
        for key, trigger in tables.triggers.items():
            at = freed.get(trigger.execution_id or "")
            if at is not None:
                tables.triggers[key] = trigger._replace(execution_id=None, freed=at)

    def _write_texts(self, batch: Batch) -> None:
        tables = self.tables
        tables.logs += batch.logs
        if batch.labels_gone:
            tables.labels = [row for row in tables.labels if row not in batch.labels_gone]
        tables.labels += batch.labels
        for row in batch.counts:
            key = (row.hour, row.flow, row.state)
            old = tables.counts.get(key)
            n, milliseconds = (old.n, old.milliseconds) if old else (0, 0)
            tables.counts[key] = row._replace(n=row.n + n, milliseconds=row.milliseconds + milliseconds)

    async def load(self, ids: Sequence[str]) -> list[Loaded]:
        found = (self.tables.executions.get(identifier) for identifier in ids)
        return [Loaded(row, self._open_runs(row.id)) for row in found if row is not None]

    def _open_runs(self, execution_id: str) -> list[TaskRunRow]:
        return [run for run in self._runs(execution_id) if run.ended is None]

    async def ended_runs(self, execution_id: str, task_ids: Sequence[str] | None = None) -> list[TaskRunRow]:
        ended = [run for run in self._runs(execution_id) if run.ended is not None]
        return ended if task_ids is None else [run for run in ended if run.task_id in task_ids]

    def _runs(self, execution_id: str) -> list[TaskRunRow]:
        runs = self.tables.task_runs[execution_id]
        return [runs[ord] for ord in sorted(runs)]

    async def pending(self) -> list[str]:
        return [row.id for row in self.tables.executions.values() if row.live and row.marked]

    async def children(self, ids: Sequence[str]) -> list[str]:
        causes = set(ids)
        return [row.id for row in self.tables.executions.values() if row.live and row.cause_id in causes]

    async def iterations(self, parent_id: str) -> list[ExecutionRow]:
        found = [
            row
            for row in self.tables.executions.values()
            if row.parent_id == parent_id and row.kind == Kind.LOOP.number
        ]
        return sorted(found, key=lambda row: row.id)

    async def window(self, flow: int, trigger_id: str) -> WindowRow | None:
        return self.tables.windows.get((flow, trigger_id))

    async def live(self, flow: int) -> list[LiveRow]:
        return self._live(lambda row: row.flow == flow)

    async def live_in(self, namespaces: Sequence[int]) -> list[LiveRow]:
        return self._live(lambda row: row.namespace in namespaces)

    def _live(self, is_meant: Callable[[ExecutionRow], bool]) -> list[LiveRow]:
        rows = (row for row in self.tables.executions.values() if row.live and row.kind != Kind.LOOP.number)
        return [LiveRow(row.id, row.state, row.progress, row.cause_id) for row in rows if is_meant(row)]

    async def queued(self) -> list[ExecutionRow]:
        waiting = (row for row in self.tables.executions.values() if row.live and row.state == State.QUEUED.number)
        return sorted(waiting, key=lambda row: row.id)

    async def due_timers(self, until: datetime) -> list[TimerRow]:
        due = (row for row in self.tables.timers.values() if row.due < until)
        return sorted(due, key=lambda row: row.due)

    async def orphaned_jobs(self) -> list[JobRow]:
        return [job for job in self.tables.jobs.values() if job.worker is not None and job.worker != self.epoch]


def _updated(old: ExecutionRow, new: ExecutionRow) -> ExecutionRow:
    """The new row; what never changes, and documents it has none of, as they were."""
    return new._replace(given=old.given, variables=new.variables or old.variables, outputs=new.outputs or old.outputs)


def _updated_run(old: TaskRunRow, new: TaskRunRow) -> TaskRunRow:
    return new._replace(counters=new.counters or old.counters, outputs=new.outputs or old.outputs)


def _remove_with_all_below(runs: dict[int, TaskRunRow], ord: int) -> None:
    runs.pop(ord, None)
    for child in [run.ord for run in runs.values() if run.parent == ord]:
        _remove_with_all_below(runs, child)
