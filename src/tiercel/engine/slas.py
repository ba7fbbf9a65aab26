"""Agreements of a flow: how long it may take, and what must hold while it runs. The first that is violated counts.

Iterations of a loop have none: what they do counts for the execution around them.
"""

from collections.abc import Iterator

from tiercel.engine.interrupts import halt, kill_children
from tiercel.engine.rendering import render_truth
from tiercel.engine.turn import Turn
from tiercel.expression import ExpressionError
from tiercel.model.durations import format_duration, parse_duration
from tiercel.model.execution import Kind
from tiercel.model.flow import Sla
from tiercel.model.states import State
from tiercel.model.task_run import ROOT

PREFIX = "sla:"
"""Timers of agreements are named by their place in the flow: two may have the same id."""
_TARGETS = {"FAIL": State.FAILED, "CANCEL": State.CANCELLED}


def watch(turn: Turn) -> None:
    """The execution begins, or begins again: from now on its time is counted."""
    for place, sla in _agreements(turn):
        if sla.type == "MAX_DURATION":
            turn.start_timer(f"{PREFIX}{place}", parse_duration(sla.duration or 0))


def overdue(turn: Turn, name: str) -> None:
    """The time of an agreement is over. One that the flow no longer has is of no interest, nor is one to what is killed."""
    place = int(name.removeprefix(PREFIX))
    if place < len(turn.context.flow.sla) and not turn.is_killing:
        sla = turn.context.flow.sla[place]
        took = format_duration(turn.at - turn.execution.state.started)
        _violated(turn, sla, f"execution duration of {took} exceeds the maximum duration of {sla.duration}")


def assert_all(turn: Turn) -> None:
    """Look at what must hold. What cannot be rendered yet, since a task is still to come, is not violated."""
    for _, sla in _agreements(turn):
        if sla.type == "EXECUTION_ASSERTION" and not _holds(turn, sla):
            _violated(turn, sla, f"assertion is false: {sla.assert_}")
            break
    if ROOT in turn.execution.answers:
        # The world may answer differently the next time.
        turn.forget_questions(ROOT)


def _agreements(turn: Turn) -> Iterator[tuple[int, Sla]]:
    return enumerate(() if turn.execution.kind is Kind.LOOP else turn.context.flow.sla)


def _holds(turn: Turn, sla: Sla) -> bool:
    if sla.behavior == "NONE" and _has(turn, sla):
        return True
    try:
        return render_truth(turn, None, sla.assert_)
    except ExpressionError:
        return True


def _has(turn: Turn, sla: Sla) -> bool:
    """The labels say already that it was violated; without labels there is nothing to say."""
    return {label.label() for label in sla.labels} <= set(turn.execution.labels)


def _violated(turn: Turn, sla: Sla, reason: str) -> None:
    violated = f"SLA '{sla.id}' violated: {reason}"
    turn.write("WARN", violated)
    turn.add_labels(tuple(label.label() for label in sla.labels))
    target = _TARGETS.get(sla.behavior)
    if target is None:
        return
    if target is State.FAILED:
        turn.write("ERROR", f"Execution failed due to {violated}")
    kill_children(turn, turn.runs.values(), reason=f"the agreement `{sla.id}` is violated", target=target)
    halt(turn, target)
