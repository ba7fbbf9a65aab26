"""`subflow()`: where it may be called, and what it needs."""

import pytest
from tests.expression.rendered import refused, surroundings
from tests.expression.stage import FIXTURES, StageHost

from tiercel.expression import compile

CALL = "{{ subflow(namespace='company.team', id='cities').outputs.names[0] }}"


def test_inputs_are_given_what_another_flow_gives() -> None:
    assert compile(CALL).render({"flow": {}}, surroundings(host=StageHost(FIXTURES))) == "Paris"


@pytest.mark.parametrize("name", ["taskrun", "trigger"])
def test_a_task_or_trigger_cannot_call_it(name: str) -> None:
    error = refused(CALL, {name: {"id": "x"}})
    assert (error.kind, "task or trigger" in error.message) == ("host", True)
    assert (name,) in compile(CALL).names


@pytest.mark.parametrize("arguments", ["", "id='cities'", "namespace='company.team'", "'company.team', null"])
def test_both_the_namespace_and_the_id_are_needed(arguments: str) -> None:
    error = refused(f"{{{{ subflow({arguments}) }}}}")
    assert (error.kind, "'namespace' and 'id'" in error.message) == ("argument", True)
