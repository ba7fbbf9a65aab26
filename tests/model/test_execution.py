from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from immutables import Map

from tiercel.model.errors import IllegalMove
from tiercel.model.execution import Execution, Metadata, Step, given, progress, settled
from tiercel.model.history import HISTORY_LIMIT, Moment, born
from tiercel.model.states import ATTEMPT_MOVES, EXECUTION_MOVES, State
from tiercel.model.task_run import ROOT, Attempt, Scope, TaskRun, begun, only

AT = datetime(2026, 1, 1, tzinfo=UTC)


def task_run(*attempts: Attempt) -> TaskRun:
    return TaskRun("id", 0, "task", born(AT), attempts=attempts)


def execution() -> Execution:
    return Execution("id", "main", "space", "flow", 1, born(AT), Metadata(1, AT), next_ord=3)


def test_a_history_grows_by_the_moves_of_the_table_alone() -> None:
    history = born(AT).move(State.RUNNING, at=AT + timedelta(seconds=1), moves=EXECUTION_MOVES)
    assert [moment.state for moment in history.histories] == [State.CREATED, State.RUNNING]
    assert history.duration is None
    with pytest.raises(IllegalMove):
        history.move(State.CREATED, at=AT, moves=EXECUTION_MOVES)


def test_an_ended_history_knows_how_long_it_took() -> None:
    ended = born(AT).move(State.FAILED, at=AT + timedelta(seconds=2), moves=EXECUTION_MOVES)
    assert ended.ended == AT + timedelta(seconds=2)
    assert ended.duration == timedelta(seconds=2)


def test_a_long_history_keeps_its_first_and_last_moves() -> None:
    history = born(AT)
    for second in range(1, 3 * HISTORY_LIMIT):
        history = history.move(State.CREATED, at=AT + timedelta(seconds=second), moves=EXECUTION_MOVES)
    assert len(history.histories) == HISTORY_LIMIT
    assert history.started == AT
    assert history.histories[-1] == Moment(State.CREATED, AT + timedelta(seconds=3 * HISTORY_LIMIT - 1))


def test_the_number_of_an_attempt_is_that_of_the_open_or_the_next_one() -> None:
    ended = Attempt(begun(AT).state.move(State.FAILED, at=AT, moves=ATTEMPT_MOVES))
    assert task_run().attempt == 1
    assert task_run(begun(AT)).attempt == 1
    assert task_run(ended).attempt == 2
    assert task_run(ended, begun(AT)).attempt == 2
    assert task_run(only(State.FAILED, AT)).attempt == 2


def test_a_task_runs_place_is_its_loops_values_and_its_own() -> None:
    assert task_run().place == ()
    assert msgspec.structs.replace(task_run(), around=("a",)).place == ("a",)
    assert msgspec.structs.replace(task_run(), around=("a",), value="b").place == ("a", "b")


def test_a_fresh_execution_has_everything_to_store_and_a_settled_one_nothing() -> None:
    fresh = execution()
    assert fresh.changes.created
    assert fresh.changes.header
    done = settled(fresh).changes
    assert not done.created
    assert not done.header
    assert not done.runs
    assert done.first_new == 3


def test_an_execution_is_marked_while_something_is_left_that_nothing_stored_will_wake() -> None:
    waiting = execution()
    stepping = msgspec.structs.replace(waiting, pending=(Step("advance", ROOT),))
    assert not waiting.is_marked
    assert stepping.is_marked
    assert not msgspec.structs.replace(stepping, is_held=True).is_marked
    assert msgspec.structs.replace(waiting, awaiting=Map({"kv": (1,)})).is_marked


def test_what_a_row_keeps_survives_json() -> None:
    full = msgspec.structs.replace(
        execution(),
        scopes=Map({ROOT: Scope(next=1, ended={State.FAILED: 2}, ready=(1, 2))}),
        pending=(Step("follow", 1, 2, 3),),
        timers=Map({"sleep:1": AT}),
        awaiting=Map({"kv": (1, ROOT)}),
    )
    for part in (given(full), progress(full)):
        assert msgspec.json.decode(msgspec.json.encode(part), type=type(part)) == part
