"""From residents to the rows of one group commit: the net effect of all that was decided since the last one.

Everything is encoded here, before anybody waits for the journal: the working sets move on meanwhile.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import count

import msgspec
from msgspec.structs import replace

from tiercel.engine.commands import Job
from tiercel.model.execution import Execution, Kind, settled
from tiercel.model.ids import shard_of
from tiercel.model.log import Level
from tiercel.ports.flows import Place
from tiercel.ports.jobs import JobKey
from tiercel.ports.journal import Batch, CountRow, FreedRow, JobRow, LogRow, TimerRow, WindowRow
from tiercel.services.records import Handled, event_row, execution_row, gone_label_rows, job_body, label_rows, run_row
from tiercel.services.residents import Item, Outgoing, Resident, Window

QUEUE = 0
"""The queue of jobs that any worker may take."""


class Commit:
    """The rows of one batch, and what may leave once they are durable."""

    def __init__(self) -> None:
        self.batch = Batch()
        self.residents: list[Resident] = []
        self.items: list[Item] = []
        self.pushes: list[tuple[Resident, Job]] = []
        self.kills: list[JobKey] = []
        self.shown: list[tuple[Execution, Outgoing]] = []
        """For followers, who may come while the commit is under way."""
        self.counts = Counts()
        self.windows: dict[tuple[int, str], Window] = {}


class Scribe:
    """Writes residents down."""

    def __init__(self, *, release: str) -> None:
        self.epoch = 0
        """The writer's name in rows."""
        self.pushes_jobs = False
        """A worker of this process takes all jobs: they are pushed after the commit, and nobody else claims them."""
        self._release = release
        self._line_numbers = count()

    def write(self, residents: Iterable[Resident], *, at: datetime) -> Commit:
        """One commit of all that these residents have for it. Their changes count as taken afterwards."""
        commit = Commit()
        for resident in residents:
            commit.residents.append(resident)
            outgoing, resident.outgoing = resident.outgoing, Outgoing()
            self._write_letters(commit, outgoing)
            commit.windows |= outgoing.windows
            if resident.execution is not None and resident.place is not None:
                self._write_resident(commit, resident, resident.execution, resident.place, outgoing, at)
        commit.batch.counts = commit.counts.rows()
        commit.batch.windows = [window_row(key, window) for key, window in commit.windows.items()]
        return commit

    def _write_resident(
        self,
        commit: Commit,
        resident: Resident,
        execution: Execution,
        place: Place,
        outgoing: Outgoing,
        at: datetime,
    ) -> None:
        commit.shown.append((execution, outgoing))
        if outgoing.events or execution.changes.header or execution.changes.created or resident.mark_differs:
            self._write_runs(commit.batch, resident, execution)
            resident.execution = self._write_header(commit, resident, execution, place, outgoing, at)
        self._write_jobs(commit, resident, outgoing)
        self._write_timers(commit.batch, resident, outgoing)
        if outgoing.lines:
            self._write_lines(commit.batch, execution.id, place, outgoing)

    def _write_header(
        self, commit: Commit, resident: Resident, execution: Execution, place: Place, outgoing: Outgoing, at: datetime
    ) -> Execution:
        """Write the execution's own row and its history, and return what the next decisions begin with."""
        changes, batch = execution.changes, commit.batch
        if outgoing.events:
            handled = Handled(self.epoch, self._release, tuple(outgoing.events), outgoing.slices)
            batch.events.append(event_row(execution, handled, at=at))
            # Raised before the row is written, or an owner after a crash would repeat a number.
            execution = replace(execution, next_seq=execution.next_seq + 1)
        resident.is_marked = resident.has_unstored_work
        row = execution_row(execution, place, marked=resident.is_marked)
        (batch.created if changes.created else batch.updated).append(row)
        if changes.labels:
            batch.labels += label_rows(execution, place.tenant, stored=resident.labels)
            batch.labels_gone += gone_label_rows(execution, place.tenant, stored=resident.labels)
            resident.labels = execution.labels
        resident.flying = changes
        if execution.live:
            resident.live = True
        elif resident.live:
            resident.live = False
            if execution.kind is not Kind.LOOP:
                self._write_end(commit, execution, place, at)
        return settled(execution)

    def _write_end(self, commit: Commit, execution: Execution, place: Place, at: datetime) -> None:
        """What is told of an execution once it is over; an iteration of a loop is part of another one's story."""
        commit.counts.add(execution, place)
        if execution.trigger is not None:
            commit.batch.triggers_freed.append(FreedRow(execution.id, at))

    def _write_runs(self, batch: Batch, resident: Resident, execution: Execution) -> None:
        changes = execution.changes
        first_new = changes.first_new
        for ord, run in changes.runs.items():
            scope = execution.scopes.get(ord)
            row = run_row(execution.id, run, scope, values_stored=run.values is not None and ord in resident.valued)
            (batch.runs_created if ord >= first_new else batch.runs_updated).append(row)
            if run.values is not None:
                resident.valued.add(ord)
        for ord in changes.scopes:
            run = None if ord in changes.runs else execution.runs.get(ord)
            if run is not None:
                batch.runs_updated.append(
                    run_row(execution.id, run, execution.scopes.get(ord), values_stored=ord in resident.valued)
                )
        batch.runs_removed += [(execution.id, ord) for ord in changes.removed if ord < first_new]

    def _write_jobs(self, commit: Commit, resident: Resident, outgoing: Outgoing) -> None:
        batch, identifier = commit.batch, resident.id
        shard = shard_of(identifier)
        for (ord, attempt), job in outgoing.jobs.items():
            worker, body = (self.epoch, b"") if self.pushes_jobs else (None, job_body(job))
            batch.jobs.append(JobRow(identifier, ord, attempt, shard, QUEUE, 0, worker, body))
            commit.pushes.append((resident, job))
        batch.jobs_ended += [(identifier, ord, attempt) for ord, attempt in outgoing.dropped]
        batch.jobs_killed += [(identifier, ord, attempt) for ord, attempt in outgoing.killed]
        commit.kills += [JobKey(identifier, *attempt) for attempt in outgoing.killed | outgoing.stopped]

    def _write_timers(self, batch: Batch, resident: Resident, outgoing: Outgoing) -> None:
        identifier = resident.id
        shard = shard_of(identifier)
        for name, due in outgoing.timers.items():
            batch.timers.append(TimerRow(identifier, name, shard, due))
        batch.timers_gone += [(identifier, name) for name in outgoing.untimed & resident.timed]
        resident.timed -= outgoing.untimed
        resident.timed |= outgoing.timers.keys()

    def _write_lines(self, batch: Batch, identifier: str, place: Place, outgoing: Outgoing) -> None:
        for entry, ord in outgoing.lines:
            batch.logs.append(
                LogRow(
                    at=entry.timestamp,
                    seq=next(self._line_numbers),
                    flow=place.flow,
                    execution_id=identifier,
                    ord=ord,
                    task_run_id=entry.task_run_id,
                    task_id=entry.task_id,
                    attempt=entry.attempt_number,
                    trigger_id=entry.trigger_id,
                    level=Level[entry.level],
                    thread=entry.thread,
                    message=entry.message,
                )
            )

    def _write_letters(self, commit: Commit, outgoing: Outgoing) -> None:
        commit.items += outgoing.items
        for item in outgoing.items:
            if item.letter is not None:
                commit.batch.messages_handled.append(item.letter.id)
                if item.letter.reply is not None:
                    commit.batch.notices.append(item.letter.reply.notice(_refusal(item)))


def _refusal(item: Item) -> str | None:
    return item.told.ignored if item.told else str(item.refusal or f"there is no execution {item.execution_id}")


class Counts:
    """Ended executions by hour, flow and state, summed over one batch."""

    def __init__(self) -> None:
        self._sums: dict[tuple[datetime, int, int], tuple[int, int]] = {}

    def add(self, execution: Execution, place: Place) -> None:
        ended = execution.state.histories[-1].date
        key = (ended.replace(minute=0, second=0, microsecond=0), place.flow, execution.state.current.number)
        n, milliseconds = self._sums.get(key, (0, 0))
        took = round((ended - execution.state.started).total_seconds() * 1000)
        self._sums[key] = (n + 1, milliseconds + took)

    def rows(self) -> list[CountRow]:
        return [CountRow(*key, n, milliseconds) for key, (n, milliseconds) in self._sums.items()]


def window_row(key: tuple[int, str], window: Window) -> WindowRow:
    """A window as it is by now. Whoever changed it is stored with it, so nobody has to be waited for any more."""
    window.changed_by = None
    collected = window.collected
    if collected is None:
        raise TypeError(f"the window of trigger {key} was changed to nothing")
    return WindowRow(*key, collected.starts, collected.ends, msgspec.json.encode(collected))
