"""Dynamic task runs take their place below the task run that adds them. They are over, so that is all there is to do."""

from tiercel.engine.turn import Turn
from tiercel.model.dynamic import DynamicRun
from tiercel.model.ids import task_run_id
from tiercel.model.task_run import Attempt, TaskRun


def add(turn: Turn, run: TaskRun, added: tuple[DynamicRun, ...]) -> None:
    """Those of the attempt that is under way. What an earlier one added stays beside them, as the attempt does."""
    for place, dynamic in enumerate(added):
        turn.add_ended(_below(turn, run, dynamic, place=place))


def _below(turn: Turn, run: TaskRun, dynamic: DynamicRun, *, place: int) -> TaskRun:
    return TaskRun(
        id=_identity(turn.execution.id, run, dynamic, place=place),
        ord=turn.next_ord,
        task_id=dynamic.task_id,
        state=dynamic.state,
        parent=run.ord,
        parent_task_run_id=run.id,
        value=dynamic.value,
        around=run.place,
        attempts=(Attempt(dynamic.state),),
        outputs=dynamic.outputs,
        dynamic=True,
    )


def _identity(execution_id: str, run: TaskRun, dynamic: DynamicRun, *, place: int) -> str:
    """By the attempt and the place in it: the same name may be added again."""
    return task_run_id(
        execution_id,
        scope=run.id,
        task=dynamic.task_id,
        value=dynamic.value or "",
        iteration=place,
        generation=run.attempt,
    )
