"""Expressions tried out on executions that are stored: they see what the tasks saw, and nothing secret."""

from typing import Any

import pytest
from tests.api.client import Api, good

RETURN = "io.kestra.plugin.core.debug.Return"
FLOW = f"""
inputs: [{{id: name, type: STRING, defaults: Ann}}]
tasks:
  - {{id: first, type: {RETURN}, format: "one"}}
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b]
    tasks: [{{id: inner, type: {RETURN}, format: "{{{{ taskrun.value }}}}"}}]
"""
LOOP = f"""
inputs: [{{id: name, type: STRING, defaults: Ann}}]
tasks:
  - {{id: first, type: {RETURN}, format: "one"}}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [a]
    tasks: [{{id: inner, type: {RETURN}, format: "two"}}]
"""


def evaluated(api: Api, path: str, expression: str) -> Any:
    text = {"Content-Type": "text/plain"}
    return good(api.ask("POST", f"/executions/{path}", content=expression, headers=text)).json()


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("{{ inputs.name }} {{ outputs.first }}", 'Ann {"value":"one"}'),
        ("{{ outputs.inner.b.value }} {{ tasks.first.state }}", "b SUCCESS"),
        ("{{ execution.state }} {{ flow.id }} {{ outputs | keys | length }}", "SUCCESS tried 2"),
        ("{{ secret('PASSWORD') }}", "******"),
        ("plain", "plain"),
    ],
)
def test_an_expression_sees_what_the_execution_gave(api: Api, expression: str, result: str) -> None:
    api.deploy("tried", FLOW)
    ended = api.run("tried")
    for path in ("actions/eval", "eval"):
        assert evaluated(api, f"{ended['id']}/{path}", expression) == {"result": result}


def test_an_expression_sees_a_task_run_and_what_is_above_it(api: Api) -> None:
    api.deploy("tried", FLOW)
    ended = api.over(api.run("tried")["id"])
    last = ended["taskRunList"][-1]["id"]
    for path in ("actions/eval", "eval"):
        found = evaluated(api, f"{ended['id']}/{path}/{last}", "{{ task.id }} {{ taskrun.value }}")
        assert found == {"result": "inner b"}


def test_an_expression_in_an_iteration_sees_the_execution_around_the_loop(api: Api) -> None:
    api.deploy("looped", LOOP)
    ended = api.run("looped")
    query = {"filters[parentId][EQUALS]": ended["id"], "filters[kind][EQUALS]": "LOOP"}
    iteration = api.get("/executions/search", **query)["results"][0]["id"]
    asked = "{{ item.value }} {{ inputs.name }} {{ outputs.first.value }} {{ outputs.inner.value }}"
    assert evaluated(api, f"{iteration}/actions/eval", asked) == {"result": "a Ann one two"}


def test_what_cannot_be_rendered_says_why(api: Api) -> None:
    api.deploy("tried", FLOW)
    ended = api.run("tried")
    assert "nope" in evaluated(api, f"{ended['id']}/actions/eval", "{{ nope.x }}")["error"]


def test_of_nobody_nothing_can_be_asked(api: Api) -> None:
    api.deploy("tried", FLOW)
    ended = api.run("tried")
    for path in (f"{ended['id']}/actions/eval/nobody", "nobody/actions/eval"):
        assert api.ask("POST", f"/executions/{path}", content="{{ 1 }}").status_code == 404
