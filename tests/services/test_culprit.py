"""Which task run is to blame."""

from datetime import UTC, datetime, timedelta

from tiercel.model.history import History, Moment
from tiercel.model.states import State
from tiercel.model.task_run import ROOT, TaskRun
from tiercel.services.culprit import culprit

START = datetime(2026, 1, 1, tzinfo=UTC)


def run(ord: int, state: State, *, parent: int = ROOT, after: int = 0) -> TaskRun:
    history = History(state, (Moment(state, START + timedelta(seconds=after)),))
    return TaskRun(id=f"r{ord}", ord=ord, task_id=f"t{ord}", state=history, parent=parent)


def blamed(*runs: TaskRun, ended: State = State.FAILED) -> str | None:
    found = culprit({run.ord: run for run in runs}, ended)
    return None if found is None else found.task_id


def test_the_first_that_failed_is_to_blame() -> None:
    assert blamed(run(0, State.FAILED, after=9), run(1, State.FAILED, after=5), run(2, State.SUCCESS)) == "t1"


def test_a_flowable_is_not_to_blame_for_its_children() -> None:
    assert blamed(run(0, State.FAILED), run(1, State.FAILED, parent=0, after=1)) == "t1"


def test_what_was_allowed_to_fail_is_not_to_blame_for_a_failure() -> None:
    allowed = (run(0, State.WARNING), run(1, State.FAILED, parent=0))
    assert blamed(*allowed, run(2, State.FAILED, after=9)) == "t2"


def test_what_was_allowed_to_fail_is_to_blame_for_a_warning() -> None:
    assert blamed(run(0, State.WARNING), run(1, State.FAILED, parent=0), ended=State.WARNING) == "t1"


def test_nothing_is_to_blame_where_all_went_well_or_the_execution_failed_as_a_whole() -> None:
    assert blamed(run(0, State.SUCCESS), ended=State.SUCCESS) is None
    assert blamed(run(0, State.SUCCESS)) is None
