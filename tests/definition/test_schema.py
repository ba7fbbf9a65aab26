"""The JSON Schemas of flows and of what is in them: they say of a text what reading and checking say of it."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tiercel import definition
from tiercel.definition.schema import KINDS, base_schemas, schema_of, structural_names
from tiercel.services.catalog import PluginCatalog
from tiercel.services.schemas import PluginSchemas

OPTIONS = {"type": "object", "properties": {"a": {"type": "string"}}}
BEYOND = frozenset(
    {
        "circle",
        "dash",
        "duplicate-id",
        "duplicate-key",
        "empty",
        "input",
        "missing-inputs",
        "not-runnable",
        "unknown-task",
        "unquoted-expression",
        "value",
    }
)
"""What no schema can see: names that belong together, what a function judges."""


class TwoTypes:
    """A task and a trigger whose options have the same name and are not the same."""

    def names(self, kind: str) -> list[str]:
        return {"task": ["x.Task"], "trigger": ["x.Trigger"]}.get(kind, [])

    def spellings(self, name: str) -> list[str]:
        return [name, f"old.{name}"]

    def schema(self, name: str) -> dict[str, Any]:
        inner = {"Options": {**OPTIONS, "title": name}}
        return {"type": "object", "$defs": inner, "properties": {"options": {"$ref": "#/$defs/Options"}}}

    def meanings(self, known: type) -> Mapping[str, str]:
        return {}


@cache
def catalog() -> PluginCatalog:
    return PluginCatalog.installed()


@cache
def validator(kind: str = "flow") -> Draft202012Validator:
    return Draft202012Validator(schema_of(kind, PluginSchemas(catalog())))


def is_taken(flow: dict[str, Any]) -> bool:
    return validator().is_valid(flow)


def with_task(**task: Any) -> dict[str, Any]:
    return {"id": "flow", "namespace": "team", "tasks": [{"id": "a", **task}]}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_one_by_the_rules_of_schemas(kind: str) -> None:
    Draft202012Validator.check_schema(schema_of(kind, PluginSchemas(catalog())))


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_is_referred_to_is_there(kind: str) -> None:
    schema = schema_of(kind, PluginSchemas(catalog()))
    named = {part.split('"')[0] for part in json.dumps(schema).split('"#/$defs/')[1:]}
    assert named <= schema["$defs"].keys()


def test_the_properties_of_a_task_are_those_of_its_type() -> None:
    log = {"type": "io.kestra.plugin.core.log.Log", "message": "hi"}
    assert is_taken(with_task(**log))
    assert not is_taken(with_task(**log, massage="hi"))
    assert not is_taken(with_task(type="io.kestra.plugin.core.log.Log"))


def test_a_type_is_known_by_each_of_its_names() -> None:
    assert is_taken(with_task(type="core.log.Log", message="hi"))
    assert is_taken(with_task(type="io.kestra.core.tasks.log.Log", message="hi"))
    assert not is_taken(with_task(type="core.log.Lug", message="hi"))


def test_an_expression_may_stand_where_a_property_is_rendered() -> None:
    assert is_taken(with_task(type="core.log.Log", message="hi", level="{{ inputs.level }}"))
    assert not is_taken(with_task(type="core.log.Log", message="hi", level="LOUD"))


def test_tasks_within_tasks_are_looked_at_too() -> None:
    inner = {"id": "b", "type": "core.log.Log", "massage": "hi"}
    assert not is_taken(with_task(type="core.flow.Sequential", tasks=[inner]))


def test_old_names_of_properties_are_taken() -> None:
    assert is_taken({**with_task(type="core.log.Log", message="hi"), "inputs": [{"name": "a", "type": "STRING"}]})


def test_an_input_has_the_properties_of_its_type() -> None:
    check = validator("input").is_valid
    assert check({"id": "a", "type": "INT", "min": 1})
    assert not check({"id": "a", "type": "BOOL", "min": 1})


def test_what_is_empty_is_absent() -> None:
    assert is_taken({**with_task(type="core.log.Log", message="hi"), "description": None})


def test_each_property_says_what_it_means() -> None:
    schema = schema_of("flow", PluginSchemas(catalog()))
    log = schema["$defs"]["io.kestra.plugin.core.log.Log"]
    assert log["properties"]["level"]["description"]
    assert log["properties"]["level"]["default"] == "INFO"
    assert "id" in schema["properties"]
    assert schema["properties"]["namespace"]["description"]


@pytest.mark.slow
def test_every_example_is_taken_by_the_schema_that_shows_it() -> None:
    schema = schema_of("flow", PluginSchemas(catalog()))
    shown = {
        name: one["examples"] for name, one in schema["$defs"].items() if name.startswith("io.") and "examples" in one
    }
    assert len(shown) > 20
    for name, examples in shown.items():
        judge = Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"})
        assert [error.message for example in examples for error in judge.iter_errors(example)] == [], name


def test_equal_names_of_different_types_stay_apart() -> None:
    schema = schema_of("trigger", TwoTypes())
    reference = schema["$defs"]["x.Trigger"]["properties"]["options"]["$ref"].removeprefix("#/$defs/")
    assert schema["$defs"][reference]["title"] == "x.Trigger"


def flows(*folders: Path) -> Iterator[tuple[Path, dict[str, Any], set[str]]]:
    """The flows of folders: their data, and the codes of what forbids using them."""
    for file in sorted(file for folder in folders for file in folder.rglob("*.y*ml")):
        reading = definition.read(file.read_text())
        if reading.document is not None:
            problems = definition.errors(definition.check(reading, catalog()))
            yield file, reading.document.data, {problem.code for problem in problems}


@pytest.mark.slow
def test_schema_and_check_agree_on_every_flow(shared: Path, checkout: Path) -> None:
    judged = 0
    for file, data, codes in flows(shared / "conformance/flows/core", checkout / "examples"):
        taken = is_taken(data)
        assert taken or codes, f"{file} is valid"
        assert not taken or codes <= BEYOND, f"{file}: {codes}"
        judged += 1
    assert judged > 200


def test_everything_that_all_tasks_triggers_and_inputs_have_is_explained() -> None:
    bases = base_schemas(PluginSchemas(catalog()).meanings)
    unexplained = {
        f"{kind.name}.{name}"
        for kind in KINDS.values()
        for name, one in bases[kind.name]["properties"].items()
        if not one.get("description")
    }
    assert unexplained == set()


def test_the_properties_of_what_the_engine_decides_are_explained() -> None:
    schemas = PluginSchemas(catalog())
    unexplained = {
        f"{type_name}.{name}"
        for kind in ("task", "condition")
        for type_name in structural_names(kind)
        for name, one in schemas.schema(type_name)["properties"].items()
        if not one.get("description")
    }
    assert unexplained == set()
