"""The scenarios take every move of the tables."""

import itertools

from tests.engine.test_scenarios import play, scenarios

from tiercel.model.history import History
from tiercel.model.states import EXECUTION_MOVES, TASK_RUN_MOVES, TERMINATED, State, set_by_hand

Moves = set[tuple[State | None, State]]

BY_HAND = set_by_hand(*TERMINATED) | {(before, State.KILLED) for before in TERMINATED}
"""What a person may say about anything that has ended: tests/engine/test_control.py takes each of these."""


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


def names(moves: Moves) -> set[str]:
    return {f"{before} to {after}" for before, after in moves - BY_HAND}


def test_scenarios_take_every_move_of_executions() -> None:
    assert names(set(EXECUTION_MOVES) - taken()[0]) == set()


def test_scenarios_take_every_move_of_task_runs() -> None:
    assert names(set(TASK_RUN_MOVES) - taken()[1]) == set()
