"""Types of tasks, triggers and conditions, and the properties of each: asked of the catalog."""

from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from typing import Any

from tiercel.definition.catalog import Catalog, PropertyProblem
from tiercel.definition.document import Document
from tiercel.definition.mistakes import closest, owner_name, unrecognized
from tiercel.definition.names import property_names
from tiercel.definition.problem import Path, Problem, Severity
from tiercel.definition.walk import Written, entries, mappings, tasks
from tiercel.model.flow import Trigger
from tiercel.model.flowable import FLOWABLES, Structural
from tiercel.model.task import Authored, Task

_SURELY = 0.95
PREFIX = "io.kestra.plugin."


def check_types(document: Document, catalog: Catalog) -> Iterator[Problem]:
    for task in tasks(document):
        yield from _plugin(document, catalog, task, Task, "task")
    for trigger in entries(document, "triggers"):
        yield from _plugin(document, catalog, trigger, Trigger, "trigger")
        for condition in mappings(trigger.data.get("conditions"), (*trigger.path, "conditions")):
            yield from _plugin(document, catalog, condition, None, "condition")


def _plugin(
    document: Document, catalog: Catalog, one: Written, base: type[Authored] | None, kind: str
) -> Iterator[Problem]:
    if not one.type_name:
        return
    current = one.model.types[0] if issubclass(one.model, Structural) else catalog.resolve(one.type_name)
    if current is None:
        yield _unknown_type(document, catalog, one, kind)
        return
    if _full(one.type_name) != current:
        yield _renamed(document, one, current)
    if not issubclass(one.model, Structural):
        yield from _properties(document, catalog, one, property_names(base) | {"type"})


def _full(name: str) -> str:
    return name if name.startswith("io.kestra.") or "." not in name else PREFIX + name


def _unknown_type(document: Document, catalog: Catalog, one: Written, kind: str) -> Problem:
    close = closest(one.type_name, frozenset(FLOWABLES))
    meant = [*catalog.suggestions(one.type_name), *([close] if close else [])]
    missing = catalog.missing_extra(one.type_name)
    hint = missing or (f"did you mean {' or '.join(dict.fromkeys(meant))}?" if meant else "see `tiercel plugin list`")
    return document.problem(
        "unknown-type",
        f"no {kind} type is called `{one.type_name}`: {hint}",
        (*one.path, "type"),
        legacy=f"Invalid type: {one.type_name}",
        fix=None if missing else _typo(one.type_name, meant),
    )


def _typo(name: str, meant: list[str]) -> str | None:
    """The type that was surely meant: all but a letter or two is as it was written."""
    full = [known for known in meant if SequenceMatcher(None, _full(name), known).ratio() > _SURELY]
    return full[0] if full else None


def _renamed(document: Document, one: Written, current: str) -> Problem:
    return document.problem(
        "alias",
        f"{_full(one.type_name)} is replaced by {current}",
        (*one.path, "type"),
        severity=Severity.INFO,
        fix=current,
    )


def _properties(document: Document, catalog: Catalog, one: Written, base: frozenset[str]) -> Iterator[Problem]:
    own: dict[str, Any] = {name: value for name, value in one.data.items() if name not in base}
    problems = catalog.problems(one.type_name, own)
    misspelt = {(*found.path[:-1], found.suggestion) for found in problems if found.kind == "unknown"}
    for found in problems:
        if found.kind == "missing" and found.path in misspelt:
            continue  # it is there, under the wrong name: that is told already
        yield _TELL[found.kind](document, one, found, (*one.path, *found.path))


def _missing(document: Document, one: Written, found: PropertyProblem, path: Path) -> Problem:
    return document.problem(
        "missing",
        f"`{path[-1]}` is missing: {owner_name(document, path[:-1])} needs it",
        path,
        legacy=found.legacy or "must not be null",
        legacy_path=document.legacy_path(path),
    )


def _unknown(document: Document, one: Written, found: PropertyProblem, path: Path) -> Problem:
    name = str(found.path[-1])
    hint = f"; did you mean `{found.suggestion}`?" if found.suggestion else ""
    return document.problem(
        "unknown-property",
        f"{owner_name(document, path[:-1])} has no property `{name}`{hint}",
        path,
        span=document.key_span(path),
        legacy=found.legacy or unrecognized(name, _full(one.type_name), _known(one)),
        fix=found.suggestion,
    )


def _known(one: Written) -> frozenset[str]:
    return property_names(Trigger if one.path[:1] == ("triggers",) else Task)


def _invalid(document: Document, one: Written, found: PropertyProblem, path: Path) -> Problem:
    legacy_path = document.legacy_path(one.path if found.legacy else path)
    return document.problem("value", found.message, path, legacy=found.legacy or found.message, legacy_path=legacy_path)


def _deprecated(document: Document, one: Written, found: PropertyProblem, path: Path) -> Problem:
    return document.problem(
        "deprecated",
        found.message,
        path,
        span=document.key_span(path),
        severity=Severity.INFO,
        fix=found.suggestion,
    )


_TELL: dict[str, Callable[[Document, Written, PropertyProblem, Path], Problem]] = {
    "missing": _missing,
    "unknown": _unknown,
    "invalid": _invalid,
    "deprecated": _deprecated,
}
