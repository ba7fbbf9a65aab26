"""Which moves of the tables the scenarios take. A move that nobody takes is listed here with what will take it."""

import itertools

from tests.engine.test_scenarios import play, scenarios

from tiercel.model.execution import History
from tiercel.model.states import EXECUTION_MOVES, TASK_RUN_MOVES, TERMINATED, State

Moves = set[tuple[State | None, State]]


def moves_in(history: History) -> Moves:
    states = [None, *(moment.state for moment in history.histories)]
    return {(before, after) for before, after in itertools.pairwise(states) if after is not None}


def taken() -> tuple[Moves, Moves]:
    of_executions: Moves = set()
    of_runs: Moves = set()
    for scenario in scenarios():
        world = play(scenario.values[0])
        for execution in world.executions.values():
            of_executions |= moves_in(execution.state)
        for history in world.histories.values():
            for run in history.values():
                of_runs |= moves_in(run.state)
    return of_executions, of_runs


# Nobody asks for these yet: breakpoints, limits of concurrency, restart, a state set by hand, and tasks still to come.
LATER = {State.BREAKPOINT, State.QUEUED, State.RESTARTED}


def is_for_later(before: State | None, after: State) -> bool:
    return before in LATER or after in LATER or (before in TERMINATED and after not in (State.RETRYING, State.RETRIED))


def names(moves: Moves) -> set[str]:
    return {f"{before} to {after}" for before, after in moves if not is_for_later(before, after)}


def test_scenarios_take_every_move_of_executions_but_those_listed() -> None:
    untaken = names(set(EXECUTION_MOVES) - taken()[0])
    assert untaken == {
        "CREATED to FAILED",  # a limit that fails, inputs of a trigger that cannot be rendered
        "PAUSED to FAILED",  # an agreement violated while paused by nothing but a timer
        "RETRYING to CANCELLED",  # an agreement that cancels
    }


def test_scenarios_take_every_move_of_task_runs_but_those_listed() -> None:
    untaken = names(set(TASK_RUN_MOVES) - taken()[1])
    assert untaken == {
        "CREATED to SUCCESS",  # a Loop without values
        "CREATED to WARNING",  # a task that cannot begin and may fail
        "RETRYING to FAILED",  # interrupted while it waits
        "RUNNING to SKIPPED",  # a worker that finds nothing to do
        "SUBMITTED to FAILED",  # interrupted before a worker took it
    }
