"""Putting a working set together again from its rows."""

from collections.abc import Iterable

from immutables import Map

from tiercel.engine.plan import FlowContext
from tiercel.engine.results import Tree, with_outputs, with_state
from tiercel.engine.turn import replace
from tiercel.model.execution import Changes, Execution, Scope, TaskRun
from tiercel.model.states import State

Row = tuple[TaskRun, Scope | None]


def restore(context: FlowContext, header: Execution, rows: Iterable[Row]) -> Execution:
    """The working set as it was when its rows were written.

    `header` has everything but task runs, with the flow's own counters in `scopes`. `rows` are all open task runs with
    their counters, and the ended ones of `context.kept`.
    """
    known = sorted(rows, key=lambda row: row[0].ord)
    open_rows = [(run, scope) for run, scope in known if run.is_open]
    results, states = _remembered(context, [run for run, _ in known if run.task_id in context.kept])
    leaves = [run for run, _ in open_rows if context.nodes[run.task_id].is_leaf]
    return replace(
        header,
        runs=Map((run.ord, run) for run, _ in open_rows),
        scopes=header.scopes.update((run.ord, scope) for run, scope in open_rows if scope is not None),
        results=results,
        states=states,
        busy=len(leaves),
        paused=sum(run.state.current is State.PAUSED for run, _ in open_rows),
        changes=Changes(first_new=header.next_ord),
    )


def _remembered(context: FlowContext, runs: Iterable[TaskRun]) -> tuple[Tree, Tree]:
    results, states = Tree(), Tree()
    for run in runs:
        results = with_outputs(results, run)
        if not run.is_open:
            states = with_state(context, states, run)
    return results, states
