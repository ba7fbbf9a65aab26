"""How a task run begins, by the kind of its task."""

from collections.abc import Callable
from typing import Any, cast

from tiercel.engine import (
    approvals,
    batches,
    branches,
    breakpoints,
    dags,
    directories,
    fixtures,
    iterations,
    loops,
    pauses,
    sleeps,
    subflows,
    untils,
)
from tiercel.engine.commands import Dispatch, RunInstant
from tiercel.engine.plan import Node
from tiercel.engine.rendering import render_plain, render_truth
from tiercel.engine.reopening import chooses_again
from tiercel.engine.results import remember_outputs
from tiercel.engine.runs import end, softened
from tiercel.engine.scopes import open_scope
from tiercel.engine.turn import Turn, replace
from tiercel.engine.updaters import UPDATERS
from tiercel.expression import ExpressionError
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Step
from tiercel.model.flowable import (
    AllowFailure,
    Approval,
    BatchExecutions,
    BatchOutputs,
    Dag,
    EachParallel,
    EachSequential,
    ForEach,
    ForEachItem,
    If,
    Loop,
    LoopUntil,
    Parallel,
    Pause,
    Sequential,
    Sleep,
    Subflow,
    Switch,
    Template,
    WorkingDirectory,
)
from tiercel.model.history import born
from tiercel.model.states import State
from tiercel.model.task import Task
from tiercel.model.task_run import Attempt, Scope, TaskRun, begun


class ConditionFailed(TiercelError):
    """`when`, or `runIf` of old, could not be rendered: the task fails before any attempt."""

    def __init__(self, cause: ExpressionError) -> None:
        super().__init__(f"the condition `when` cannot be rendered: {cause}")


def start(turn: Turn, step: Step) -> None:
    """Begin a created task run, unless its condition says no."""
    run = turn.runs.get(step.ord)
    if run is None or not _may_begin(turn, run):
        return
    node = turn.node(run)
    if breakpoints.stops(turn, run):
        breakpoints.stop(turn, run)
    elif (fixture := fixtures.of(turn, run)) is not None:
        fixtures.play(turn, run, fixture)
    elif node.task.run_if is not None and not _is_wanted(turn, run, node):
        _skip(turn, run)
    else:
        STARTERS.get(type(node.task), start_job)(turn, run, node)
    turn.forget_questions(run.ord)


def _may_begin(turn: Turn, run: TaskRun) -> bool:
    """It is new, begins again, or is a flowable that a restart opened to choose its children again."""
    if run.state.current in (State.CREATED, State.RESTARTED):
        return True
    return run.state.current is State.RUNNING and chooses_again(turn.context, run) and run.ord not in turn.scopes


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


def _start_template(turn: Turn, run: TaskRun, node: Node) -> None:
    task = cast(Template, node.task)
    if task.refusal:
        raise ExpressionError("host", task.refusal)
    _open(turn, run, Scope(), outputs={"args": render_plain(turn, run, task.args)})


def _start_dag(turn: Turn, run: TaskRun, node: Node) -> None:
    _open(turn, run, dags.opened(node))


def _start_branch(turn: Turn, run: TaskRun, node: Node) -> None:
    branch, outputs = branches.choose(turn, run, node)
    if branches.has_list(node, branch):
        _open(turn, run, Scope(branch=branch), outputs=outputs)
        return
    run = _begin(turn, run, outputs=outputs)
    turn.write("WARN", f"no case is {outputs['value']!r}, and there are no `defaults`", run)
    end(turn, run, softened(node, State.FAILED))


def _start_loop(turn: Turn, run: TaskRun, node: Node) -> None:
    _open(turn, run, Scope(), values=loops.values_of(turn, run, node))


def _start_until(turn: Turn, run: TaskRun, node: Node) -> None:
    _open(turn, run, untils.opened(run), outputs=untils.outputs(1))


def _open(turn: Turn, run: TaskRun, scope: Scope, **fields: Any) -> None:
    run = _begin(turn, run, **fields)
    if run.outputs:
        remember_outputs(turn, run)
    open_scope(turn, run.ord, scope)


def _begin(turn: Turn, run: TaskRun, **fields: Any) -> TaskRun:
    """The task run is RUNNING; one that chooses its children again is so already, and shows no further attempt."""
    if run.state.current is State.RUNNING:
        return turn.put(replace(run, **fields))
    return turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)), **fields)


STARTERS: dict[type[Task], Callable[[Turn, TaskRun, Node], None]] = {
    Sequential: _start_list,
    AllowFailure: _start_list,
    Parallel: _start_list,
    Dag: _start_dag,
    If: _start_branch,
    Switch: _start_branch,
    ForEach: _start_loop,
    EachSequential: _start_loop,
    EachParallel: _start_loop,
    Loop: iterations.start,
    ForEachItem: _start_list,
    BatchExecutions: batches.start,
    BatchOutputs: batches.merge,
    WorkingDirectory: directories.start,
    LoopUntil: _start_until,
    Pause: pauses.start,
    Approval: approvals.start,
    Template: _start_template,
    Sleep: sleeps.start,
    Subflow: subflows.start,
    **UPDATERS,
}
