"""Bodies made of one list of tasks: one after the other, or side by side."""

from typing import cast

from tiercel.engine.plan import Node
from tiercel.engine.runs import create
from tiercel.engine.turn import Turn
from tiercel.model.flowable import Parallel
from tiercel.model.task_run import ROOT, Scope

WINDOW = 1000
"""So many children of a fan-out are open at most, also where nothing limits them: memory, jobs and kills stay bounded."""


def start_next(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """The next of the list, when none is open."""
    start_next_of(turn, ord, scope, owner.blocks["tasks"])


def start_next_of_flow(turn: Turn, scope: Scope) -> None:
    """The next task of the flow's own list."""
    start_next_of(turn, ROOT, scope, turn.context.blocks["tasks"])


def start_next_of(turn: Turn, ord: int, scope: Scope, tasks: tuple[str, ...]) -> None:
    if scope.open == 0 and scope.next < len(tasks):
        create(turn, ord, tasks[scope.next], next=scope.next + 1)


def start_side_by_side(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """As many as may be open at a time."""
    tasks = owner.blocks["tasks"]
    limit = cast(Parallel, owner.task).concurrent or WINDOW
    for place in range(scope.next, min(len(tasks), scope.next + limit - scope.open)):
        if turn.room <= 0:
            return turn.later("advance", ord)
        create(turn, ord, tasks[place], next=place + 1)
    return None
