"""Pause: a task run that waits for a person or a timer, and what comes after."""

from datetime import timedelta
from typing import Any, cast

from tiercel.engine.interrupts import cancel_timers, halt, kill_children
from tiercel.engine.plan import Node
from tiercel.engine.rendering import render_text
from tiercel.engine.results import remember_outputs
from tiercel.engine.runs import create, end, softened
from tiercel.engine.turn import Turn, replace
from tiercel.expression import ExpressionError
from tiercel.model.durations import parse_duration
from tiercel.model.execution import GO_ON, Step
from tiercel.model.flowable import Pause
from tiercel.model.states import State
from tiercel.model.task_run import ROOT, Scope, TaskRun, begun

_STATES = {"RESUME": State.SUCCESS, "WARN": State.WARNING, "FAIL": State.FAILED, "CANCEL": State.CANCELLED}


def start(turn: Turn, run: TaskRun, node: Node) -> None:
    """Pause. The timer is that of `pauseDuration`, else that of `timeout`, else nobody but a person ends it."""
    task = cast(Pause, node.task)
    behavior = render_text(turn, run, task.behavior).strip().upper()
    if behavior not in _STATES:
        raise ExpressionError("value", f"`behavior` is {behavior!r}; it must be one of {', '.join(_STATES)}")
    duration = render_duration(turn, run, task.pause_duration)
    timeout = render_duration(turn, run, task.timeout) if duration is None else None
    run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)))
    run = turn.move(run, State.PAUSED)
    turn.set_scope(run.ord, Scope(branch=behavior))
    if duration is not None:
        turn.start_timer(f"resume:{run.ord}", duration)
    if timeout is not None:
        turn.start_timer(f"timeout:{run.ord}:{run.attempt}", timeout)
    for task_id in node.blocks["onPause"]:
        create(turn, run.ord, task_id)


def render_duration(turn: Turn, run: TaskRun, written: str | float | None) -> timedelta | None:
    """The span a property says, None where it says nothing. Raises ExpressionError where it is none."""
    if written is None:
        return None
    text = render_text(turn, run, written)
    try:
        return parse_duration(text) if text.strip() else None
    except (ValueError, OverflowError) as error:
        raise ExpressionError("value", str(error)) from error


def resume_by_timer(turn: Turn, run: TaskRun) -> None:
    """`pauseDuration` has passed: go on as `behavior` says."""
    state = _STATES[turn.scopes[run.ord].branch]
    if state is State.CANCELLED:
        cancel_everything(turn, run)
    else:
        resume(turn, run, to=state)


def cancel_everything(turn: Turn, paused: TaskRun) -> None:
    """The pause and all above it end CANCELLED, and so does the execution."""
    cancelled = {paused.ord, *(above.ord for above in turn.ancestors(paused))}
    outputs = _outputs(turn, to=State.CANCELLED, inputs=None, by=None)
    turn.put(replace(paused, outputs=outputs))
    kill_children(turn, turn.runs.values(), reason=f"the pause `{paused.task_id}` cancelled the execution")
    halt(
        turn,
        State.CANCELLED,
        state_of=lambda run: State.CANCELLED if run.ord in cancelled else State.KILLED,
    )


def resume(turn: Turn, run: TaskRun, *, to: State, inputs: dict[str, Any] | None = None, by: str | None = None) -> None:
    """End the pause in a state; with tasks of its own, or errors and finally, they run first."""
    cancel_timers(turn, run)
    outputs = _outputs(turn, to=to, inputs=inputs, by=by)
    leave_pause(turn)
    node = turn.node(run)
    has_more = any(node.blocks[block] for block in ("tasks", "errors", "finally"))
    if not has_more and turn.scopes[run.ord].open == 0:
        end(turn, run, softened(node, to), outputs=outputs)
        return
    remember_outputs(turn, turn.move(run, State.RUNNING, outputs=outputs))
    turn.update_scope(run.ord, outcome=to)
    turn.later("advance", run.ord)


def leave_pause(turn: Turn) -> None:
    """Somebody, or a timer, ended a wait: the execution says so when it was the last one."""
    metadata = turn.execution.metadata
    turn.change(metadata=replace(metadata, attempt_number=metadata.attempt_number + 1))
    if turn.state.current is State.PAUSED and turn.paused == 1 and not turn.execution.is_held:
        turn.enter(State.RESTARTED)
        turn.first(GO_ON, ROOT)


def go_on(turn: Turn, step: Step) -> None:
    """The execution is RUNNING again after a pause."""
    if turn.state.current is State.RESTARTED:
        turn.enter(State.RUNNING)


def killed(turn: Turn, run: TaskRun) -> None:
    """The pause ends with the execution, and says so."""
    end(turn, run, State.KILLED, outputs=_outputs(turn, to=State.KILLING, inputs=None, by=None))


def _outputs(turn: Turn, *, to: State, inputs: dict[str, Any] | None, by: str | None) -> dict[str, Any]:
    on = turn.at.astimezone(turn.context.world.zone).replace(tzinfo=None).isoformat()
    resumed = {"on": on, "to": to.value} | ({} if by is None else {"by": by})
    return {"resumed": resumed} | ({} if inputs is None else {"onResume": inputs})
