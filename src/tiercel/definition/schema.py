"""The JSON Schema of a flow: what editors complete and check by. Made from the models and the types of the catalog."""

from collections.abc import Mapping
from typing import Any, Protocol, cast

from tiercel.model.flow import Flow
from tiercel.model.flowable import FLOWABLES

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Schemas(Protocol):
    """Names and schemas of the plugin types: services/catalog."""

    def names(self) -> list[str]: ...

    def schema(self, name: str) -> Mapping[str, Any]: ...


def flow_schema(catalog: Schemas) -> dict[str, Any]:
    """The schema of a whole flow. A task's own properties are asked by its `type`."""
    schema = Flow.model_json_schema(by_alias=True)
    definitions = cast(dict[str, Any], schema.setdefault("$defs", {}))
    structural = {known.types[0]: known.model_json_schema(by_alias=True) for known in set(FLOWABLES.values())}
    runnable = {name: dict(catalog.schema(name)) for name in catalog.names() if name not in FLOWABLES}
    by_type = {name: _flat(own, definitions) for name, own in sorted({**runnable, **structural}.items())}
    task = cast(dict[str, Any], definitions.setdefault("Task", {"type": "object"}))
    task["allOf"] = [_when(name, own) for name, own in by_type.items()]
    task["properties"]["type"] = {"type": "string", "examples": list(by_type)}
    return {"$schema": DIALECT, **schema}


def _flat(own: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A type's schema; what it refers to moves to the definitions of the whole."""
    for name, inner in cast(dict[str, Any], own.pop("$defs", {})).items():
        definitions.setdefault(name, inner)
    own.pop("additionalProperties", None)
    return own


def _when(name: str, own: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": own}
