"""The JSON Schemas of what people write: a flow, and each kind of thing in it. For editors, forms and whoever generates flows.

Made from the models and from the types of the catalog. A task takes what its `type` takes, and nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, cast

from pydantic import BaseModel

from tiercel.definition.class_schema import Meanings, Schema, class_schema
from tiercel.definition.input_types import INPUT_TYPES, own_properties
from tiercel.model.conditions import CONDITIONS, Condition
from tiercel.model.flow import Flow, Input, InputType, Output, Trigger
from tiercel.model.flowable import FLOWABLES
from tiercel.model.task import Task

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PREFIX = "io.kestra.plugin."


class Schemas(Protocol):
    """What is known of the types of plugins: services/schemas answers."""

    def names(self, kind: str) -> Sequence[str]:
        """The present full names of the types of a kind: `task`, `trigger`."""
        ...

    def spellings(self, name: str) -> Sequence[str]:
        """Everything a type may be called, its full name first."""
        ...

    def schema(self, name: str) -> Mapping[str, Any]:
        """The properties of a type, without those that all of its kind have."""
        ...

    def meanings(self, known: type) -> Mapping[str, str]:
        """What the properties of a class mean."""
        ...


class Kind(NamedTuple):
    """A thing that has a schema of its own."""

    name: str
    """Of its definition within the whole."""
    model: type[BaseModel]


KINDS: Mapping[str, Kind] = {
    "flow": Kind("Flow", Flow),
    "task": Kind("Task", Task),
    "trigger": Kind("Trigger", Trigger),
    "condition": Kind("Condition", Condition),
    "input": Kind("Input", Input),
    "output": Kind("Output", Output),
}
_CHOICE = ("values", "options", "expression")
_NEEDED: Mapping[InputType, tuple[str, ...]] = {
    InputType.ARRAY: ("itemType",),
    InputType.FORM: ("inputs",),
    InputType.REUSABLE_INPUTS: ("ref",),
    InputType.SELECT: _CHOICE,
    InputType.ENUM: _CHOICE,
    InputType.MULTISELECT: _CHOICE,
}
"""The properties that an input of a type must have one of."""
_TYPED = ("task", "trigger", "condition")
"""Kinds whose properties depend on their `type`."""


def schema_of(kind: str, catalog: Schemas) -> Schema:
    """The whole schema of a kind: valid for itself, with everything it refers to."""
    definitions = _definitions(catalog)
    if kind == "flow":
        flow = definitions.pop("Flow")
        return {"$schema": DIALECT, **flow, "$defs": definitions}
    wanted = f"#/$defs/{KINDS[kind].name}"
    return {"$schema": DIALECT, "$ref": wanted, "$defs": _reached(wanted, definitions)}


def flow_schema(catalog: Schemas) -> Schema:
    """The schema of a flow."""
    return schema_of("flow", catalog)


def base_schemas(meanings: Meanings) -> dict[str, Schema]:
    """The schemas of a flow's own parts by name; a task or trigger has here what all of its kind have."""
    found: dict[str, Schema] = {}
    for kind in KINDS.values():
        made = class_schema(kind.model, meanings)
        found |= cast(dict[str, Schema], made.pop("$defs", {}))
        found.setdefault(kind.name, made)
    for holder in ("Trigger", "Listener"):
        found[holder]["properties"]["conditions"]["anyOf"][0]["items"] = {"$ref": "#/$defs/Condition"}
    return found


def structural_schema(name: str, meanings: Meanings) -> Schema | None:
    """The schema of a type that the engine decides itself, or of a condition, without what all of its kind have."""
    structural = FLOWABLES.get(name)
    if structural is not None:
        return _own(class_schema(structural, meanings), _properties_of(Task))
    condition = CONDITIONS.get(name)
    return None if condition is None else _own(class_schema(condition, meanings), frozenset({"type"}))


def structural_names(kind: str) -> list[str]:
    """The present names of the types of a kind that the engine decides itself."""
    if kind == "condition":
        return sorted({known.names[0] for known in CONDITIONS.values()})
    return sorted({known.types[0] for known in FLOWABLES.values()}) if kind == "task" else []


def structural_spellings(name: str) -> tuple[str, ...]:
    """Everything that such a type may be called; nothing for others."""
    if name in FLOWABLES:
        return FLOWABLES[name].types
    return CONDITIONS[name].names if name in CONDITIONS else ()


def with_short(names: Iterable[str]) -> list[str]:
    """Each name, and its short form after it."""
    return list(dict.fromkeys(form for name in names for form in (name, name.removeprefix(PREFIX))))


# Putting the whole together --------------------------------------------------------------------------------------------


def _definitions(catalog: Schemas) -> dict[str, Schema]:
    definitions = base_schemas(catalog.meanings)
    for kind in _TYPED:
        holder = KINDS[kind].name
        base = definitions[holder]
        base.pop("additionalProperties", None)
        definitions[f"{holder}Base"] = base
        types = {name: dict(catalog.schema(name)) for name in catalog.names(kind)}
        for name, own in types.items():
            _add_type(name, own, definitions, holder=holder)
        definitions[holder] = _chosen_by_type(holder, {name: catalog.spellings(name) for name in types})
    _restrict_by_type(definitions["Input"])
    return definitions


def _add_type(name: str, own: Schema, definitions: dict[str, Schema], *, holder: str) -> None:
    """A type's schema; what only it refers to becomes a definition of the whole under the type's own name."""
    inner = cast(dict[str, Schema], own.pop("$defs", {}))
    kinds = {kind.name for kind in KINDS.values()}
    names = {
        one: one if one in kinds or definitions.get(one) == each else f"{name}.{one}" for one, each in inner.items()
    }
    for one, renamed in names.items():
        definitions.setdefault(renamed, _renamed(inner[one], names))
    bases = [{"$ref": f"#/$defs/{holder}Base"}, *own.pop("allOf", ())]
    definitions[name] = {**_renamed(own, names), "allOf": bases, "unevaluatedProperties": False}


def _chosen_by_type(holder: str, types: Mapping[str, Sequence[str]]) -> Schema:
    """A mapping that is what its `type` says."""
    present = with_short(types)
    known = frozenset(present)
    old = [name for names in types.values() for name in with_short(names) if name not in known]
    return {
        "title": holder,
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": {
                "description": "What it does; the beginning `io.kestra.plugin.` may be left out.",
                "anyOf": [{"enum": present}, {"enum": sorted(set(old)), "deprecated": True}],
            }
        },
        "allOf": [
            {
                "if": {"properties": {"type": {"enum": with_short(names)}}, "required": ["type"]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name, names in types.items()
        ],
    }


def _restrict_by_type(schema: Schema) -> None:
    """An input has, beside what all have, the properties of its type."""
    own = own_properties()
    for kind in InputType:
        refused = sorted(own - set(INPUT_TYPES[kind].properties))
        schema.setdefault("allOf", []).append(
            {
                "if": {"properties": {"type": {"const": kind.value}}, "required": ["type"]},
                "then": {
                    "properties": {name: {"type": "null"} for name in refused},
                    "anyOf": [{"required": [name]} for name in _NEEDED.get(kind, ("type",))],
                },
            }
        )


def _own(schema: Schema, base: frozenset[str]) -> Schema:
    """A schema without the properties that stand in the base, and open for those of the base."""
    schema.pop("additionalProperties", None)
    schema["properties"] = {name: one for name, one in schema["properties"].items() if name not in base}
    schema["required"] = [name for name in schema.get("required", ()) if name not in base]
    return schema


@cache
def _properties_of(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(class_schema(model, lambda _: {})["properties"])


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(item, names) for item in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    written = cast(dict[str, Any], value)
    return {
        key: _reference(inner, names) if key == "$ref" else _renamed(inner, names) for key, inner in written.items()
    }


def _reference(reference: Any, names: Mapping[str, str]) -> str:
    name = str(reference).removeprefix("#/$defs/")
    return f"#/$defs/{names.get(name, name)}"


def _reached(start: str, definitions: Mapping[str, Schema]) -> dict[str, Schema]:
    """The definitions that one leads to."""
    found: dict[str, Schema] = {}
    left = [start]
    while left:
        name = left.pop().removeprefix("#/$defs/")
        if name not in found:
            found[name] = definitions[name]
            left += _references(definitions[name])
    return dict(sorted(found.items()))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in cast(list[Any], value):
            yield from _references(item)
    elif isinstance(value, dict):
        for key, inner in cast(dict[str, Any], value).items():
            if key == "$ref":
                yield str(inner)
            else:
                yield from _references(inner)
