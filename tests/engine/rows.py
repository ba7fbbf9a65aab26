"""The rows of executions as the journal keeps them, and the executions that are made of them again."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from immutables import Map

from tiercel.engine import Above, FlowContext, restore, seen_from_below
from tiercel.model.execution import Execution, Given, Progress, given, progress
from tiercel.model.task_run import ROOT, Scope, TaskRun

COLUMNS = (
    "id",
    "tenant",
    "namespace",
    "flow_id",
    "flow_revision",
    "kind",
    "labels",
    "variables",
    "outputs",
    "parent_id",
    "original_id",
    "cause_id",
    "live",
)


class StoredRun(msgspec.Struct):
    """A task run as its row keeps it, apart from the counters."""

    run: bytes
    scope: bytes | None


class StoredExecution(msgspec.Struct):
    columns: dict[str, Any]
    given: bytes
    progress: bytes
    runs: dict[int, StoredRun]
    is_marked: bool


class Rows:
    """Executions by id; `context` gives the flow that each belongs to."""

    def __init__(self, context: Callable[[str], FlowContext]) -> None:
        self._context = context
        self.stored: dict[str, StoredExecution] = {}

    def write(self, execution: Execution, *, is_marked: bool) -> None:
        """What changed of an execution, as a commit does."""
        stored = self.stored.get(execution.id)
        assert execution.changes.created == (stored is None)
        runs = {} if stored is None else stored.runs
        for ord, run in execution.changes.runs.items():
            assert (ord in runs) == (ord < execution.changes.first_new), (
                "an INSERT of what is there, or an UPDATE of nothing"
            )
            runs[ord] = StoredRun(msgspec.json.encode(run), None)
        for ord in (*execution.changes.runs, *execution.changes.scopes):
            scope = execution.scopes.get(ord)
            runs[ord].scope = None if scope is None else msgspec.json.encode(scope)
        parents = {ord: msgspec.json.decode(stored.run, type=TaskRun) for ord, stored in runs.items()}
        for ord in below(parents, execution.changes.removed):
            del runs[ord]
        self.stored[execution.id] = StoredExecution(
            columns={name: getattr(execution, name) for name in COLUMNS},
            given=msgspec.json.encode(given(execution)),
            progress=msgspec.json.encode(progress(execution)),
            runs=runs,
            is_marked=is_marked,
        )

    def loaded(self, id: str) -> Execution:
        """The working set from its rows."""
        stored, header, context = self.stored[id], self._header(id), self._context(id)
        rows = self._wanted(context, stored)
        if header.iteration is None:
            return restore(context, header, rows)
        return restore(context, header, rows, above=self._above(header.parent_id or "", header.state.started))

    def _header(self, id: str) -> Execution:
        stored = self.stored[id]
        kept = msgspec.json.decode(stored.given, type=Given)
        moving = msgspec.json.decode(stored.progress, type=Progress)
        return Execution(
            **stored.columns,
            inputs=kept.inputs,
            trigger=kept.trigger,
            schedule_date=kept.schedule_date,
            waits=kept.waits,
            iteration=kept.iteration,
            fixtures=kept.fixtures,
            state=moving.state,
            metadata=moving.metadata,
            life=moving.life,
            bounds=moving.bounds,
            next_ord=moving.next_ord,
            next_seq=moving.next_seq,
            is_held=moving.is_held,
            breakpoints=moving.breakpoints,
            pending=moving.pending,
            timers=Map(moving.timers),
            awaiting=Map(moving.awaiting),
            answers=Map(moving.answers),
            scopes=Map() if moving.root is None else Map({ROOT: moving.root}),
        )

    def _above(self, id: str, at: datetime) -> Above:
        """What an iteration that began then knows of the executions above it."""
        header, context = self._header(id), self._context(id)
        above = None if header.iteration is None else self._above(header.parent_id or "", header.state.started)
        return seen_from_below(context, header, self._wanted(context, self.stored[id]), at=at, above=above)

    def _wanted(self, context: FlowContext, stored: StoredExecution) -> Iterator[tuple[TaskRun, Scope | None]]:
        for row in stored.runs.values():
            run = msgspec.json.decode(row.run, type=TaskRun)
            if run.is_open or run.task_id in context.kept:
                yield run, None if row.scope is None else msgspec.json.decode(row.scope, type=Scope)

    def runs(self, id: str) -> dict[int, TaskRun]:
        """All task runs of an execution."""
        return {ord: msgspec.json.decode(row.run, type=TaskRun) for ord, row in self.stored[id].runs.items()}


def below(runs: Mapping[int, TaskRun], roots: frozenset[int]) -> set[int]:
    """Ords of these task runs and of all below them."""
    found = set(roots & runs.keys())
    for ord in sorted(runs):
        if runs[ord].parent in found:
            found.add(ord)
    return found


def check_same(context: FlowContext, stored: Execution, kept: Execution) -> None:
    """What was loaded is what memory has."""
    stored, kept = (_comparable(context, each) for each in (stored, kept))
    differing = [name for name in kept.__struct_fields__ if getattr(stored, name) != getattr(kept, name)]
    shown = [f"{name}: {getattr(stored, name)} != {getattr(kept, name)}" for name in differing]
    assert stored == kept, f"rows and memory differ in {shown}"


def _comparable(context: FlowContext, execution: Execution) -> Execution:
    """What an iteration knows of the executions above, a retry or a LoopUntil there may have taken away since."""
    if execution.iteration is None:
        return execution
    own = set(context.below(execution.iteration.task_id))
    results = execution.results
    for name in set(results) - own:
        results = results.without((name,))
    return msgspec.structs.replace(execution, results=results)
