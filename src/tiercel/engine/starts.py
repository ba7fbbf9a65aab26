"""How a task run begins, by the kind of its task."""

from collections.abc import Callable

from tiercel.engine import branches, dags, loops, pauses, sleeps, subflows
from tiercel.engine.messages import Dispatch, RunInstant
from tiercel.engine.plan import Node
from tiercel.engine.rendering import render_truth
from tiercel.engine.results import remember_outputs
from tiercel.engine.runs import end, softened
from tiercel.engine.scopes import open_scope
from tiercel.engine.turn import Turn, replace
from tiercel.engine.updaters import UPDATERS
from tiercel.expression import ExpressionError
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Attempt, Scope, Step, TaskRun, begun, born
from tiercel.model.flowable import (
    AllowFailure,
    Dag,
    ForEach,
    If,
    Parallel,
    Pause,
    Sequential,
    Sleep,
    Subflow,
    Switch,
)
from tiercel.model.states import State
from tiercel.model.task import Task


class ConditionFailed(TiercelError):
    """`runIf` could not be rendered: the task fails before any attempt."""

    def __init__(self, cause: ExpressionError) -> None:
        super().__init__(f"the condition `runIf` cannot be rendered: {cause}")


def start(turn: Turn, step: Step) -> None:
    """Begin a created task run, unless its condition says no."""
    run = turn.runs.get(step.ord)
    if run is None or run.state.current is not State.CREATED:
        return
    node = turn.node(run)
    if node.task.run_if is not None and not _is_wanted(turn, run, node):
        _skip(turn, run)
    else:
        STARTERS.get(type(node.task), start_job)(turn, run, node)
    turn.forget_questions(run.ord)


def _is_wanted(turn: Turn, run: TaskRun, node: Node) -> bool:
    try:
        return render_truth(turn, run, node.task.run_if)
    except ExpressionError as error:
        raise ConditionFailed(error) from error


def _skip(turn: Turn, run: TaskRun) -> None:
    end(turn, turn.put(replace(run, attempts=(*run.attempts, Attempt(born(turn.at))))), State.SKIPPED)


def start_job(turn: Turn, run: TaskRun, node: Node) -> None:
    """Give the task to a worker, or to the executor itself."""
    run = turn.move(run, State.SUBMITTED)
    turn.command(RunInstant(run.ord, run.attempt) if node.is_instant else Dispatch(run.ord, run.attempt))


def _start_list(turn: Turn, run: TaskRun, node: Node) -> None:
    _open(turn, run, Scope())


def _start_dag(turn: Turn, run: TaskRun, node: Node) -> None:
    _open(turn, run, dags.opened(node))


def _start_branch(turn: Turn, run: TaskRun, node: Node) -> None:
    branch, outputs = branches.choose(turn, run, node)
    if branches.has_list(node, branch):
        _open(turn, run, Scope(branch=branch), outputs=outputs)
        return
    run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)), outputs=outputs)
    turn.write("WARN", f"no case is {outputs['value']!r}, and there are no `defaults`", run)
    end(turn, run, softened(node, State.FAILED))


def _start_loop(turn: Turn, run: TaskRun, node: Node) -> None:
    _open(turn, run, Scope(), values=loops.values_of(turn, run, node))


def _open(turn: Turn, run: TaskRun, scope: Scope, **fields: object) -> None:
    run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)), **fields)
    if run.outputs:
        remember_outputs(turn, run)
    open_scope(turn, run.ord, scope)


STARTERS: dict[type[Task], Callable[[Turn, TaskRun, Node], None]] = {
    Sequential: _start_list,
    AllowFailure: _start_list,
    Parallel: _start_list,
    Dag: _start_dag,
    If: _start_branch,
    Switch: _start_branch,
    ForEach: _start_loop,
    Pause: pauses.start,
    Sleep: sleeps.start,
    Subflow: subflows.start,
    **UPDATERS,
}
