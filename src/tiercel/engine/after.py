"""Listeners of 1.x: what runs after the end where its conditions hold, before the tasks of afterExecution.

Their tasks stand in front of those of afterExecution in one list; here it is said which part of it is passed over.
"""

from tiercel.engine.conditions import Heard, Scene, all_hold
from tiercel.engine.plan import Listening
from tiercel.engine.rendering import sight
from tiercel.engine.turn import Turn
from tiercel.expression import ExpressionError


def next_place(turn: Turn, place: int) -> int:
    """The place in the list from which on something is wanted."""
    for listening in turn.context.listening:
        if listening.first == place and not _is_wanted(turn, listening):
            place = listening.end
    return place


def _is_wanted(turn: Turn, listening: Listening) -> bool:
    """What cannot be rendered does not hold."""
    if listening.conditions is None:
        return False
    execution = turn.execution
    names, surroundings = sight(turn)
    heard = Heard(
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        state=turn.state.current,
        labels=execution.labels,
        outputs=execution.outputs,
    )
    scene = Scene(
        names=names,
        surroundings=surroundings,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        heard=heard,
    )
    try:
        return all_hold(listening.conditions, scene)
    except ExpressionError:
        return False
