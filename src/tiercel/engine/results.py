"""What expressions may ask of task runs: their outputs and states, by task and by the values of the loops around."""

from collections.abc import Iterable

from tiercel.engine.plan import FlowContext
from tiercel.engine.turn import Turn
from tiercel.model.results import Results
from tiercel.model.task_run import TaskRun


def remember(turn: Turn, run: TaskRun) -> None:
    """Keep outputs and state of an ended task run where an expression of the flow names them."""
    if run.task_id in turn.context.kept:
        turn.results = with_outputs(turn.results, run)
        turn.states = with_state(turn.context, turn.states, run)


def remember_outputs(turn: Turn, run: TaskRun) -> None:
    """The same for an open task run; its state is asked of itself."""
    if run.task_id in turn.context.kept:
        turn.results = with_outputs(turn.results, run)


def forget(turn: Turn, task_ids: Iterable[str], place: tuple[str, ...]) -> None:
    """Nothing of these tasks is known any more within these loops' values."""
    for task_id in task_ids:
        turn.results = turn.results.without((task_id, *place))
        turn.states = turn.states.without((task_id, *place))


def with_outputs(results: Results, run: TaskRun) -> Results:
    """The outputs of its last attempt: one that gave nothing leaves nothing of those before."""
    way = (run.task_id, *run.place)
    return results.placed(way, run.outputs, ord=run.ord) if run.outputs else results.without(way)


def with_state(context: FlowContext, states: Results, run: TaskRun) -> Results:
    if not context.reads_states:
        return states
    return states.placed((run.task_id, *run.place), {"state": run.state.current.value}, ord=run.ord)
