"""Plugin defaults: an entry for a type that is known must name properties that the type has, with values it takes."""

from collections.abc import Iterator
from typing import Any, cast

from tiercel.definition.catalog import Catalog
from tiercel.definition.defaults import NAMES
from tiercel.definition.document import Document
from tiercel.definition.names import property_names
from tiercel.definition.problem import Path, Problem
from tiercel.definition.walk import Written, entries
from tiercel.model.flow import Trigger
from tiercel.model.flowable import Structural
from tiercel.model.task import Task

_BASE = property_names(Task) | property_names(Trigger)


def check_defaults(document: Document, catalog: Catalog) -> Iterator[Problem]:
    for name in NAMES:
        for entry in entries(document, name):
            yield from _entry(document, catalog, entry)


def _entry(document: Document, catalog: Catalog, entry: Written) -> Iterator[Problem]:
    """A type that nobody knows may be the beginning of many: nothing can be said of it."""
    values = entry.data.get("values")
    given = cast(dict[str, Any], values) if isinstance(values, dict) else {}
    yield from _nothing(document, entry, given)
    own = {name: value for name, value in given.items() if name not in _BASE and value is not None}
    for path, suggestion in _unknown(catalog, entry, own):
        yield _no_property(document, entry, path, suggestion)
    for path, words in _invalid(catalog, entry, own):
        yield _fault(document, entry, "value", words, path, words)


def _nothing(document: Document, entry: Written, given: dict[str, Any]) -> Iterator[Problem]:
    for name in (name for name, value in given.items() if value is None):
        message = f"`{name}` has no value here: leave it out, or say what it is to be"
        yield _fault(document, entry, "empty", message, (name,), f"No value provided for key '{name}'")


def _no_property(document: Document, entry: Written, path: Path, suggestion: str | None) -> Problem:
    hint = f"; did you mean `{suggestion}`?" if suggestion else ""
    message = f"{entry.type_name.rpartition('.')[2]} has no property `{path[-1]}`{hint}"
    words = f"No property '{path[-1]}' exists in plugin '{entry.type_name}'"
    return _fault(document, entry, "unknown-property", message, path, words, fix=suggestion)


def _unknown(catalog: Catalog, entry: Written, own: dict[str, Any]) -> list[tuple[Path, str | None]]:
    if issubclass(entry.model, Structural):
        return [((name,), None) for name in own if name not in property_names(entry.model)]
    problems = catalog.problems(entry.type_name, own) if _is_known(catalog, entry) else ()
    return [(one.path, one.suggestion) for one in problems if one.kind == "unknown"]


def _invalid(catalog: Catalog, entry: Written, own: dict[str, Any]) -> list[tuple[Path, str]]:
    if issubclass(entry.model, Structural) or not _is_known(catalog, entry):
        return []
    problems = catalog.problems(entry.type_name, own)
    return [
        (one.path, one.message) for one in problems if one.kind == "invalid" and one.path[:1] and one.path[0] in own
    ]


def _is_known(catalog: Catalog, entry: Written) -> bool:
    return catalog.resolve(entry.type_name) is not None


def _fault(
    document: Document, entry: Written, code: str, message: str, path: Path, legacy: str, *, fix: str | None = None
) -> Problem:
    place = (*entry.path, "values", *path)
    return document.problem(
        code,
        message,
        place,
        span=document.key_span(place) if code == "unknown-property" else None,
        legacy=f"Invalid Plugin Default: {legacy}",
        legacy_path=document.legacy_path(entry.path),
        fix=fix,
    )
