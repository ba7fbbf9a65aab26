"""The tasks of a definition as they are written, wherever they stand: nested, in branches, after errors, in listeners.

Works on raw data, so that one mistake does not hide the tasks beside it.
"""

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from tiercel.definition.document import Document
from tiercel.definition.problem import Path
from tiercel.model.flowable import task_class
from tiercel.model.task import Task

TASKS = "tasks"
OF_THE_FLOW = ("tasks", "errors", "finally", "afterExecution")
OF_A_TASK = ("tasks", "then", "else", "defaults", "errors", "finally", "onWait", "onApprove", "onDeny")
ALONE = ("onPause",)
_HOLDING = frozenset({*OF_A_TASK, *ALONE, "cases"})


class Written(msgspec.Struct, frozen=True):
    """One mapping of the definition, and the way to it."""

    path: Path
    data: dict[str, Any]

    @property
    def id(self) -> str:
        found = self.data.get("id")
        return found if isinstance(found, str) else ""

    @property
    def type_name(self) -> str:
        found = self.data.get("type")
        return found if isinstance(found, str) else ""

    @property
    def model(self) -> type[Task]:
        return task_class(self.type_name)


def tasks(document: Document) -> tuple[Written, ...]:
    """Every task of the flow, in the order of the text within each list."""
    if TASKS not in document.found:
        document.found[TASKS] = tuple(_tasks(document))
    return document.found[TASKS]


def _tasks(document: Document) -> Iterator[Written]:
    for name in OF_THE_FLOW:
        yield from _listed(document.data.get(name), (name,))
    for listener in entries(document, "listeners"):
        yield from _listed(listener.data.get("tasks"), (*listener.path, "tasks"))


def entries(document: Document, name: str) -> Iterator[Written]:
    """The mappings of a list of the flow: its inputs, triggers, outputs."""
    yield from mappings(document.data.get(name), (name,))


def mappings(value: Any, path: Path) -> Iterator[Written]:
    """The mappings in a list."""
    if isinstance(value, list):
        for place, item in enumerate(cast(list[Any], value)):
            if isinstance(item, dict):
                yield Written((*path, place), cast(dict[str, Any], item))


def children(task: Written) -> Iterator[Written]:
    """The tasks directly in a task, whichever branch they stand in."""
    if _HOLDING.isdisjoint(task.data):
        return
    for name in OF_A_TASK:
        yield from _items(task.data.get(name), (*task.path, name))
    for name in ALONE:
        yield from _items([task.data.get(name)], (*task.path, name), step=())
    cases = task.data.get("cases")
    if isinstance(cases, dict):
        for case, listed in cast(dict[str, Any], cases).items():
            yield from _items(listed, (*task.path, "cases", case))


def _listed(value: Any, path: Path) -> Iterator[Written]:
    for task in _items(value, path):
        yield from _with_children(task)


def _with_children(task: Written) -> Iterator[Written]:
    yield task
    for child in children(task):
        yield from _with_children(child)


def _items(value: Any, path: Path, *, step: Path | None = None) -> Iterator[Written]:
    """The tasks in a list; an entry of a Dag holds its task beside what it depends on."""
    for entry in mappings(value, path):
        place = entry.path if step is None else path
        inner = entry.data.get("task")
        if isinstance(inner, dict):
            yield Written((*place, "task"), cast(dict[str, Any], inner))
        elif "type" in entry.data or "id" in entry.data:
            yield Written(place, entry.data)
