"""Rows of the journal from executions and task runs, and back. Pure: the executor writes with it, the API reads with it.

Documents are JSON in bytes. Unknown fields are ignored and new ones have defaults, so that two neighbouring releases
read each other's rows.
"""

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from immutables import Map

from tiercel.engine.commands import Job
from tiercel.engine.events import Recorded
from tiercel.model.execution import Changes, Execution, Given, Kind, Label, Progress, given, progress
from tiercel.model.history import History
from tiercel.model.ids import shard_of
from tiercel.model.record import Record
from tiercel.model.states import TERMINATED, State
from tiercel.model.surrogates import mended
from tiercel.model.task_run import ROOT, Attempt, Scope, TaskRun
from tiercel.ports.flows import Place
from tiercel.ports.journal import EventRow, ExecutionRow, LabelRow, MessageRow, TaskRunRow
from tiercel.ports.mailbox import Envelope

CORRELATION = "system.correlationId"
FROM = "system.from"
ORIGINS = ("", "ui", "api", "trigger", "mcp", "subflow", "cli")
"""What `system.from` says, by the number under which rows keep it; another word is number 0 and stands in the labels."""
KINDS = tuple(Kind)
_VALUES = "$values"
_KEYS = "$keys"
_NOTHING = b"null"


class NamedGiven(Given, frozen=True):
    """What an execution was given, and the names that its numbers stand for: readable without the registry."""

    tenant: str = ""
    namespace: str = ""
    flow_id: str = ""


class RunRecord(Record, frozen=True):
    """What of a task run no query asks for."""

    state: History
    attempts: tuple[Attempt, ...] = ()
    parent_task_run_id: str | None = None
    around: tuple[str, ...] = ()
    force_execution: bool = False
    dynamic: bool = False


class Handled(Record, frozen=True):
    """The events one commit handled for one execution, and who wrote them down."""

    epoch: int
    release: str
    events: tuple[Recorded, ...]
    slices: dict[int, int] = {}
    """By the place of an event that left more to do, how many task runs it could create."""


_given = msgspec.json.Decoder(NamedGiven)
_progress = msgspec.json.Decoder(Progress)
_run = msgspec.json.Decoder(RunRecord)
_scope = msgspec.json.Decoder(Scope)
_document = msgspec.json.Decoder(dict[str, Any] | None)
_handled = msgspec.json.Decoder(Handled)
_encode = msgspec.json.Encoder().encode


def execution_row(execution: Execution, place: Place, *, marked: bool) -> ExecutionRow:
    """The row of an execution as it stands. What it was given is written with its first row only."""
    labels = {label.key: label.value for label in execution.labels}
    correlation = labels.get(CORRELATION)
    return ExecutionRow(
        id=execution.id,
        tenant=place.tenant,
        namespace=place.namespace,
        flow=place.flow,
        revision=execution.flow_revision,
        shard=shard_of(execution.id),
        state=execution.state.current.number,
        kind=KINDS.index(execution.kind),
        origin=_origin(labels.get(FROM, "")),
        live=execution.live,
        marked=marked,
        started=execution.state.started,
        ended=execution.state.histories[-1].date if execution.is_over else None,
        parent_id=execution.parent_id,
        original_id=execution.original_id,
        cause_id=execution.cause_id,
        correlation_id=None if correlation == execution.id else correlation,
        trigger_key=None,
        labels=[f"{label.key}:{label.value}" for label in execution.labels],
        given=_written(_named(execution)) if execution.changes.created else b"",
        progress=_encode(progress(execution)),
        variables=_encoded(execution.variables),
        outputs=_encoded(execution.outputs),
    )


def run_row(execution_id: str, run: TaskRun, scope: Scope | None, *, values_stored: bool = False) -> TaskRunRow:
    """The row of a task run. In an update, None for counters and outputs means that they are as stored."""
    state = run.state
    record = RunRecord(state, run.attempts, run.parent_task_run_id, run.around, run.force_execution, run.dynamic)
    return TaskRunRow(
        execution_id=execution_id,
        ord=run.ord,
        id=run.id,
        task_id=run.task_id,
        parent=run.parent,
        value=run.value,
        iteration=run.iteration,
        state=state.current.number,
        started=state.histories[0].date,
        ended=state.histories[-1].date if state.current in TERMINATED else None,
        record=_encode(record),
        counters=None if scope is None else _encode(scope),
        outputs=None if values_stored else _outputs(run),
    )


def event_row(execution: Execution, handled: Handled, *, at: datetime) -> EventRow:
    """The row of history for what one commit handled."""
    return EventRow(execution.id, execution.next_seq, at, _written(handled))


def label_rows(execution: Execution, tenant: int, *, stored: tuple[Label, ...] = ()) -> list[LabelRow]:
    """What an execution is found by; correlation and origin are columns, and iterations of loops are not listed."""
    return _label_rows(execution, tenant, [label for label in execution.labels if label not in stored])


def gone_label_rows(execution: Execution, tenant: int, *, stored: tuple[Label, ...]) -> list[LabelRow]:
    """What an execution is found by no longer."""
    return _label_rows(execution, tenant, [label for label in stored if label not in execution.labels])


def _label_rows(execution: Execution, tenant: int, labels: list[Label]) -> list[LabelRow]:
    if execution.kind is Kind.LOOP:
        return []
    found_by = (label for label in labels if label.key not in (CORRELATION, FROM))
    return [LabelRow(label_key(tenant, label.key, label.value), execution.id) for label in found_by]


def label_key(tenant: int, key: str, value: str) -> int:
    """The signed 64-bit number of a label."""
    digest = hashlib.blake2b(f"{tenant}\x1f{key}\x1f{value}".encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def read_execution(row: ExecutionRow) -> Execution:
    """The header of an execution; task runs are separate rows, put together by `engine.restore`."""
    given, progress = _given.decode(row.given), _progress.decode(row.progress)
    return Execution(
        id=row.id,
        tenant=given.tenant,
        namespace=given.namespace,
        flow_id=given.flow_id,
        flow_revision=row.revision,
        state=progress.state,
        metadata=progress.metadata,
        kind=KINDS[row.kind],
        labels=tuple(_label(text) for text in row.labels),
        inputs=given.inputs,
        variables=_decoded(row.variables),
        outputs=_decoded(row.outputs),
        trigger=given.trigger,
        schedule_date=given.schedule_date,
        parent_id=row.parent_id,
        original_id=row.original_id,
        cause_id=row.cause_id,
        waits=given.waits,
        iteration=given.iteration,
        fixtures=given.fixtures,
        templates=given.templates,
        live=row.live,
        life=progress.life,
        bounds=progress.bounds,
        next_ord=progress.next_ord,
        next_seq=progress.next_seq,
        is_held=progress.is_held,
        breakpoints=progress.breakpoints,
        pending=progress.pending,
        scopes=Map() if progress.root is None else Map({ROOT: progress.root}),
        timers=Map(progress.timers),
        awaiting=Map(progress.awaiting),
        answers=Map(progress.answers),
        changes=Changes(first_new=progress.next_ord),
    )


def read_progress(document: bytes) -> Progress:
    """The part of an execution's header that is rewritten."""
    return _progress.decode(document)


def read_run(row: TaskRunRow) -> tuple[TaskRun, Scope | None]:
    """A task run and, where it has children under way, its counters. Outputs are absent where they were not read."""
    record = _run.decode(row.record)
    outputs = _decoded(row.outputs)
    values: list[str] | None = None if outputs is None else outputs.get(_VALUES)
    keys: list[str] | None = None if outputs is None else outputs.get(_KEYS)
    run = TaskRun(
        id=row.id,
        ord=row.ord,
        task_id=row.task_id,
        state=record.state,
        parent=row.parent,
        parent_task_run_id=record.parent_task_run_id,
        value=row.value,
        iteration=row.iteration,
        around=record.around,
        attempts=record.attempts,
        outputs=outputs if values is None else None,
        values=None if values is None else tuple(values),
        keys=None if keys is None else tuple(keys),
        force_execution=record.force_execution,
        dynamic=record.dynamic,
    )
    return run, None if row.counters is None else _scope.decode(row.counters)


def letter_row(execution_id: str, envelope: Envelope) -> MessageRow:
    """An event for an execution of another process."""
    return MessageRow(shard_of(execution_id), 0, execution_id, _written(envelope))


def job_body(job: Job) -> bytes:
    """A job as a worker of another process reads it."""
    return _written(job)


def read_events(row: EventRow) -> Handled:
    """What one commit handled."""
    return _handled.decode(row.body)


def _named(execution: Execution) -> NamedGiven:
    own = given(execution)
    return NamedGiven(
        own.inputs,
        own.trigger,
        own.schedule_date,
        own.waits,
        own.iteration,
        own.fixtures,
        own.templates,
        tenant=execution.tenant,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
    )


def _origin(word: str) -> int:
    return ORIGINS.index(word) if word in ORIGINS else 0


def _label(text: str) -> Label:
    key, _, value = text.partition(":")
    return Label(key, value)


def _outputs(run: TaskRun) -> bytes | None:
    if run.values is not None:
        return _encode({_VALUES: run.values} | ({} if run.keys is None else {_KEYS: run.keys}))
    if run.outputs is None:
        # An attempt that gives nothing must not show what the one before it gave.
        return _NOTHING if len(run.attempts) > 1 or run.state.current is State.RESTARTED else None
    return _written(run.outputs)


def _encoded(document: dict[str, Any] | None) -> bytes | None:
    return None if document is None else _written(document)


def _written(document: Any) -> bytes:
    try:
        return _encode(document)
    except (TypeError, ValueError):
        # One odd value (a key that is no text, half a surrogate pair) must not stop the commit of everybody else.
        return _encode(mended(msgspec.to_builtins(document, enc_hook=str)))


def _decoded(document: bytes | None) -> dict[str, Any] | None:
    return None if document is None else _document.decode(document)
