"""What people may say about an execution, or for it: its state and labels once it has ended, and not to wait any longer."""

from tiercel.engine.admission import ask_for_slot, go_on
from tiercel.engine.events import AddLabels, ChangeStatus, SetLabels, Unqueue
from tiercel.engine.interrupts import halt
from tiercel.engine.turn import Turn
from tiercel.model.execution import Label
from tiercel.model.states import EXECUTION_MOVES, TERMINATED, State

SYSTEM = "system."
_UNQUEUED = (State.RUNNING, State.CANCELLED, State.FAILED)


def change_status(turn: Turn, event: ChangeStatus) -> str | None:
    """The execution counts as ended otherwise. Nothing runs."""
    if turn.execution.live or turn.state.current is State.KILLED:
        return f"only an execution that has ended, and was not killed, can be changed; it is {turn.state.current}"
    if event.state not in TERMINATED or (turn.state.current, event.state) not in EXECUTION_MOVES:
        return f"an execution that is {turn.state.current} cannot be set to {event.state}"
    turn.enter(event.state)
    return None


def set_labels(turn: Turn, event: SetLabels) -> str | None:
    """Other labels in place of those that people gave."""
    if turn.execution.live:
        return f"labels can be set once the execution has ended; it is {turn.state.current}"
    own = tuple(label for label in turn.execution.labels if label.key.startswith(SYSTEM))
    given: dict[str, Label] = {label.key: label for label in event.labels if not label.key.startswith(SYSTEM)}
    turn.set_labels((*given.values(), *own))
    return None


def add_labels(turn: Turn, event: AddLabels) -> str | None:
    """Labels of the system's own."""
    turn.add_labels(event.labels)
    return None


def unqueue(turn: Turn, event: Unqueue) -> str | None:
    """Leave the queue."""
    if turn.state.current is not State.QUEUED:
        return f"only an execution that is QUEUED can leave the queue; it is {turn.state.current}"
    if event.state not in _UNQUEUED:
        return f"an execution cannot leave the queue as {event.state}"
    if event.state is State.RUNNING:
        _run_without_slot(turn)
    else:
        halt(turn, event.state)
    return None


def begin_by_force(turn: Turn) -> None:
    """Begin now: whatever date or slot the execution waits for, it does not wait."""
    turn.cancel_timer("schedule")
    _run_without_slot(turn)


def _run_without_slot(turn: Turn) -> None:
    ask_for_slot(turn, is_forced=True)
    go_on(turn)
