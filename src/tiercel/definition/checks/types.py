"""Types of tasks and triggers, and the properties of each: asked of the catalog."""

from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from typing import Any

from tiercel.definition.catalog import Catalog, PropertyProblem
from tiercel.definition.document import Document
from tiercel.definition.mistakes import closest, owner_name
from tiercel.definition.names import property_names
from tiercel.definition.original import unrecognized
from tiercel.definition.problem import Path, Problem, Severity
from tiercel.definition.walk import Written, entries, tasks
from tiercel.model.flow import Trigger
from tiercel.model.flowable import Structural
from tiercel.model.task import Authored, Task

_SURELY = 0.95
PREFIX = "io.kestra.plugin."


def check_types(document: Document, catalog: Catalog) -> Iterator[Problem]:
    for task in tasks(document):
        yield from _plugin(document, catalog, task, Task, "task")
    for trigger in entries(document, "triggers"):
        yield from _plugin(document, catalog, trigger, Trigger, "trigger")


def _plugin(document: Document, catalog: Catalog, one: Written, base: type[Authored], kind: str) -> Iterator[Problem]:
    if not one.type_name:
        return
    model = one.model
    is_structural = issubclass(model, Structural)
    current = model.types[0] if issubclass(model, Structural) else catalog.resolve(one.type_name)
    if current is None:
        yield from _not_here(document, catalog, one, base, kind)
    elif (found := "task" if is_structural else catalog.kind(current)) not in (kind, None):
        yield _misplaced(document, one, kind, str(found))
    else:
        if current not in (one.type_name, full(one.type_name)):
            yield renamed(document, one, current)
        if not is_structural:
            yield from _properties(document, catalog, one, base)


def full(name: str) -> str:
    """The name with the prefix that may be left out."""
    return name if name.startswith("io.kestra.") or "." not in name else PREFIX + name


# The type itself -----------------------------------------------------------------------------------------------------


def _not_here(document: Document, catalog: Catalog, one: Written, base: type[Authored], kind: str) -> Iterator[Problem]:
    """One problem for the type; where it is known elsewhere its properties are looked at all the same."""
    missing = catalog.missing_extra(one.type_name)
    if missing is None:
        yield unknown_type(document, catalog, one, kind)
        return
    message = f"`{one.type_name.removeprefix(PREFIX)}` cannot run here: {missing}"
    yield _refused(document, one, "not-installed", message)
    yield from _properties(document, catalog, one, base)


def unknown_type(document: Document, catalog: Catalog, one: Written, kind: str) -> Problem:
    """A type that nobody knows, with those it may have been meant to be."""
    meant = list(catalog.suggestions(one.type_name))
    hint = f"did you mean {' or '.join(meant)}?" if meant else "docs/reference/types.md lists those that are there"
    message = f"no {kind} type is called `{one.type_name}`: {hint}"
    return _refused(document, one, "unknown-type", message, fix=_typo(one.type_name, meant))


def _misplaced(document: Document, one: Written, kind: str, found: str) -> Problem:
    where = _BELONGS.get(found, "elsewhere")
    message = f"`{one.type_name.removeprefix(PREFIX)}` is no {kind} but a {found}: it belongs {where}"
    return _refused(document, one, "misplaced-type", message)


_BELONGS = {
    "task": "among the tasks",
    "trigger": "into `triggers` of the flow",
    "condition": "into `conditions` of a trigger",
}


def _refused(document: Document, one: Written, code: str, message: str, *, fix: str | None = None) -> Problem:
    return document.problem(code, message, (*one.path, "type"), legacy=f"Invalid type: {one.type_name}", fix=fix)


def _typo(name: str, meant: list[str]) -> str | None:
    """The type that was surely meant: all but a letter or two is as it was written."""
    surely = [known for known in meant if SequenceMatcher(None, full(name), known).ratio() > _SURELY]
    return surely[0] if surely else None


def renamed(document: Document, one: Written, current: str) -> Problem:
    """A type by an earlier name of its own."""
    return document.problem(
        "alias",
        f"{full(one.type_name)} is replaced by {current}",
        (*one.path, "type"),
        severity=Severity.INFO,
        fix=current,
    )


# Its properties ------------------------------------------------------------------------------------------------------


def _properties(document: Document, catalog: Catalog, one: Written, base: type[Authored]) -> Iterator[Problem]:
    shared = property_names(base) | {"type"}
    own: dict[str, Any] = {name: value for name, value in one.data.items() if name not in shared}
    problems = catalog.problems(one.type_name, own)
    misspelt = {(*found.path[:-1], found.suggestion) for found in problems if found.kind == "unknown"}
    for found in problems:
        if found.kind == "missing" and (found.path in misspelt or found.path[0] in shared & one.data.keys()):
            continue  # it is there, under a wrong name (which is told already) or as a property that all have
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
    """The name is not known there; where it is a property that all tasks have, it stands too deep."""
    name, base = str(found.path[-1]), property_names(Trigger if one.path[:1] == ("triggers",) else Task)
    is_inner = len(found.path) > 1
    meant = found.suggestion or (None if is_inner else closest(name, base))
    hint = f"; did you mean `{meant}`?" if meant else _beside(found, base) if is_inner else ""
    known = frozenset(found.known) if is_inner else base | frozenset(found.known)
    return document.problem(
        "unknown-property",
        f"{owner_name(document, path[:-1])} has no property `{name}`{hint}",
        path,
        span=document.key_span(path),
        legacy=found.legacy or unrecognized(name, full(one.type_name), known or base),
        fix=meant,
    )


def _beside(found: PropertyProblem, base: frozenset[str]) -> str:
    name, owner = found.path[-1], found.path[0]
    return f"; `{name}` belongs beside `{owner}`, not into it" if name in base and name not in ("id", "type") else ""


def _invalid(document: Document, one: Written, found: PropertyProblem, path: Path) -> Problem:
    """What a parser of the original refuses it tells without a place, what a class refuses with that of the task."""
    is_of_parser = (found.legacy or "").startswith("Cannot deserialize")
    legacy_path = None if is_of_parser else document.legacy_path(one.path if found.legacy else path)
    words = found.legacy or found.message
    return document.problem("value", found.message, path, legacy=words, legacy_path=legacy_path, fix=found.suggestion)


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
