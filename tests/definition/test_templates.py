"""Templates: what may stand in one, and what becomes of a flow that uses some."""

from typing import Any

import pytest

from tiercel.definition import Reading, read
from tiercel.definition.defaults import Defaults
from tiercel.definition.templates import read_template, with_templates
from tiercel.model.flowable import Dag, Template

TEMPLATE = "io.kestra.plugin.core.flow.Template"
DAG = "io.kestra.plugin.core.flow.Dag"
RETURN = "io.kestra.plugin.core.debug.Return"


def a_template(*tasks: dict[str, Any], id: str = "steps", **more: Any) -> dict[str, Any]:
    return {"id": id, "namespace": "company.team", "tasks": list(tasks), **more}


def a_return(id: str) -> dict[str, Any]:
    return {"id": id, "type": RETURN, "format": id}


def a_call(id: str = "call", template: str = "steps") -> dict[str, Any]:
    return {"id": id, "type": TEMPLATE, "namespace": "company.team", "templateId": template}


def filled(*tasks: dict[str, Any], templates: list[dict[str, Any]], top: str = "") -> Reading:
    text = f"id: f\nnamespace: company.team\ntasks: {list(tasks)}\n{top}"
    stored = {(each["namespace"], each["id"]): each for each in templates}
    return with_templates(read(text), lambda namespace, id: stored.get((namespace, id)), defaults=Defaults())


def calls_of(reading: Reading) -> list[Template]:
    assert reading.flow is not None, reading.problems
    return [task for task in reading.flow.tasks if isinstance(task, Template)]


def call_of(reading: Reading) -> Template:
    return calls_of(reading)[0]


def test_a_template_has_tasks_and_errors() -> None:
    reading = read_template(f"id: t\nnamespace: n\ndescription: d\ntasks: [{a_return('a')}]\nerrors: [{a_return('b')}]")
    assert reading.problems == ()
    assert reading.flow is not None


@pytest.mark.parametrize("line", ["inputs: []", "triggers: []", "labels: {a: b}"])
def test_nothing_else_of_a_flow_stands_in_a_template(line: str) -> None:
    reading = read_template(f"id: t\nnamespace: n\ntasks: [{a_return('a')}]\n{line}")
    assert reading.flow is None
    assert [(problem.code, problem.line) for problem in reading.problems] == [("unknown-property", 4)]


def test_the_tasks_of_a_template_stand_in_the_task_that_names_it() -> None:
    task = call_of(filled(a_call(), templates=[a_template(a_return("a"), a_return("b"), errors=[a_return("e")])]))
    assert [inner.id for inner in task.children()] == ["a", "b"]
    assert [inner.id for inner in task.errors] == ["e"]
    assert task.refusal == ""


def test_plugin_defaults_of_the_flow_hold_for_them() -> None:
    defaults = f"pluginDefaults: [{{type: {RETURN}, forced: true, values: {{format: given}}}}]"
    task = call_of(filled(a_call(), templates=[a_template(a_return("a"))], top=defaults))
    assert task.children()[0].model_dump()["format"] == "given"


def test_a_template_may_use_another() -> None:
    outer = a_template(a_call("inner_call", "inner"), id="steps")
    task = call_of(filled(a_call(), templates=[outer, a_template(a_return("a"), id="inner")]))
    inner = task.children()[0]
    assert isinstance(inner, Template)
    assert [each.id for each in inner.children()] == ["a"]


@pytest.mark.parametrize(
    ("templates", "reason"),
    [
        ([], "there is no template `company.team.steps`: create it"),
        ([a_template(a_return("a"), a_call("again"))], "contains itself"),
    ],
)
def test_what_cannot_be_put_in_says_why(templates: list[dict[str, Any]], reason: str) -> None:
    reading = filled(a_call(), templates=templates)
    task = call_of(reading)
    deepest = next((inner for inner in task.children() if isinstance(inner, Template)), task)
    assert reason in deepest.refusal


def test_a_template_that_is_used_twice_gives_its_tasks_other_ids_the_second_time() -> None:
    dag = {"id": "dag", "type": DAG, "tasks": [{"task": a_return("a")}, {"task": a_return("b"), "dependsOn": ["a"]}]}
    reading = filled(a_call(), a_call("again"), templates=[a_template(dag)])
    first, second = calls_of(reading)
    assert [inner.id for inner in first.children()] == ["dag"]
    inner = second.children()[0]
    assert isinstance(inner, Dag)
    assert [(entry.task.id, entry.depends_on) for entry in inner.tasks] == [("again_a", ()), ("again_b", ("again_a",))]
    assert second.aliases == {"dag": "again_dag", "a": "again_a", "b": "again_b"}


def test_a_task_of_a_template_whose_id_the_flow_has_gets_another() -> None:
    reading = filled(a_call(), a_return("a"), templates=[a_template(a_return("a"), a_return("call"))])
    assert [inner.id for inner in call_of(reading).children()] == ["call_a", "call_call"]


def test_the_steps_of_a_for_each_item_are_known_by_its_first_name() -> None:
    each = {"id": "e", "type": "io.kestra.plugin.core.flow.ForEachItem", "items": "x", "namespace": "n", "flowId": "f"}
    _, second = calls_of(filled(a_call(), a_call("again"), templates=[a_template(each)]))
    assert second.aliases["e_merge"] == "again_e_merge"


def test_without_any_free_id_the_template_is_refused() -> None:
    reading = filled(a_call(), a_return("a"), a_return("call_a"), templates=[a_template(a_return("a"))])
    assert "would get instead: `call_a`" in call_of(reading).refusal


def test_a_flow_without_templates_stays_as_it_is() -> None:
    reading = read(f"id: f\nnamespace: n\ntasks: [{a_return('a')}]")
    assert with_templates(reading, lambda namespace, id: None) is reading
