"""The tables of properties and outputs on the pages of types: made from the schemas that editors and forms read too."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from scripts.reference_inputs import table

from tiercel.definition.class_schema import EXPRESSION, Schema
from tiercel.definition.schema import KINDS

Definitions = Mapping[str, Schema]

_THINGS = {kind.name: f"{kind.name.lower()}" for kind in KINDS.values()}
"""What has a page of its own: its properties are not told again."""
_NOT_OPENED = frozenset({*_THINGS, "LabelText", "Retry", "State"})
_OF_ALL = ("errors", "finally")
_MOST_WORDS = 9
_SCALARS = ("`true` or `false`", "whole number", "number")
_BY_TYPE = {
    "boolean": "`true` or `false`",
    "integer": "whole number",
    "number": "number",
    "object": "map",
    "string": "text",
}


class Row(NamedTuple):
    """A property: where it stands, what it takes, what holds where it is absent, what it means."""

    name: str
    kind: str
    default: str
    meaning: str


def properties(schema: Schema) -> str:
    """The table of what a type takes; nothing where it takes nothing of its own."""
    found = list(rows(schema, cast(Definitions, schema.get("$defs", {}))))
    return table(Row("property", "type", "default", "meaning"), found) if found else ""


def outputs(schema: Schema, *, prefix: str) -> str:
    """The table of what a type gives."""
    given = cast(Mapping[str, Schema], schema.get("properties", {}))
    return table(("name", "meaning"), ((f"`{prefix}{name}`", _meaning(one)) for name, one in given.items()))


def rows(schema: Schema, definitions: Definitions, place: str = "") -> Iterator[Row]:
    """The properties of a thing, those that must be there first, each followed by the properties it has itself."""
    required = cast(list[str], schema.get("required", []))
    known = cast(Mapping[str, Schema], schema.get("properties", {}))
    for name, one in sorted(known.items(), key=lambda entry: _rank(*entry, required)):
        is_old, default = one.get("deprecated", False), "required" if name in required else _default(one)
        yield Row(f"`{place}{name}`", "*old*" if is_old else kind_of(one, definitions), default, _meaning(one))
        for inner, many in () if is_old else _inner(one, definitions):
            yield from rows(inner, definitions, f"{place}{name}{'[]' if many else ''}.")


def _rank(name: str, schema: Schema, required: list[str]) -> tuple[bool, ...]:
    """What must be there comes first, what all of a kind have later, what is old last."""
    return schema.get("deprecated", False), name in _OF_ALL, name not in required


def _meaning(schema: Schema) -> str:
    return " ".join(str(schema.get("description", "")).split())


def _default(schema: Schema) -> str:
    default = schema.get("default")
    if default in (None, "") or isinstance(default, list | dict):
        return ""
    return f"`{default if isinstance(default, str) and default.isprintable() else json.dumps(default)}`"


def _inner(schema: Schema, definitions: Definitions) -> Iterator[tuple[Schema, bool]]:
    """Things that a property holds and that have properties of their own; whether it is a list of them."""
    for part in _parts(schema):
        items = part.get("items")
        for one in _parts(cast(Schema, items)) if isinstance(items, dict) else (part,):
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name in definitions and name not in _NOT_OPENED and "properties" in definitions[name]:
                yield definitions[name], isinstance(items, dict)


def _parts(schema: Schema) -> list[Schema]:
    """The ways in which something may be written."""
    return [deeper for part in schema["anyOf"] for deeper in _parts(part)] if "anyOf" in schema else [schema]


# What a property takes -------------------------------------------------------------------------------------------------


def kind_of(schema: Schema, definitions: Definitions) -> str:
    """In words: `list of texts`, `duration`."""
    words = list(dict.fromkeys(_words(schema, definitions)))
    scalars = [word for word in words if word in _SCALARS]
    if "text" in words and scalars:
        words = [word for word in words if word != "text" and (word not in _SCALARS or len(scalars) == 1)]
        words.append("expression")
    return ", ".join(words) or "anything"


def _words(schema: Schema, definitions: Definitions) -> Iterator[str]:
    if schema.get("examples") == ["PT30S"]:
        yield "duration"
    elif "$ref" in schema:
        yield from _referred(schema["$ref"].rpartition("/")[2], definitions)
    elif "anyOf" in schema:
        for part in schema["anyOf"]:
            yield from _words(part, definitions)
    elif "enum" in schema or "const" in schema:
        yield from _chosen(schema.get("enum") or [schema["const"]])
    elif not _is_expression(schema):
        yield from _typed(schema, definitions)


def _referred(name: str, definitions: Definitions) -> Iterator[str]:
    known = definitions.get(name, {})
    if name in _THINGS or "enum" in known:
        yield _THINGS.get(name, name.lower())
    else:
        yield "map"


def _chosen(choices: list[Any]) -> Iterator[str]:
    if len(choices) > _MOST_WORDS:
        yield "word"
    else:
        yield from (f"`{choice}`" for choice in choices)


def _is_expression(schema: Schema) -> bool:
    """Everything may be an expression where expressions are rendered: that is not told each time."""
    return schema.get("type") == "string" and EXPRESSION in str(schema.get("pattern"))


def _typed(schema: Schema, definitions: Definitions) -> Iterator[str]:
    kinds = schema.get("type", [])
    first = kinds if isinstance(kinds, str) else kinds[0] if kinds else ""
    if first == "array":
        items = schema.get("items")
        yield f"list of {_many(cast(Schema, items), definitions)}" if items else "list"
    elif schema.get("format") in ("date-time", "time"):
        yield "date with time" if schema["format"] == "date-time" else "time of day"
    elif first in _BY_TYPE:
        yield _BY_TYPE[first]


def _many(items: Schema, definitions: Definitions) -> str:
    kind = kind_of(items, definitions)
    return f"{kind}s" if kind in ("text", "map", "number", "whole number", *_THINGS.values(), "state") else kind
