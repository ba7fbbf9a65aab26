"""Tasks inside the executor: at once, with their lines in hand, never an exception."""

from types import SimpleNamespace
from typing import cast

import pytest
from tests.services.jobs import a_job
from tests.services.tasks import PREFIX, a_catalog

from tiercel.adapters.memory.clock import START
from tiercel.model.spilled import OutputLimits
from tiercel.model.states import State
from tiercel.services.catalog import PluginCatalog
from tiercel.services.outcome import Outcome
from tiercel.services.run_task import TaskRunner
from tiercel.services.workplace import Workplace


@pytest.fixture
def runner() -> TaskRunner:
    return TaskRunner(PluginCatalog.installed(), NOWHERE)


NOWHERE = cast(Workplace, SimpleNamespace(cipher=None, limits=OutputLimits()))
"""An instant task touches nothing of the world; here it has no key either."""


def outcome(runner: TaskRunner, type: str, properties: dict[str, object], **fields: object) -> Outcome:
    done = runner.run_instant(a_job(type, properties, **fields), at=START)
    assert done is not None
    return done


def test_a_log_writes_its_message_into_the_outcome(runner: TaskRunner) -> None:
    done = outcome(
        runner, "core.log.Log", {"message": "hi {{ inputs.x }}", "level": "WARN"}, variables={"inputs": {"x": 3}}
    )
    (entry,) = done.entries
    assert done.state is State.SUCCESS
    assert done.outputs is None
    assert (entry.level, entry.message, entry.timestamp) == ("WARN", "hi 3", START)
    assert (entry.namespace, entry.flow_id, entry.task_id, entry.attempt_number) == (
        "company.team",
        "orders_flow",
        "work",
        0,
    )


def test_lines_below_the_level_of_the_task_are_left_out(runner: TaskRunner) -> None:
    assert outcome(runner, "core.log.Log", {"message": "hi"}, log_level="WARN").entries == ()


def test_output_values_are_texts_where_an_expression_gave_them(runner: TaskRunner) -> None:
    done = outcome(runner, "core.output.OutputValues", {"values": {"a": "{{ 6 * 7 }}", "b": [7, {"c": "{{ true }}"}]}})
    assert done.outputs == {"values": {"a": "42", "b": [7, {"c": "true"}]}}


def test_numbers_come_with_the_outcome(runner: TaskRunner) -> None:
    done = outcome(runner, "core.debug.Return", {"format": "four"})
    assert [(metric.type, metric.name) for metric in done.metrics] == [("counter", "length"), ("timer", "duration")]
    assert done.metrics[0].value == 4


def test_a_failure_has_a_message_and_a_line(runner: TaskRunner) -> None:
    done = outcome(runner, "core.execution.Fail", {"errorMessage": "no {{ inputs.x }}"}, variables={"inputs": {"x": 3}})
    assert (done.state, done.error) == (State.FAILED, "no 3")
    assert [(entry.level, entry.message) for entry in done.entries] == [("ERROR", "no 3")]


def test_an_expression_that_cannot_be_rendered_fails_the_task(runner: TaskRunner) -> None:
    done = outcome(runner, "core.log.Log", {"message": "{{ inputs.absent }}"}, variables={"inputs": {"x": 3}})
    assert done.state is State.FAILED
    assert "absent" in str(done.error)


def test_an_unknown_type_fails_the_task(runner: TaskRunner) -> None:
    assert "unknown type core.log.Logg; did you mean" in str(outcome(runner, "core.log.Logg", {}).error)


def test_a_task_that_asks_the_world_is_left_to_others(runner: TaskRunner) -> None:
    assert runner.run_instant(a_job("core.log.Log", {"message": "{{ secret('A') }}"}), at=START) is None
    asking = a_job("core.execution.Assert", {"conditions": ["{{ secret('A') == 'x' }}"]})
    assert runner.run_instant(asking, at=START) is None


def test_a_task_whose_log_is_a_file_is_left_to_others(runner: TaskRunner) -> None:
    assert runner.run_instant(a_job("core.log.Log", {"message": "x"}, log_to_file=True), at=START) is None


def test_rendering_twice_gives_the_same_random_values(runner: TaskRunner) -> None:
    first = outcome(runner, "core.debug.Return", {"format": "{{ uuid() }}"})
    assert first.outputs == outcome(runner, "core.debug.Return", {"format": "{{ uuid() }}"}).outputs


def test_changed_properties_of_the_same_task_are_seen(runner: TaskRunner) -> None:
    assert outcome(runner, "core.debug.Return", {"format": "a"}).outputs == {"value": "a"}
    assert outcome(runner, "core.debug.Return", {"format": "b"}).outputs == {"value": "b"}


def test_a_secret_property_is_masked_in_lines() -> None:
    done = outcome(TaskRunner(a_catalog(), NOWHERE), PREFIX + "Everything", {"secret": "hidden-text"})
    assert [entry.message for entry in done.entries] == ["the password is ******"]


async def test_an_instant_task_that_waits_fails() -> None:
    done = outcome(TaskRunner(a_catalog(), NOWHERE), PREFIX + "Careful", {})
    assert "must not" in str(done.error)


def test_outputs_that_json_cannot_hold_fail_the_task() -> None:
    done = outcome(TaskRunner(a_catalog(), NOWHERE), PREFIX + "Odd", {})
    assert "cannot be stored as JSON" in str(done.error)


@pytest.mark.parametrize(("timeout", "reason"), [("{{ nope }}", "nope"), ("soon", "property `timeout` is wrong")])
def test_a_timeout_that_says_no_duration_fails_the_task_as_on_a_worker(
    runner: TaskRunner, timeout: str, reason: str
) -> None:
    done = outcome(runner, "core.log.Log", {"message": "hi"}, timeout=timeout)
    assert done.state is State.FAILED
    assert reason in str(done.error)
    assert [entry.level for entry in done.entries] == ["ERROR"]


def test_a_timeout_is_no_matter_for_what_takes_no_time(runner: TaskRunner) -> None:
    assert outcome(runner, "core.log.Log", {"message": "hi"}, timeout="{{ 'PT1S' }}").state is State.SUCCESS
