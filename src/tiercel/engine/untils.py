"""LoopUntil: the children again and again until a condition holds. Of earlier iterations nothing is kept.

Between two iterations the task run stays RUNNING and a timer holds its scope; no worker, no child does.
"""

from datetime import datetime, timedelta
from typing import cast

from tiercel.engine.pauses import render_duration
from tiercel.engine.plan import Node
from tiercel.engine.removals import take_away
from tiercel.engine.rendering import render_text, render_truth
from tiercel.engine.results import forget, remember_outputs
from tiercel.engine.runs import create
from tiercel.engine.turn import Turn, replace
from tiercel.expression import ExpressionError
from tiercel.model.durations import format_duration
from tiercel.model.flowable import LoopUntil
from tiercel.model.states import State
from tiercel.model.task_run import Scope, TaskRun

_BEGINNINGS = (State.CREATED, State.RESTARTED)


def opened(run: TaskRun) -> Scope:
    """The scope at the beginning."""
    return Scope(iteration=run.iteration or 0)


def outputs(count: int) -> dict[str, object]:
    return {"iterationCount": count}


def is_waiting(turn: Turn, ord: int) -> bool:
    """The next iteration is due later."""
    return _timer(ord) in turn.timers


def go_on(turn: Turn, ord: int, scope: Scope, owner: Node) -> None:
    """The next child; after the last one the end, or the wait for another iteration."""
    tasks = owner.blocks["tasks"]
    if scope.open or is_waiting(turn, ord):
        return
    if scope.next < len(tasks):
        children = (*scope.children, turn.next_ord)
        create(turn, ord, tasks[scope.next], iteration=scope.iteration, next=scope.next + 1, children=children)
    elif tasks:
        _judge(turn, turn.runs[ord], cast(LoopUntil, owner.task))


def _judge(turn: Turn, run: TaskRun, task: LoopUntil) -> None:
    """An iteration is complete: that was the last one, or there is another."""
    if not render_truth(turn, run, task.condition):
        reached = _maximum_reached(turn, run, task)
        if reached is None:
            interval = render_duration(turn, run, task.check_frequency.interval)
            turn.start_timer(_timer(run.ord), interval or timedelta())
        else:
            _give_up(turn, run, task, reached)
    # The next iteration asks the world again.
    turn.forget_questions(run.ord)


def _maximum_reached(turn: Turn, run: TaskRun, task: LoopUntil) -> str | None:
    """Which maximum forbids another iteration, in words."""
    frequency = task.check_frequency
    iterations = _whole_number(turn, run, frequency.max_iterations)
    if iterations is not None and _count(run) >= iterations:
        return f"Max iterations reached: {iterations}"
    longest = render_duration(turn, run, frequency.max_duration)
    if longest is not None and turn.at >= _began(run) + longest:
        return f"Max duration reached: {format_duration(longest)}"
    return None


def _whole_number(turn: Turn, run: TaskRun, written: int | str | None) -> int | None:
    text = "" if written is None else render_text(turn, run, written).strip()
    try:
        return int(text) if text else None
    except ValueError as error:
        raise ExpressionError("value", f"`maxIterations` is {text!r}, which is no whole number") from error


def _count(run: TaskRun) -> int:
    return cast(int, (run.outputs or {}).get("iterationCount", 1))


def _began(run: TaskRun) -> datetime:
    return next(moment.date for moment in reversed(run.state.histories) if moment.state in _BEGINNINGS)


def _give_up(turn: Turn, run: TaskRun, task: LoopUntil, reached: str) -> None:
    fails = render_truth(turn, run, task.fail_on_max_reached)
    turn.write("WARN", f"{reached}, and the condition does not hold", run)
    if fails:
        turn.update_scope(run.ord, outcome=State.FAILED)


def repeat(turn: Turn, run: TaskRun) -> None:
    """The interval is over: what the last iteration left is taken away, and the children begin anew."""
    scope, node = turn.scopes[run.ord], turn.node(run)
    take_away(turn, scope.children)
    below = [task for root in node.blocks["tasks"] for task in turn.context.below(root)]
    forget(turn, below, run.place)
    iteration = scope.iteration + 1
    # In a loop over values the iteration says which value it belongs to.
    shown = iteration if run.value is None else run.iteration
    remember_outputs(turn, turn.put(replace(run, iteration=shown, outputs=outputs(_count(run) + 1))))
    turn.set_scope(run.ord, Scope(iteration=iteration, generation=scope.generation + 1))
    turn.later("advance", run.ord)


def _timer(ord: int) -> str:
    return f"loop:{ord}"
