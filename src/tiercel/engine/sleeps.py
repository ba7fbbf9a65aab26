"""Sleep: looks like a task on a worker, is a timer."""

from typing import cast

from tiercel.engine.pauses import render_duration
from tiercel.engine.plan import Node
from tiercel.engine.retries import conclude
from tiercel.engine.turn import Turn
from tiercel.model.durations import format_duration
from tiercel.model.flowable import Sleep
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun, begun


def start(turn: Turn, run: TaskRun, node: Node) -> None:
    """Wait for `duration`, or until `timeout` cuts it short."""
    task = cast(Sleep, node.task)
    duration, timeout = render_duration(turn, run, task.duration), render_duration(turn, run, task.timeout)
    run = turn.move(run, State.SUBMITTED)
    run = turn.move(run, State.RUNNING, attempts=(*run.attempts, begun(turn.at)))
    if duration is None:
        return conclude(turn, run, State.SUCCESS)
    turn.write("INFO", f"Waiting for {format_duration(duration)}", run)
    if timeout is not None and timeout < duration:
        turn.start_timer(f"timeout:{run.ord}:{run.attempt}", timeout)
    else:
        turn.start_timer(f"sleep:{run.ord}", duration)
    return None


def cut_short(turn: Turn, run: TaskRun) -> None:
    """The timeout came before the end."""
    turn.write("ERROR", f"the task takes longer than its timeout of {turn.node(run).task.timeout}", run)
    conclude(turn, run, State.FAILED)
