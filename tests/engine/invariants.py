"""What holds of an execution after every decision."""

from collections.abc import Mapping

from tiercel.engine import FlowContext
from tiercel.model.execution import Execution
from tiercel.model.states import State
from tiercel.model.task_run import ROOT, Scope, TaskRun


def check(context: FlowContext, execution: Execution, history: Mapping[int, TaskRun]) -> None:
    runs = execution.runs
    assert all(run.is_open and not run.dynamic for run in runs.values())
    assert all(run.parent in history for run in history.values() if run.dynamic)
    assert len({run.id for run in history.values()}) == len(history), "two task runs share an id"
    leaves = [run for run in runs.values() if context.nodes[run.task_id].is_leaf]
    assert execution.busy == sum(run.state.current is not State.PAUSED for run in leaves)
    assert execution.paused == sum(run.state.current is State.PAUSED for run in runs.values())
    assert {ord for ord in execution.scopes if ord != ROOT} <= set(runs)
    for ord, scope in execution.scopes.items():
        check_scope(context, ord, scope, history)
    if not execution.live:
        assert execution.is_over
        assert not runs
        assert not execution.scopes
        assert not execution.timers
        assert not execution.pending
        assert not execution.awaiting


def check_scope(context: FlowContext, ord: int, scope: Scope, history: Mapping[int, TaskRun]) -> None:
    children = [run for run in history.values() if run.parent == ord and not run.dynamic]
    assert scope.open + scope.retrying == sum(run.is_open for run in children)
    assert scope.open >= 0
    if scope.block == "afterExecution":
        return
    ended: dict[State, int] = {}
    for run in children:
        if not run.is_open and context.nodes[run.task_id].block == "tasks":
            ended[run.state.current] = ended.get(run.state.current, 0) + 1
    assert scope.ended == ended, "a scope miscounts its children"
