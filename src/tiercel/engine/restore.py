"""Putting a working set together again from its rows."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from immutables import Map

from tiercel.engine.plan import FlowContext
from tiercel.engine.results import with_outputs, with_state
from tiercel.engine.turn import replace
from tiercel.model.execution import Changes, Execution, TriggerInfo
from tiercel.model.results import Results
from tiercel.model.states import State
from tiercel.model.task_run import Scope, TaskRun

Row = tuple[TaskRun, Scope | None]


class Above(NamedTuple):
    """What an iteration of a loop knows of the executions above it."""

    inputs: dict[str, Any]
    trigger: TriggerInfo | None
    results: Results


def seen_from_below(
    context: FlowContext, header: Execution, rows: Iterable[Row], *, at: datetime, above: Above | None = None
) -> Above:
    """What an iteration that began at this instant knows of the execution with this header and these rows.

    Where that one is an iteration itself, `above` is what it knows in turn.
    """
    runs = [run for run, _ in _of_the_flow(rows) if run.task_id in context.kept and run.state.histories[-1].date <= at]
    known = Results() if above is None else above.results
    results, _ = remembered(context, sorted(runs, key=lambda run: run.ord), known)
    if above is None:
        return Above(header.inputs, header.trigger, results)
    return Above(above.inputs, above.trigger, results)


def restore(context: FlowContext, header: Execution, rows: Iterable[Row], *, above: Above | None = None) -> Execution:
    """The working set as it was when its rows were written.

    `header` has everything but task runs, with the flow's own counters in `scopes`. `rows` are all open task runs with
    their counters, and the ended ones of `context.kept`. `above` is what an iteration of a loop needs besides.
    """
    if above is not None:
        header = replace(header, inputs=above.inputs, trigger=above.trigger)
    known = sorted(_of_the_flow(rows), key=lambda row: row[0].ord)
    open_rows = [(run, scope) for run, scope in known if run.is_open]
    kept = [run for run, _ in known if run.task_id in context.kept]
    results, states = remembered(context, kept, Results() if above is None else above.results)
    waiting = {run.ord for run, _ in open_rows if run.state.current is State.PAUSED}
    leaves = [run for run, _ in open_rows if context.nodes[run.task_id].is_leaf and run.ord not in waiting]
    return replace(
        header,
        runs=Map((run.ord, run) for run, _ in open_rows),
        scopes=header.scopes.update((run.ord, scope) for run, scope in open_rows if scope is not None),
        results=results,
        states=states,
        busy=len(leaves),
        paused=len(waiting),
        changes=Changes(first_new=header.next_ord),
    )


def _of_the_flow(rows: Iterable[Row]) -> Iterator[Row]:
    """A dynamic task run may be named as a task of the flow is."""
    return (row for row in rows if not row[0].dynamic)


def remembered(context: FlowContext, runs: Iterable[TaskRun], results: Results) -> tuple[Results, Results]:
    """Outputs, beside those known already, and states."""
    states = Results()
    for run in runs:
        results = with_outputs(results, run)
        if not run.is_open:
            states = with_state(context, states, run)
    return results, states
