"""Properties of flowables and updaters that take a mapping, a list or an expression for one, and so nothing simpler."""

from collections.abc import Iterator
from typing import Any

from tiercel.definition.document import Document
from tiercel.definition.mistakes import described, owner_name
from tiercel.definition.problem import Problem, Severity
from tiercel.definition.walk import Written, mappings, tasks
from tiercel.model.flowable import (
    EachParallel,
    EachSequential,
    ForEach,
    Labels,
    Loop,
    SetVariables,
    Subflow,
    UnsetVariables,
    WorkingDirectory,
)
from tiercel.model.task import Task

_MAPPING = "a mapping, or an expression that gives one"
_LABELS = "a mapping, a list of `key` and `value`, or an expression that gives either"
_LIST = "a list, or an expression that gives one"
_VALUES = "a list, a mapping, or an expression that gives either"
_WANTED: dict[type[Task], dict[str, str]] = {
    Labels: {"labels": _LABELS},
    SetVariables: {"variables": _MAPPING},
    UnsetVariables: {"variables": _LIST},
    WorkingDirectory: {"inputFiles": _MAPPING},
}
_ITERATED: dict[type[Task], tuple[str, str]] = {
    Loop: ("values", _VALUES),
    ForEach: ("values", _LIST),
    EachSequential: ("value", _LIST),
    EachParallel: ("value", _LIST),
}
_LABELLING = (Labels, Subflow)


def check_wholes(document: Document) -> Iterator[Problem]:
    for task in tasks(document):
        for name, wanted in _WANTED.get(task.model, {}).items():
            yield from _simple(document, task, name, wanted, Severity.ERROR)
        if task.model in _ITERATED:
            name, wanted = _ITERATED[task.model]
            yield from _simple(document, task, name, wanted, Severity.WARNING)
        if task.model in _LABELLING:
            yield from _labels(document, task)


def _simple(document: Document, task: Written, name: str, wanted: str, severity: Severity) -> Iterator[Problem]:
    """A number or a truth value where several values are meant. What is iterated the original refuses only when it runs."""
    value: Any = task.data.get(name)
    if isinstance(value, bool | int | float):
        message = f"`{name}` must be {wanted}; this is {described(value)}"
        yield document.problem("wrong-type", message, (*task.path, name), severity=severity)


def _labels(document: Document, task: Written) -> Iterator[Problem]:
    """Labels of a task that are written as a list."""
    for label in mappings(task.data.get("labels"), (*task.path, "labels")):
        for name in ("key", "value"):
            if label.data.get(name) is None:
                path = (*label.path, name)
                message = f"`{name}` is missing: a label of {owner_name(document, task.path)} needs it"
                legacy_path = document.legacy_path(path)
                yield document.problem("missing", message, path, legacy="must not be null", legacy_path=legacy_path)
            elif isinstance(label.data[name], dict | list):
                path = (*label.path, name)
                message = f"`{name}` must be a text; this is {described(label.data[name])}"
                yield document.problem("wrong-type", message, path)
