"""Dag: a child starts as soon as all it depends on has ended. What ended is one bit a child, so nothing is searched."""

from typing import cast

from tiercel.engine.plan import Node
from tiercel.engine.runs import create
from tiercel.engine.sequences import WINDOW
from tiercel.engine.turn import Turn
from tiercel.model.execution import Step
from tiercel.model.flowable import Dag
from tiercel.model.task_run import Scope


def opened(owner: Node) -> Scope:
    """The scope at the beginning: what depends on nothing is ready."""
    return Scope(ready=tuple(place for place, needs in enumerate(owner.needs) if not needs))


def follow(turn: Turn, step: Step, scope: Scope, owner: Node) -> None:
    """A child ended: those that waited only for it are ready."""
    done = int(scope.done or "0", 16) | 1 << step.position
    freed = [place for place in owner.dependents[step.position] if owner.needs[place] & ~done == 0]
    turn.update_scope(step.ord, done=f"{done:x}", ready=(*scope.ready, *freed))


def start_ready(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """As many of the ready ones as may be open at a time."""
    tasks = owner.blocks["tasks"]
    free = (cast(Dag, owner.task).concurrent or WINDOW) - scope.open
    for count, place in enumerate(scope.ready[: max(free, 0)], start=1):
        if turn.room <= 0:
            return turn.later("advance", ord)
        create(turn, ord, tasks[place], ready=scope.ready[count:])
    return None
