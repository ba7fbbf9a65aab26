"""The JSON Schema of a flow."""

import json
from typing import Any

from tiercel.definition.schema import flow_schema

OPTIONS = {"type": "object", "properties": {"a": {"type": "string"}}}


class TwoTypes:
    """A task and a trigger whose options have the same name and are not the same."""

    def names(self) -> list[str]:
        return ["x.Task", "x.Trigger", "io.kestra.plugin.core.flow.If"]

    def kind(self, name: str) -> str | None:
        return name.removeprefix("x.").lower()

    def schema(self, name: str) -> dict[str, Any]:
        inner = {"Options": {**OPTIONS, "title": name}}
        return {"type": "object", "$defs": inner, "properties": {"options": {"$ref": "#/$defs/Options"}}}


def branch(schema: dict[str, Any], holder: str, name: str) -> dict[str, Any]:
    (found,) = (
        one["then"] for one in schema["$defs"][holder]["allOf"] if one["if"]["properties"]["type"]["const"] == name
    )
    return found


def test_the_properties_of_a_task_are_those_of_its_type() -> None:
    schema = flow_schema(TwoTypes())
    assert schema["required"] == ["id", "namespace", "tasks"]
    assert "then" in branch(schema, "Task", "io.kestra.plugin.core.flow.If")["properties"]
    assert "x.Trigger" in schema["$defs"]["Trigger"]["properties"]["type"]["examples"]
    assert "x.Trigger" not in schema["$defs"]["Task"]["properties"]["type"]["examples"]


def test_equal_names_of_different_types_stay_apart() -> None:
    schema = flow_schema(TwoTypes())
    reference = branch(schema, "Trigger", "x.Trigger")["properties"]["options"]["$ref"].removeprefix("#/$defs/")
    assert schema["$defs"][reference]["title"] == "x.Trigger"


def test_everything_that_is_referred_to_is_there() -> None:
    schema = flow_schema(TwoTypes())
    named = {part.split('"')[0] for part in json.dumps(schema).split('"#/$defs/')[1:]}
    assert named <= schema["$defs"].keys()
