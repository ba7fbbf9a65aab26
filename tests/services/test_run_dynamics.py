"""Dynamic task runs as tasks add them: in the outcome, masked, and refused where they could not be shown."""

from datetime import datetime
from pathlib import Path

import pytest
from tests.services.jobs import a_job, a_place
from tests.services.tasks import PREFIX, SECOND, a_catalog
from tests.services.test_run_instant import NOWHERE, outcome

from tiercel.adapters.memory.clock import START
from tiercel.model.states import State
from tiercel.sdk import TaskFailed
from tiercel.services.run_dynamics import MOST, RunDynamics
from tiercel.services.run_task import TaskRunner


async def test_what_a_task_adds_comes_with_its_end_though_it_fails(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        ended = await place.runner.run(a_job(PREFIX + "Driving"))
    assert ended.state is State.FAILED
    orders, hidden = ended.dynamic_runs
    assert (orders.task_id, orders.value, orders.outputs) == ("model.orders", None, {"rows": 7})
    assert [(moment.state, moment.date) for moment in orders.state.histories] == [
        (State.CREATED, START),
        (State.RUNNING, START),
        (State.SUCCESS, START + SECOND),
    ]
    assert (hidden.task_id, hidden.value) == ("model.******", "******")
    assert [(moment.state, moment.date) for moment in hidden.state.histories] == [(State.FAILED, START)]


def test_a_task_inside_the_executor_adds_them_too() -> None:
    (shown,) = outcome(RUNNER, PREFIX + "Showing", {"state": "SKIPPED"}).dynamic_runs
    assert (shown.state.current, shown.state.ended) == (State.SKIPPED, START)


RUNNER = TaskRunner(a_catalog(), NOWHERE)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"state": "RUNNING"}, "only what has ended can"),
        ({"state": "DONE"}, "only what has ended can"),
        ({"state": "SUCCESS", "times": MOST + 1}, "10,000 task runs"),
        ({"state": "SUCCESS", "ended": datetime(2026, 1, 1)}, "no time zone"),
    ],
)
def test_what_cannot_be_shown_fails_the_task_with_the_reason(properties: dict[str, object], reason: str) -> None:
    ended = outcome(RUNNER, PREFIX + "Showing", properties)
    assert ended.state is State.FAILED
    assert reason in str(ended.error)


def test_outputs_that_no_document_can_hold_are_refused() -> None:
    dynamics = RunDynamics(now=lambda: START, masked=str)
    with pytest.raises(TaskFailed, match="the outputs of `model` cannot be stored"):
        dynamics.add("model", "SUCCESS", value=None, started=None, ended=None, outputs={"a": object()})
    assert dynamics.added == ()
