"""If and Switch: one of several lists, chosen once by a rendered value and kept with the outputs."""

from typing import cast

from tiercel.engine.plan import Node
from tiercel.engine.rendering import render_text, render_truth
from tiercel.engine.runs import create
from tiercel.engine.turn import Turn
from tiercel.model.flowable import If, Switch
from tiercel.model.task_run import Scope, TaskRun


def choose(turn: Turn, run: TaskRun, node: Node) -> tuple[str, dict[str, object]]:
    """The name of the chosen list, and the outputs that say why."""
    match node.task:
        case If(condition=condition):
            holds = render_truth(turn, run, condition)
            return ("then" if holds else "else"), {"evaluationResult": holds}
        case _:
            return _case(node, render_text(turn, run, cast(Switch, node.task).value))


def _case(node: Node, value: str) -> tuple[str, dict[str, object]]:
    branch = f"case {value}"
    is_known = branch in node.blocks
    return (branch if is_known else "defaults"), {"value": value, "defaults": not is_known}


def has_list(node: Node, branch: str) -> bool:
    """A Switch must have a list for every value; an If without `else` has just nothing to do."""
    return isinstance(node.task, If) or branch != "defaults" or bool(cast(Switch, node.task).defaults)


def start_next(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """The next task of the chosen list, when none is open."""
    tasks = owner.blocks.get(scope.branch, ())
    if scope.open == 0 and scope.next < len(tasks):
        create(turn, ord, tasks[scope.next], next=scope.next + 1)
