"""Plugin defaults: an entry for a type that is known must name properties that the type has."""

from collections.abc import Iterator
from typing import Any, cast

from tiercel.definition.catalog import Catalog
from tiercel.definition.document import Document
from tiercel.definition.names import property_names
from tiercel.definition.problem import Problem
from tiercel.definition.walk import Written, entries
from tiercel.model.flow import Trigger
from tiercel.model.flowable import Structural
from tiercel.model.task import Task

_BASE = property_names(Task) | property_names(Trigger)


def check_defaults(document: Document, catalog: Catalog) -> Iterator[Problem]:
    for name in ("pluginDefaults", "taskDefaults"):
        for entry in entries(document, name):
            yield from _entry(document, catalog, entry)


def _entry(document: Document, catalog: Catalog, entry: Written) -> Iterator[Problem]:
    """A type that nobody knows may be the beginning of many: nothing can be said of it."""
    values = entry.data.get("values")
    given = cast(dict[str, Any], values) if isinstance(values, dict) else {}
    for name, suggestion in _unknown(catalog, entry, given):
        hint = f"; did you mean `{suggestion}`?" if suggestion else ""
        path = (*entry.path, "values", name)
        yield document.problem(
            "unknown-property",
            f"{entry.type_name.rpartition('.')[2]} has no property `{name}`{hint}",
            path,
            span=document.key_span(path),
            legacy=f"Invalid Plugin Default: No property '{name}' exists in plugin '{entry.type_name}'",
            legacy_path=document.legacy_path(entry.path),
            fix=suggestion,
        )


def _unknown(catalog: Catalog, entry: Written, given: dict[str, Any]) -> list[tuple[str, str | None]]:
    own = {name: value for name, value in given.items() if name not in _BASE}
    if issubclass(entry.model, Structural):
        return [(name, None) for name in own if name not in property_names(entry.model)]
    if catalog.resolve(entry.type_name) is None:
        return []
    problems = catalog.problems(entry.type_name, own)
    return [(str(one.path[0]), one.suggestion) for one in problems if one.kind == "unknown" and len(one.path) == 1]
