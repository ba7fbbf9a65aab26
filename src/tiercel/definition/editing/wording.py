"""What a reader is told of a type, a property, a filter: in Markdown, the same for completion and hover."""

import json
from collections.abc import Mapping
from typing import Any, cast

from tiercel.definition.class_schema import DYNAMIC, EXPRESSION, Schema
from tiercel.definition.editing.shapes import Property, Shapes
from tiercel.definition.editing.types import Types
from tiercel.expression import About, Filter, Function

PREFIX = "io.kestra.plugin."


def of_type(name: str, types: Types) -> str:
    """What a type is for, and a flow that shows it."""
    current = types.resolve(name)
    if current is None:
        return ""
    parts = [f"**{current}**"]
    if current != name and current.removeprefix(PREFIX) != name:
        parts.append(f"`{name}` is an earlier name of it.")
    if not types.is_installed(current):
        parts.append("*not installed*")
    parts.append(types.meaning(current))
    if example := types.example(current):
        parts.append(f"```yaml\n{example}\n```")
    return "\n\n".join(part for part in parts if part)


def of_property(known: Property, shapes: Shapes) -> str:
    """What a property means and takes."""
    schema = known.schema
    head = f"**{known.name}**: {kind_of(known, shapes)}{', required' if known.is_required else ''}"
    facts = [
        f"Default: `{_written(schema['default'])}`" if schema.get("default") not in (None, (), [], {}, "") else "",
        "May be an expression." if schema.get(DYNAMIC) else "",
        "*deprecated*" if schema.get("deprecated") else "",
    ]
    return "\n\n".join(part for part in (head, str(schema.get("description", "")), *facts) if part)


def kind_of(known: Property, shapes: Shapes) -> str:
    """What kinds of value a property takes: `integer`, `"A" or "B"`."""
    found: list[str] = []
    for shape in shapes.choices(known.schema, known.definitions):
        found += _kinds(shape.schema)
    return " or ".join(dict.fromkeys(found)) or "anything"


def values_of(known: Property, shapes: Shapes) -> list[str]:
    """The values to choose from; none where there are too many to list."""
    found: list[str] = []
    choices = shapes.choices(known.schema, known.definitions)
    takes_text = any(_kinds(shape.schema) == ["string"] for shape in choices)
    for shape in choices:
        schema = shape.schema
        found += [_written(each) for each in cast(list[Any], schema.get("enum", []))]
        if "const" in schema:
            found.append(_written(schema["const"]))
        if json_types(schema)[:1] == ["boolean"] and not takes_text:
            found += ["true", "false"]
    return list(dict.fromkeys(found))


def of_filter(name: str, known: Filter) -> str:
    return _called(f"… | {name}{_parameters(known, is_filter=True)}", known.about)


def of_function(name: str, known: Function) -> str:
    return _called(f"{name}{_parameters(known)}", known.about)


def of_word(name: str, about: About) -> str:
    """A test, an operator or a tag."""
    return _called(name, about)


def of_variable(path: str, meaning: str, kind: str = "") -> str:
    return f"**{path}**{f': {kind}' if kind else ''}\n\n{meaning}".strip()


def _called(head: str, about: About) -> str:
    parts = [f"```\n{head}\n```", about.meaning]
    if about.until:
        parts.append(f"*removed after {about.until}*{f': write `{about.instead}`' if about.instead else ''}")
    parts += [f"`{example.template}` → `{example.result}`" for example in about.examples[:3]]
    return "\n\n".join(part for part in parts if part)


def _parameters(known: Filter | Function, *, is_filter: bool = False) -> str:
    names = [
        one.name if one.is_needed else f"{one.name}={one.default}" if one.default else f"{one.name}?"
        for one in known.parameters
    ]
    return "" if is_filter and not names else f"({', '.join(names)}{'…' if known.is_variadic else ''})"


def _kinds(schema: Schema) -> list[str]:
    if "enum" in schema:
        return [json.dumps(each) for each in cast(list[Any], schema["enum"])[:12]]
    if "const" in schema:
        return [json.dumps(schema["const"])]
    kinds = [kind for kind in json_types(schema) if kind != "null"]
    if kinds == ["string"] and EXPRESSION in str(schema.get("pattern")):
        return []
    return kinds if "object" in kinds else kinds[:1]


def json_types(schema: Mapping[str, Any]) -> list[str]:
    """The kinds of JSON that are taken; the one that is meant goes first."""
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else cast(list[str], kinds)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)
