"""The trace of a run: JSON lines with everything that is needed to take each of its decisions again elsewhere.

The first line is the `Head`; then comes one `Page` for each commit and execution, with the events that were decided and
the rows that came of them. A trace has what expressions were told, secrets too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

import msgspec

from tiercel.engine.history import Chapter
from tiercel.expression import Dialect
from tiercel.model.execution import Execution
from tiercel.model.record import Record
from tiercel.model.states import BY_NUMBER
from tiercel.ports.flows import Place
from tiercel.ports.journal import Batch, EventRow, ExecutionRow, TaskRunRow
from tiercel.services.records import Handled, execution_row, read_events, run_row

FORMAT = 1

RowT = TypeVar("RowT", ExecutionRow, TaskRunRow)
Fields = dict[str, Any]


class TracedFlow(Record, frozen=True):
    """A flow as it was when the run began."""

    namespace: str
    id: str
    source: str


class Head(Record, frozen=True):
    """What decisions depend on besides the events."""

    trace: int
    """The format of the lines that follow."""
    release: str
    zone: str
    flows: tuple[TracedFlow, ...]
    dialect: Dialect = Dialect()
    envs: dict[str, str] = {}
    key: str | None = None
    """What the run encrypted with: nothing else was."""


class Page(Record, frozen=True):
    """What one commit did for one execution."""

    execution_id: str
    seq: int
    handled: Handled
    execution: dict[str, msgspec.Raw]
    """Its row."""
    task_runs: tuple[dict[str, msgspec.Raw], ...] = ()
    """The rows of the task runs that are new or different."""
    removed: tuple[int, ...] = ()

    @property
    def row(self) -> ExecutionRow:
        return _closed(ExecutionRow, self.execution)

    @property
    def rows(self) -> list[TaskRunRow]:
        return [_closed(TaskRunRow, fields) for fields in self.task_runs]


class Difference(NamedTuple):
    """A place where the decision taken again comes to something else."""

    place: str
    recorded: Any
    again: Any


def pages(batch: Batch) -> Iterator[bytes]:
    """The lines of one commit."""
    executions = {row.id: row for row in (*batch.created, *batch.updated)}
    runs: dict[str, list[TaskRunRow]] = defaultdict(list)
    removed: dict[str, list[int]] = defaultdict(list)
    for run in sorted((*batch.runs_created, *batch.runs_updated), key=lambda run: run.ord):
        runs[run.execution_id].append(run)
    for identifier, ord in batch.runs_removed:
        removed[identifier].append(ord)
    for event in batch.events:
        identifier = event.execution_id
        yield msgspec.json.encode(_page(event, executions[identifier], runs[identifier], removed[identifier]))


def _page(event: EventRow, row: ExecutionRow, runs: list[TaskRunRow], removed: list[int]) -> dict[str, Any]:
    return {
        "executionId": event.execution_id,
        "seq": event.seq,
        "handled": msgspec.to_builtins(read_events(event)),
        "execution": _open(row),
        "taskRuns": [_open(run) for run in runs],
        "removed": removed,
    }


def _open(row: NamedTuple) -> Fields:
    """A row with its documents as the JSON they are."""
    return {name: _document(value) if isinstance(value, bytes) else value for name, value in row._asdict().items()}


def _document(value: bytes) -> msgspec.Raw | None:
    return msgspec.Raw(value) if value else None


def _closed(kind: type[RowT], fields: Mapping[str, msgspec.Raw]) -> RowT:
    """The row that was opened."""
    hints = get_type_hints(kind)
    return kind(**{name: _value(hints[name], raw) for name, raw in fields.items()})


def _value(hint: Any, raw: msgspec.Raw) -> Any:
    if hint is not bytes and bytes not in get_args(hint):
        return msgspec.json.decode(raw, type=hint)
    return (b"" if hint is bytes else None) if bytes(raw) == b"null" else bytes(raw)


# Comparing -------------------------------------------------------------------------------------------------------------


def differences(page: Page, chapter: Chapter) -> Iterator[Difference]:
    """What is stored and not so when it is decided again."""
    execution, row = chapter.execution, page.row
    again = execution_row(execution, Place(row.tenant, row.namespace, row.flow), marked=row.marked)
    yield from _differing("execution", row, again)
    recorded = {run.ord: run for run in page.rows}
    now = {run.ord: run for run in _runs(execution, recorded)}
    for ord in sorted(recorded.keys() | now.keys()):
        yield from _differing_runs(ord, recorded.get(ord), now.get(ord))
    removed = sorted(ord for ord in execution.changes.removed if ord < execution.changes.first_new)
    if removed != sorted(page.removed):
        yield Difference("task runs removed", sorted(page.removed), removed)


def _runs(execution: Execution, recorded: Mapping[int, TaskRunRow]) -> Iterator[TaskRunRow]:
    """The rows of the task runs that a decision changed. Values of a loop are written once, and are then left out."""
    changes = execution.changes
    runs = {**{ord: execution.runs.get(ord) for ord in changes.scopes}, **dict(changes.runs)}
    for ord, run in runs.items():
        if run is not None:
            is_stored = run.values is not None and ord in recorded and recorded[ord].outputs is None
            yield run_row(execution.id, run, execution.scopes.get(ord), values_stored=is_stored)


def _differing_runs(ord: int, recorded: TaskRunRow | None, again: TaskRunRow | None) -> Iterable[Difference]:
    if recorded is None or again is None:
        known = recorded or again
        name = f"task run {ord}" if known is None else f"task run {known.task_id}"
        return [Difference(name, recorded and "changed", again and "changed")]
    return _differing(f"task run {recorded.task_id}", recorded, again)


def _differing(name: str, recorded: NamedTuple, again: NamedTuple) -> Iterator[Difference]:
    others = again._asdict()
    for field, value in recorded._asdict().items():
        before, after = _plain(field, value), _plain(field, others[field])
        if before != after:
            yield Difference(f"{name}, {field}", before, after)


def _plain(field: str, value: Any) -> Any:
    """A state by its name; a document as what it says: nothing written, and that there is nothing, are the same."""
    if field == "state":
        return BY_NUMBER[value].value
    return (msgspec.json.decode(value) if value else None) if isinstance(value, bytes) else value
