"""What may stand at a place of a flow: the schema of the flow followed along the names that lead there.

A task has the properties that all have and those of its `type`, whose schema is asked for only when it is needed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from tiercel.definition.class_schema import Schema
from tiercel.definition.editing.node import Node
from tiercel.definition.editing.types import Types
from tiercel.definition.input_types import INPUT_TYPES, own_properties
from tiercel.definition.schema import base_schemas
from tiercel.model.flow import InputType

KIND_OF = {"Task": "task", "Trigger": "trigger", "Condition": "condition"}
_DEEPEST = 24
"""Schemas refer to themselves; no flow is nested deeper in one place."""


class Shape(NamedTuple):
    """A schema without references, and what its parts refer to."""

    schema: Schema
    definitions: Mapping[str, Schema]
    of: str = ""
    """The definition it is: `Task`, `Input` …"""


class Property(NamedTuple):
    """A property that may be written."""

    name: str
    schema: Schema
    definitions: Mapping[str, Schema]
    is_required: bool
    is_own: bool
    """Of the type itself, not of all of its kind."""


class Shapes:
    """Shapes of the nodes of sketches."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._base = base_schemas(types.meanings)

    def at(self, node: Node) -> list[Shape]:
        """What a node may be: one shape for each way."""
        if node.parent is None:
            return list(self._expanded({"$ref": "#/$defs/Flow"}, self._base, node, 0))
        found: list[Shape] = []
        for shape in self.at(node.parent):
            inner = _step(shape.schema, node.name)
            if inner is not None:
                found += self._expanded(inner, shape.definitions, node, 0)
        return found

    def properties(self, node: Node) -> dict[str, Property]:
        """What may be written below a node."""
        found: dict[str, Property] = {}
        for shape in self.at(node):
            required = cast(list[str], shape.schema.get("required", []))
            for name, one in cast(Mapping[str, Schema], shape.schema.get("properties", {})).items():
                found.setdefault(name, Property(name, one, shape.definitions, name in required, not shape.of))
        return found

    def kind(self, node: Node) -> str | None:
        """`task`, `trigger` or `condition`, where the node is one."""
        return next((KIND_OF[shape.of] for shape in self.at(node) if shape.of in KIND_OF), None)

    def choices(self, schema: Schema, definitions: Mapping[str, Schema]) -> list[Shape]:
        """The ways in which a property may be written."""
        return list(self._expanded(schema, definitions, None, 0))

    def _expanded(
        self, schema: Schema, definitions: Mapping[str, Schema], node: Node | None, depth: int, of: str = ""
    ) -> Iterator[Shape]:
        if depth > _DEEPEST:
            return
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield from self._referred(reference.rpartition("/")[2], definitions, node, depth + 1)
            return
        for word in ("anyOf", "oneOf", "allOf"):
            for part in cast(list[Schema], schema.get(word, [])):
                yield from self._expanded(part, definitions, node, depth + 1)
        if {"type", "enum", "const", "properties", "items", "additionalProperties"} & schema.keys():
            yield Shape(schema, definitions, of)

    def _referred(self, name: str, definitions: Mapping[str, Schema], node: Node | None, depth: int) -> Iterator[Shape]:
        if name in self._base:
            definitions = self._base
        if name not in definitions:
            return
        schema = definitions[name]
        if name == "Input" and node is not None:
            schema = _of_input(schema, node.said("type"))
        yield from self._expanded(schema, definitions, node, depth, name)
        type_name = node.said("type") if node is not None and name in KIND_OF else ""
        if type_name and self._types.resolve(type_name) is not None:
            own = dict(self._types.schema(type_name))
            inner = cast(Mapping[str, Schema], own.pop("$defs", {}))
            yield from self._expanded(own, inner, node, depth)


def _step(schema: Schema, name: str | int) -> Schema | None:
    if isinstance(name, int):
        items = schema.get("items")
        return cast(Schema, items) if isinstance(items, dict) else None
    found = cast(Mapping[str, Schema], schema.get("properties", {})).get(name)
    if found is not None:
        return found
    other: Any = schema.get("additionalProperties")
    return cast(Schema, other) if isinstance(other, dict) else None


def _of_input(schema: Schema, written: str) -> Schema:
    """An input has the properties of its type only."""
    known = InputType.__members__.get(written)
    if known is None:
        return schema
    refused = own_properties() - set(INPUT_TYPES[known].properties)
    kept = {name: one for name, one in schema["properties"].items() if name not in refused}
    return {**schema, "properties": kept}
