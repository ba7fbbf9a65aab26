"""A Loop after a restart: the iterations that failed, or were stopped with it, run again in place, the others are counted
as they are.
"""

from typing import cast

from tiercel.engine.commands import TellExecutions
from tiercel.engine.creation import iteration_of
from tiercel.engine.events import Restart
from tiercel.engine.rendering import ask
from tiercel.engine.turn import Turn, replace
from tiercel.model.iteration import Laps
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun


def recount(turn: Turn, run: TaskRun) -> None:
    """Look up which iterations there are, once."""
    laps = cast(Laps, turn.scopes[run.ord].laps)
    if laps.is_recounted:
        return
    known = [(index, State(state), live) for index, _, _, _, state, live in _iterations(turn, run)]
    again = tuple(index for index, state, live in known if state in (State.FAILED, State.KILLED) and not live)
    running = (*again, *(index for index, _, live in known if live))
    stopping = tuple(index for index, state, live in known if state is State.KILLING and live)
    ended: dict[State, int] = {}
    for index, state, _ in known:
        if index not in running:
            ended[state] = ended.get(state, 0) + 1
    counted = replace(laps, running=running, paused=(), stopping=stopping, ended=ended, is_recounted=True)
    turn.update_scope(run.ord, next=max((index + 1 for index, *_ in known), default=0), laps=counted)
    if again:
        run_again(turn, run, again)


def run_again(turn: Turn, run: TaskRun, indexes: tuple[int, ...]) -> None:
    """Restart these iterations, which are over."""
    children = tuple(iteration_of(turn.execution, run, index) for index in indexes)
    turn.command(TellExecutions(children, Restart(turn.at, turn.event.seed, is_for_parent=True)))


def _iterations(turn: Turn, run: TaskRun) -> list[tuple[int, str, str | None, object, str, bool]]:
    """Index, value, key, outputs, state and liveness of each."""
    return ask(turn, run, "iterations", {"taskRun": run.id, "count": None})
