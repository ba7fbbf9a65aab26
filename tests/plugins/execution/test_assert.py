"""Assert looks at every condition and names each that does not hold."""

from tests.plugins.instants import lines, run

from tiercel.model.states import State

TYPE = "core.execution.Assert"


def test_conditions_that_hold_pass() -> None:
    outcome = run(
        TYPE, {"conditions": ["{{ inputs.key == 'value' }}", "{{ 42 == 42 }}", True, "yes"]}, inputs={"key": "value"}
    )
    assert outcome.state is State.SUCCESS
    assert {metric.name: metric.value for metric in outcome.metrics} == {"success": 4, "failed": 0}


def test_each_condition_that_does_not_hold_is_logged_and_counted() -> None:
    conditions = ["{{ inputs.key == 'value1' }}", "{{ inputs.key == 'value' }}", "{{ inputs.key == 'value2' }}"]
    outcome = run(TYPE, {"conditions": conditions}, inputs={"key": "value"})
    assert (outcome.state, outcome.error) == (State.FAILED, "2 assertions failed!")
    assert lines(outcome)[:2] == [
        ("ERROR", "Assertion `{{ inputs.key == 'value1' }}` failed!"),
        ("ERROR", "Assertion `{{ inputs.key == 'value2' }}` failed!"),
    ]
    assert {metric.name: metric.value for metric in outcome.metrics} == {"success": 1, "failed": 2}


def test_a_message_of_ones_own_stands_behind_the_number() -> None:
    outcome = run(TYPE, {"conditions": [False], "errorMessage": "not {{ inputs.key }}"}, inputs={"key": "value"})
    assert outcome.error == "1 assertion failed!\nnot value"


def test_a_condition_that_cannot_be_rendered_does_not_hold_and_the_others_are_looked_at() -> None:
    outcome = run(TYPE, {"conditions": ["{{ inputs.absent }}", "{{ true }}", "{{ false }}"]}, inputs={"key": 1})
    assert outcome.error == "2 assertions failed!"
    assert "absent" in lines(outcome)[0][1]
    assert {metric.name: metric.value for metric in outcome.metrics} == {"success": 1, "failed": 2}


def test_a_condition_that_is_null_does_not_hold() -> None:
    assert run(TYPE, {"conditions": ["{{ null }}"]}).error == "1 assertion failed!"
