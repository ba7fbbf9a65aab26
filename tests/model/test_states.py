import pytest

from tiercel.model.errors import IllegalMove
from tiercel.model.states import (
    ATTEMPT_MOVES,
    BY_NUMBER,
    EXECUTION_MOVES,
    NUMBERS,
    TASK_RUN_MOVES,
    TERMINATED,
    State,
    check_move,
    worst,
)


def test_a_move_that_the_table_lacks_is_refused_with_both_states() -> None:
    with pytest.raises(IllegalMove) as caught:
        check_move(EXECUTION_MOVES, State.KILLED, State.RUNNING)
    assert (caught.value.source, caught.value.target) == (State.KILLED, State.RUNNING)


def test_nothing_leads_out_of_a_killed_or_retried_execution() -> None:
    assert not [move for move in EXECUTION_MOVES if move[0] in (State.KILLED, State.RETRIED)]


def test_every_state_of_every_table_can_be_reached_from_nothing() -> None:
    for moves in (EXECUTION_MOVES, TASK_RUN_MOVES, ATTEMPT_MOVES):
        reached: set[State | None] = {None}
        while more := {after for before, after in moves if before in reached} - reached:
            reached |= more
        named = {state for move in moves for state in move}
        # A restart is told from outside; an attempt is lost from RUNNING only.
        assert named - reached <= {State.RESTARTED}


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        (set(), State.SUCCESS),
        ({State.SUCCESS, State.SKIPPED}, State.SUCCESS),
        ({State.SUCCESS, State.WARNING}, State.WARNING),
        ({State.WARNING, State.CANCELLED}, State.CANCELLED),
        ({State.CANCELLED, State.FAILED}, State.FAILED),
        ({State.FAILED, State.KILLED}, State.KILLED),
    ],
)
def test_a_scope_ends_as_the_worst_of_its_children(states: set[State], outcome: State) -> None:
    assert worst(states) is outcome


def test_numbers_of_states_are_those_that_rows_hold() -> None:
    assert [NUMBERS[state] for state in (State.CREATED, State.RUNNING, State.SUCCESS, State.CANCELLED)] == [0, 3, 9, 16]
    assert all(BY_NUMBER[number] is state for state, number in NUMBERS.items())


def test_terminated_states_are_those_that_end_something() -> None:
    assert {state for state in State if state.is_terminated} == TERMINATED
    assert {state for state in State if state.is_failure} == {State.FAILED, State.KILLED, State.CANCELLED}
