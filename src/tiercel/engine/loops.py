"""ForEach, EachSequential, EachParallel: the children once for each value, within this execution.

The first two go by groups: the children of one value, one after the other. A group has exactly one open child, so its
place needs no counter: the child that ended says what comes next. EachParallel knows no groups.
"""

from typing import cast

from tiercel.engine.plan import Node
from tiercel.engine.runs import create
from tiercel.engine.sequences import WINDOW
from tiercel.engine.turn import Turn
from tiercel.engine.values import listed_values
from tiercel.model.execution import Step
from tiercel.model.flowable import EachParallel, EachSequential, ForEach
from tiercel.model.task_run import Scope, TaskRun


def values_of(turn: Turn, run: TaskRun, node: Node) -> tuple[str, ...]:
    """The values as texts, rendered once. Raises ExpressionError where they are no list."""
    match node.task:
        case EachSequential(value=written) | EachParallel(value=written):
            return listed_values(turn, run, written, name="value")
        case ForEach(values=written):
            return listed_values(turn, run, written)
        case _:
            raise TypeError(f"{type(node.task).__name__} is no loop over values")


def follow(turn: Turn, step: Step, scope: Scope, owner: Node) -> None:
    """The next task of the group whose child ended, whatever happened to other groups."""
    tasks, place = owner.blocks["tasks"], step.position + 1
    if place < len(tasks):
        values = turn.runs[step.ord].values or ()
        create(turn, step.ord, tasks[place], value=values[step.iteration], iteration=step.iteration)


def start_groups(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """As many groups as may be open at a time."""
    tasks, values = owner.blocks["tasks"], turn.runs[ord].values or ()
    limit = (owner.task.concurrency_limit if isinstance(owner.task, ForEach) else 1) or WINDOW
    last = min(len(values), scope.next + min(limit, WINDOW) - scope.open) if tasks else 0
    for index in range(scope.next, last):
        if turn.room <= 0:
            return turn.later("advance", ord)
        create(turn, ord, tasks[0], value=values[index], iteration=index, next=index + 1)
    return None


def start_side_by_side(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """EachParallel: every child of every value, as many as may be open at a time."""
    tasks, values = owner.blocks["tasks"], turn.runs[ord].values or ()
    limit = cast(EachParallel, owner.task).concurrent or WINDOW
    for place in range(scope.next, min(len(values) * len(tasks), scope.next + min(limit, WINDOW) - scope.open)):
        if turn.room <= 0:
            return turn.later("advance", ord)
        index, position = divmod(place, len(tasks))
        create(turn, ord, tasks[position], value=values[index], iteration=index, next=place + 1)
    return None
