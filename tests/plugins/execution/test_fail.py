"""Fail fails: always, or where its condition holds."""

from typing import Any

import pytest
from tests.plugins.instants import run

from tiercel.model.states import State

TYPE = "core.execution.Fail"


def test_without_a_condition_it_always_fails() -> None:
    assert (run(TYPE, {}).state, run(TYPE, {}).error) == (State.FAILED, "Task failure")


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ("{{ inputs.n > 1 }}", State.FAILED),
        ("{{ inputs.n > 5 }}", State.SUCCESS),
        (True, State.FAILED),
        (False, State.SUCCESS),
        ("no", State.FAILED),
        ("{{ 0 }}", State.SUCCESS),
        ("", State.SUCCESS),
    ],
)
def test_it_fails_where_its_condition_holds(condition: Any, state: State) -> None:
    assert run(TYPE, {"condition": condition}, inputs={"n": 2}).state is state
