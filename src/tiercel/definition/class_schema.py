"""The JSON Schema of one class that people write into: what it takes as written, under each name, and what it means.

A flow's text is looser than the values that come of it: numbers stand in quotes, what is empty is absent, and where a
property is rendered an expression may stand for everything.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema as core

Schema = dict[str, Any]
Meanings = Callable[[type], Mapping[str, str]]
"""Property of a class → what it means. Reading that from the source is left to the caller."""

DYNAMIC = "$dynamic"
"""Marks a property whose expressions are rendered."""
EXPRESSION = r"\{[{%#]"
_WHOLE, _NUMBER = r"^\s*[-+]?\d+\s*$", r"^\s*[-+]?\d*\.?\d+([eE][-+]?\d+)?\s*$"
_BOOLEAN = r"^\s*([Tt]rue|TRUE|[Ff]alse|FALSE|[Yy]es|[Nn]o|[Oo]n|[Oo]ff|0|1)\s*$"
_JSON = r"^\s*[\[{]"
_ABOUT = ("title", "description", "default", "examples", "deprecated", DYNAMIC)


def class_schema(model: type[BaseModel], meanings: Meanings, *, is_dynamic: bool = False) -> Schema:
    """The schema of a class, with those of the classes it holds in `$defs`."""
    generator = _Generator(by_alias=True)
    generator.meanings, generator.is_dynamic = meanings, is_dynamic
    return generator.generate(model.__pydantic_core_schema__, mode="validation")


def or_else(schema: Schema, *others: Schema) -> Schema:
    """A schema that also takes what the others take; what is said about the value stays outside."""
    if _takes_everything(schema):
        return schema
    about = {name: schema[name] for name in _ABOUT if name in schema}
    inner = {name: value for name, value in schema.items() if name not in about}
    known = cast(list[Schema], inner["anyOf"]) if inner.keys() == {"anyOf"} else [inner]
    return {**about, "anyOf": [*known, *(other for other in others if other not in known)]}


def spellings(name: str, field: FieldInfo) -> tuple[str, ...]:
    """The names a property is written by, the present one first; our own names in Python are none of them."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(choice for choice in alias.choices if isinstance(choice, str) and "_" not in choice)
    return (str(alias or field.alias or name),)


class _Generator(GenerateJsonSchema):
    meanings: Meanings
    is_dynamic: bool

    # Scalars: what pydantic makes of texts is as good as the value itself.

    def str_schema(self, schema: core.StringSchema) -> JsonSchemaValue:
        kinds = ["string", "number", "boolean"] if self.is_dynamic else ["string", "number"]
        return {**super().str_schema(schema), "type": kinds}

    def int_schema(self, schema: core.IntSchema) -> JsonSchemaValue:
        return {**super().int_schema(schema), "type": ["integer", "string"], "pattern": self._or_expression(_WHOLE)}

    def float_schema(self, schema: core.FloatSchema) -> JsonSchemaValue:
        return {**super().float_schema(schema), "type": ["number", "string"], "pattern": self._or_expression(_NUMBER)}

    def bool_schema(self, schema: core.BoolSchema) -> JsonSchemaValue:
        return {"type": ["boolean", "string"], "pattern": self._or_expression(_BOOLEAN)}

    def timedelta_schema(self, schema: core.TimedeltaSchema) -> JsonSchemaValue:
        return {"type": ["string", "number"], "examples": ["PT30S"]}

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:
        """What only a function can judge may be anything."""
        return {}

    # Containers

    def list_schema(self, schema: core.ListSchema) -> JsonSchemaValue:
        return self._with_rendered_items(super().list_schema(schema))

    def tuple_schema(self, schema: core.TupleSchema) -> JsonSchemaValue:
        return self._with_rendered_items(super().tuple_schema(schema))

    def set_schema(self, schema: core.SetSchema) -> JsonSchemaValue:
        return self._with_rendered_items(super().set_schema(schema))

    def tagged_union_schema(self, schema: core.TaggedUnionSchema) -> JsonSchemaValue:
        """`discriminator` is a word of OpenAPI."""
        made = super().tagged_union_schema(schema)
        return {name: value for name, value in made.items() if name != "discriminator"}

    def dict_schema(self, schema: core.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        inner = made.get("additionalProperties")
        return (
            {**made, "additionalProperties": self._rendered(cast(Schema, inner))} if isinstance(inner, dict) else made
        )

    def model_schema(self, schema: core.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        model = cast(type[BaseModel], schema["cls"])
        told = self.meanings(model)
        for name, field in model.model_fields.items():
            names = spellings(name, field)
            entry = cast(Schema | None, made.get("properties", {}).get(names[0]))
            if entry is not None:
                _put(made, names, self._property(entry, field, told.get(name)))
        return made

    def _property(self, entry: Schema, field: FieldInfo, meaning: str | None) -> Schema:
        entry = self._rendered(entry)
        entry = {**entry, DYNAMIC: True} if self.is_dynamic else entry
        entry = {**entry, "description": meaning} if meaning else entry
        return entry if field.is_required() else or_else(entry, {"type": "null"})

    def _with_rendered_items(self, made: Schema) -> Schema:
        items = made.get("items")
        return {**made, "items": self._rendered(cast(Schema, items))} if isinstance(items, dict) else made

    def _rendered(self, schema: Schema) -> Schema:
        if not self.is_dynamic or _takes_text(schema):
            return schema
        return or_else(schema, {"type": "string", "pattern": f"{_JSON}|{EXPRESSION}"})

    def _or_expression(self, pattern: str) -> str:
        return f"{pattern}|{EXPRESSION}" if self.is_dynamic else pattern


def _put(made: Schema, names: tuple[str, ...], entry: Schema) -> None:
    """Under each of its names; where it must be there, one of them is enough."""
    first, *others = names
    made["properties"][first] = entry
    for other in others:
        made["properties"][other] = {**entry, "deprecated": True, "description": f"Write `{first}`."}
    if others and first in made.get("required", ()):
        made["required"] = [name for name in made["required"] if name != first]
        made.setdefault("allOf", []).append({"anyOf": [{"required": [name]} for name in names]})


def _takes_everything(schema: Schema) -> bool:
    return not any(name not in _ABOUT for name in schema)


def _takes_text(schema: Schema) -> bool:
    """Any text is right, or any that holds an expression."""
    kinds = schema.get("type")
    if kinds == "string" or (isinstance(kinds, list) and "string" in kinds):
        told = cast(str, schema.get("pattern", ""))
        return told.endswith(EXPRESSION) or not {"pattern", "maxLength", "enum", "const", "format"} & schema.keys()
    inner = cast(list[Schema], schema.get("anyOf", schema.get("oneOf", [])))
    return _takes_everything(schema) or any(_takes_text(one) for one in inner)
