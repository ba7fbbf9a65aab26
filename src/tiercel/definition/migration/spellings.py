"""Properties and types that have another name now and mean the same."""

from collections.abc import Iterator
from typing import Any, cast

from tiercel.definition.defaults import prefixed
from tiercel.definition.document import Document
from tiercel.definition.migration.draft import Draft
from tiercel.definition.migration.step import Resolve, Step
from tiercel.definition.problem import Path
from tiercel.definition.walk import Written, entries, mappings, tasks
from tiercel.model.flowable import ForEachItem, Pause, Subflow

_OF_TASKS = {"runIf": "when"}
_OF_INPUTS = {"name": "id"}
_TYPES_OF_INPUTS = {"BOOLEAN": "BOOL", "ENUM": "SELECT"}
_NOTIFICATIONS = "io.kestra.plugin.notifications."


def spellings(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """Names that changed."""
    for path, new in _renamed(draft.document):
        if not draft.document.has((*path[:-1], new)):
            yield Step(draft.line(path), f"`{path[-1]}` is called `{new}`", tuple(draft.rename(path, new)))
    for path, old, new in _input_types(draft.document):
        yield Step(draft.line(path), f"the type {old} is called {new}", tuple(draft.put(path, new)))


def optional(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """An input with `defaults` always has a value: 2.0 refuses `required: false` beside them."""
    for one in _all_inputs(draft.document):
        if one.data.get("required") is False and one.data.get("defaults") is not None:
            path = (*one.path, "required")
            message = f"`{one.id}` has `defaults`, so it always has a value: it is `required`"
            yield Step(draft.line(path), message, tuple(draft.put(path, value=True)))


def types(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """Types that were renamed."""
    for path, name in _types(draft.document):
        new = _current(name, resolve)
        if new is not None:
            yield Step(draft.line(path), f"the type {name} is called {new}", tuple(draft.put(path, new)))


def _current(name: str, resolve: Resolve) -> str | None:
    full = prefixed(name)
    if full.startswith(_NOTIFICATIONS):
        service, _, rest = full.removeprefix(_NOTIFICATIONS).partition(".")
        moved = f"io.kestra.plugin.{service}.notifications.{rest}"
        return moved if resolve(moved) == moved else None
    current = resolve(name)
    return current if current not in (None, name, full) else None


def _renamed(document: Document) -> Iterator[tuple[Path, str]]:
    """Paths that lead to an old name, each with the new one."""
    if "taskDefaults" in document.data:
        yield ("taskDefaults",), "pluginDefaults"
    for task in tasks(document):
        names = dict(_OF_TASKS)
        if task.model is Pause:
            names["delay"] = "pauseDuration"
        if task.model in (Subflow, ForEachItem):
            names["scheduleOn"] = "scheduleDate"
        yield from _present(document, task.path, names)
        yield from _present(document, (*task.path, "retry"), {"maxAttempt": "maxAttempts"})
    yield from _present(document, ("retry",), {"maxAttempt": "maxAttempts"})
    for place in ("triggers", "inputs", "checks"):
        names = {"triggers": {"minLogLevel": "logLevel"}, "inputs": _OF_INPUTS, "checks": {"condition": "when"}}[place]
        for one in entries(document, place):
            yield from _present(document, one.path, names)


def _present(document: Document, path: Path, names: dict[str, str]) -> Iterator[tuple[Path, str]]:
    value = document.at(path)
    if isinstance(value, dict):
        yield from (((*path, old), new) for old, new in names.items() if old in value)


def _input_types(document: Document) -> Iterator[tuple[Path, str, str]]:
    for one in entries(document, "inputs"):
        new = _TYPES_OF_INPUTS.get(one.type_name)
        if new is not None:
            yield (*one.path, "type"), one.type_name, new


def _all_inputs(document: Document) -> Iterator[Written]:
    """Those of a FORM too."""
    for one in entries(document, "inputs"):
        yield one
        yield from mappings(one.data.get("inputs"), (*one.path, "inputs"))


def _types(document: Document) -> Iterator[tuple[Path, str]]:
    """Every `type` that names a class: of tasks, triggers and whatever stands in them."""
    for name in ("tasks", "errors", "finally", "afterExecution", "triggers", "listeners", "pluginDefaults"):
        yield from _types_in(document.data.get(name), (name,))


def _types_in(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for name, inner in cast(dict[str, Any], value).items():
            if name == "type" and isinstance(inner, str) and "." in inner:
                yield (*path, name), inner
            yield from _types_in(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(cast(list[Any], value)):
            yield from _types_in(inner, (*path, place))
