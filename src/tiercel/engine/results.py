"""What expressions may ask of task runs: their outputs and states, by task and by the values of the loops around."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from immutables import Map

from tiercel.engine.plan import FlowContext
from tiercel.engine.turn import Turn
from tiercel.model.execution import TaskRun

Tree = Map[str, Any]


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
        turn.results = _without(turn.results, (task_id, *place))
        turn.states = _without(turn.states, (task_id, *place))


def with_outputs(results: Tree, run: TaskRun) -> Tree:
    """The outputs of its last attempt: one that gave nothing leaves nothing of those before."""
    way = (run.task_id, *run.place)
    return _placed(results, way, run.outputs) if run.outputs else _without(results, way)


def with_state(context: FlowContext, states: Tree, run: TaskRun) -> Tree:
    if not context.reads_states:
        return states
    return _placed(states, (run.task_id, *run.place), {"state": run.state.current.value})


def _placed(tree: Tree, way: tuple[str, ...], leaf: Mapping[str, Any]) -> Tree:
    """The tree with a leaf put, or put anew, at the end of a way."""
    name, *further = way
    if not further:
        return tree.set(name, leaf)
    return tree.set(name, _placed(_below(tree, name), tuple(further), leaf))


def _without(tree: Tree, way: tuple[str, ...]) -> Tree:
    name, *further = way
    if name not in tree:
        return tree
    below = _without(_below(tree, name), tuple(further)) if further else Tree()
    return tree.set(name, below) if below else tree.delete(name)


def _below(tree: Tree, name: str) -> Tree:
    below = tree.get(name)
    return cast(Tree, below) if isinstance(below, Map) else Tree()
