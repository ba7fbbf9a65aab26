"""The JSON Schema of a type whose plugin is not installed, from the facts that are known of it."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from tiercel.definition.class_schema import DYNAMIC, EXPRESSION, Schema, or_else
from tiercel.services.known_types import Facts, KnownProperty, KnownType

_OF = re.compile(r"(list|map|object|enum)[<(](.*)[>)]")
_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_SCALARS: dict[str, Schema] = {
    "string": _TEXT,
    "uri": _TEXT,
    "bytes": _TEXT,
    "integer": {"type": ["integer", "string"]},
    "number": {"type": ["number", "string"]},
    "boolean": {"type": ["boolean", "string"]},
    "duration": {"type": ["string", "number"], "examples": ["PT30S"]},
    "datetime": {"type": "string", "examples": ["2026-01-31T09:00:00Z"]},
    "date": {"type": "string", "examples": ["2026-01-31"]},
    "time": {"type": "string", "examples": ["09:00:00"]},
    "data": {"type": ["string", "object", "array"]},
    "taskRunner": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}},
}
_RENDERED: Schema = {"type": "string", "pattern": rf"^\s*[\[{{]|{EXPRESSION}"}
_DEPTH = 3
"""Objects hold one another; deeper than this nobody is told what an object takes."""


def known_schema(facts: Facts, known: KnownType) -> Schema:
    """The schema of a type's own properties."""
    if known.properties is None:
        return {}
    return _Maker(facts).of_object(known.properties, 0)


class _Maker:
    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._of_kind: dict[str, Callable[[str, int], Schema]] = {
            "list": lambda item, depth: or_else({"type": "array", "items": self._kind(item, depth)}, _RENDERED),
            "map": lambda item, depth: or_else(
                {"type": "object", "additionalProperties": self._kind(item, depth)}, _RENDERED
            ),
            "enum": lambda choices, _: or_else({"enum": choices.split("|")}, _RENDERED),
            "object": self._object,
        }

    def of_object(self, properties: Sequence[KnownProperty], depth: int) -> Schema:
        """A mapping with these properties."""
        return {
            "type": "object",
            "properties": {one.name: self._property(one, depth) for one in properties},
            "required": [one.name for one in properties if one.is_required],
        }

    def _property(self, known: KnownProperty, depth: int) -> Schema:
        told: dict[str, Any] = {DYNAMIC: True}
        if known.default is not None:
            told["default"] = known.default
        if known.is_deprecated:
            told["deprecated"] = True
        limits = {name: value for name, value in known.limits.items() if name in ("minimum", "maximum")}
        made = {**self._kind(known.kind, depth), **limits, **told}
        return made if known.is_required else or_else(made, {"type": "null"})

    def _kind(self, kind: str, depth: int) -> Schema:
        within = _OF.fullmatch(kind)
        return self._of_kind[within[1]](within[2], depth) if within else _SCALARS.get(kind, {})

    def _object(self, name: str, depth: int) -> Schema:
        model = self._facts.models[name]
        if model.is_open or depth == _DEPTH:
            return or_else({"type": "object"}, _RENDERED)
        return or_else(self.of_object(model.properties, depth + 1), _RENDERED)
