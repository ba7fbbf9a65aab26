"""The JSON Schema of a flow: what editors complete and check by. Made from the models and the types of the catalog."""

from collections.abc import Mapping
from typing import Any, Protocol, cast

from tiercel.model.flow import Flow
from tiercel.model.flowable import FLOWABLES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HOLDERS = {"task": "Task", "trigger": "Trigger"}


class Schemas(Protocol):
    """Names, kinds and schemas of the plugin types: services/catalog."""

    def names(self) -> list[str]: ...

    def kind(self, name: str) -> str | None: ...

    def schema(self, name: str) -> Mapping[str, Any]: ...


def flow_schema(catalog: Schemas) -> dict[str, Any]:
    """The schema of a whole flow. The properties of a task or trigger are those of its `type`."""
    schema = Flow.model_json_schema(by_alias=True)
    definitions = cast(dict[str, Any], schema.setdefault("$defs", {}))
    by_kind: dict[str, dict[str, Any]] = {holder: {} for holder in _HOLDERS.values()}
    for name, (kind, own) in sorted(_types(catalog).items()):
        if kind in _HOLDERS:
            by_kind[_HOLDERS[kind]][name] = _merged(name, own, definitions)
    for holder, types in by_kind.items():
        _choose_by_type(cast(dict[str, Any], definitions[holder]), types)
    return {"$schema": DIALECT, **schema}


def _types(catalog: Schemas) -> dict[str, tuple[str | None, dict[str, Any]]]:
    structural = {known.types[0]: known.model_json_schema(by_alias=True) for known in set(FLOWABLES.values())}
    plugins = {
        name: (catalog.kind(name), dict(catalog.schema(name))) for name in catalog.names() if name not in FLOWABLES
    }
    return {**plugins, **{name: ("task", own) for name, own in structural.items()}}


def _merged(name: str, own: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A type's schema; what only it refers to becomes a definition of the whole under the type's own name."""
    inner = cast(dict[str, Any], own.pop("$defs", {}))
    names = {one: one if one in definitions else f"{name}.{one}" for one in inner}
    for one, renamed in names.items():
        definitions.setdefault(renamed, _renamed(inner[one], names))
    own.pop("additionalProperties", None)
    return cast(dict[str, Any], _renamed(own, names))


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


def _choose_by_type(holder: dict[str, Any], types: Mapping[str, Any]) -> None:
    holder["properties"]["type"] = {"type": "string", "examples": list(types)}
    holder["allOf"] = [
        {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": own}
        for name, own in types.items()
    ]
