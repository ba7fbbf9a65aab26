"""The end of an execution: its outputs, afterExecution, and what others are told once it is really over."""

from typing import Any

from immutables import Map

from tiercel.definition import read_output
from tiercel.engine.commands import Release, TellParent
from tiercel.engine.rendering import ask, kept, render_value
from tiercel.engine.turn import Turn
from tiercel.expression import ExpressionError
from tiercel.model.execution import Kind
from tiercel.model.sealed import sealing
from tiercel.model.states import State
from tiercel.model.task_run import ROOT, Scope

_WITH_OUTPUTS = (State.SUCCESS, State.WARNING, State.FAILED)


def close_flow(turn: Turn, outcome: State) -> None:
    """The flow's lists are done: render its outputs, enter the final state, go on with afterExecution."""
    outputs, problem = _outputs(turn) if outcome in _WITH_OUTPUTS else (None, None)
    if outputs:
        turn.change(outputs=outputs)
    turn.enter(outcome)
    if problem is not None:
        turn.write("ERROR", f"Failed to render output values: {problem}")
        if outcome is not State.FAILED:
            turn.enter(State.FAILED)
    start_after_execution(turn)


def _outputs(turn: Turn) -> tuple[dict[str, Any] | None, str | None]:
    """The outputs as the flow declares them, or why there are none."""
    cipher = turn.context.world.cipher
    encrypt = sealing(cipher, turn.event.seed, turn.execution.id, "outputs") if cipher else None
    try:
        outputs = {
            output.id: read_output(output, render_value(turn, None, output.value), encrypt=encrypt)
            for output in turn.context.outputs
        }
        return _placed(turn, outputs), None
    except (ExpressionError, ValueError) as error:
        return None, str(error)


def _placed(turn: Turn, outputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs, or where they are: large ones, and those of an iteration whose loop stores them, lie in a file."""
    iteration = turn.execution.iteration
    if iteration is None or not iteration.stores or not outputs:
        return kept(turn, None, outputs)
    return {"uri": ask(turn, None, "storeOutputs", {"outputs": outputs})}


def start_after_execution(turn: Turn) -> None:
    """The state is final; the tasks of afterExecution see it. Iterations of a loop leave them to the parent."""
    turn.forget_questions(ROOT)
    if turn.context.blocks["afterExecution"] and turn.execution.kind is not Kind.LOOP:
        turn.set_scope(ROOT, Scope(block="afterExecution"))
        turn.later("advance", ROOT)
    else:
        end_really(turn)


def end_really(turn: Turn) -> None:
    """Nothing more will happen: whoever waits for this execution is told."""
    for name in turn.timers:
        turn.cancel_timer(name)
    turn.scopes = turn.scopes.delete(ROOT) if ROOT in turn.scopes else turn.scopes
    turn.steps.clear()
    turn.change(live=False, awaiting=Map(), answers=Map(), is_held=False)
    if turn.execution.kind is not Kind.LOOP:
        # Even where its own revision has no limit: another one may, which counts it too.
        turn.command(Release())
    if turn.state.current is not State.RETRIED:
        tell_parent(turn, turn.state.current)


def tell_parent(turn: Turn, state: State) -> None:
    """Let the task run that waits for this execution, where there is one, know how it ended."""
    link, iteration = turn.execution.waits, turn.execution.iteration
    if link is not None:
        item = None if iteration is None else iteration.item
        turn.command(TellParent(link, state, turn.execution.outputs, item))
