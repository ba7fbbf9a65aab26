"""The page of a type, and its schema in the shape that forms and editors of the API's clients read."""

from collections.abc import Mapping
from typing import Any, cast

from tiercel.definition.class_schema import Schema
from tiercel.definition.editing import Shapes, wording
from tiercel.definition.editing.shapes import Property
from tiercel.definition.input_types import INPUT_TYPES, own_properties
from tiercel.definition.schema import DIALECT, KINDS, base_schemas
from tiercel.model.flow import InputType
from tiercel.services.schemas import PluginSchemas


class Pages:
    """Makes pages."""

    def __init__(self, schemas: PluginSchemas) -> None:
        self._schemas = schemas
        self._shapes = Shapes(schemas)

    def of_type(self, name: str) -> tuple[str, dict[str, Any]]:
        """The page of a type, and its schema."""
        own = self._schemas.schema(name)
        definitions = cast(Mapping[str, Schema], own.pop("$defs", {}))
        title, rest = self.title_and_rest(name)
        example = self._schemas.example(name)
        own.pop("examples", None)
        own["title"] = title
        own |= {"description": rest} if rest else {}
        own |= {"$examples": [{"full": True, "code": example, "lang": "yaml"}]} if example else {}
        outputs = self._schemas.outputs(name)
        text = self._text(name, "\n\n".join(filter(None, (title, rest))), example, own, definitions)
        schema = {"properties": _marked(own), "outputs": {"$schema": DIALECT, **outputs}, "definitions": definitions}
        return text, schema

    def of_input(self, kind: InputType) -> tuple[str, dict[str, Any]]:
        """The page of a type of input, and its schema."""
        base = base_schemas(self._schemas.meanings)
        refused = own_properties() - set(INPUT_TYPES[kind].properties)
        own = dict(base["Input"])
        own["properties"] = {name: one for name, one in own["properties"].items() if name not in refused}
        own["title"] = INPUT_TYPES[kind].meaning
        text = self._text(kind.value, INPUT_TYPES[kind].meaning, "", own, base)
        schema = {"properties": _marked(own), "outputs": {}, "definitions": {"DependsOn": base["DependsOn"]}}
        return text, schema

    def base(self, kind: str) -> dict[str, Any]:
        """What all things of a kind have."""
        made = base_schemas(self._schemas.meanings)
        return {**_marked(made[KINDS[kind].name]), "$defs": made}

    def title_and_rest(self, name: str) -> tuple[str, str]:
        """The first paragraph of what a type is for, and what follows it."""
        title, _, rest = self._schemas.meaning(name).partition("\n\n")
        return " ".join(title.split()), rest.strip()

    def _text(self, name: str, meaning: str, example: str, own: Schema, definitions: Mapping[str, Schema]) -> str:
        required = cast(list[str], own.get("required", []))
        properties = [
            wording.of_property(Property(one, schema, definitions, one in required, True), self._shapes)
            for one, schema in cast(Mapping[str, Schema], own.get("properties", {})).items()
            if not schema.get("deprecated")
        ]
        parts = [f"# {name.rpartition('.')[2]}", f"```yaml\ntype: {name}\n```", meaning]
        parts += [f"## Example\n\n```yaml\n{example}\n```"] if example else []
        parts += ["## Properties", *properties] if properties else []
        return "\n\n".join(parts) + "\n"


def _marked(schema: Schema) -> Schema:
    """The schema, with what is required said at each property too."""
    required = cast(list[str], schema.get("required", []))
    properties = cast(Mapping[str, Schema], schema.get("properties", {}))
    marked = {name: {**one, "$required": name in required} for name, one in properties.items()}
    return {"$schema": DIALECT, **schema, "properties": marked}
