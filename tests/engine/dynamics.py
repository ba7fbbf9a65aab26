"""What tasks of type `test.Dynamic` add to their executions."""

from datetime import datetime

from tiercel.model.dynamic import DynamicRun
from tiercel.model.history import History, Moment
from tiercel.model.states import State

DYNAMIC = "test.Dynamic"


def added(type: str, task_id: str, *, at: datetime) -> tuple[DynamicRun, ...]:
    """One that failed, under the name of the very task, and one that ended well under a name that the flow has not."""
    if type != DYNAMIC:
        return ()
    return (
        DynamicRun(task_id, _ended(State.FAILED, at), outputs={"value": "not the task's"}),
        DynamicRun("model", _ended(State.SUCCESS, at), value="a"),
    )


def _ended(state: State, at: datetime) -> History:
    return History(state, (Moment(state, at),))
