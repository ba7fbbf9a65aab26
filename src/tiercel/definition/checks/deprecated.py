"""Spellings of earlier versions: they work, and there is a present one to write instead."""

from collections.abc import Iterable, Iterator, Mapping

from tiercel.definition.document import Document
from tiercel.definition.problem import Path, Problem, Severity
from tiercel.definition.walk import Written, entries, tasks
from tiercel.model.flowable import Pause, Subflow
from tiercel.model.task import Task

_OF_THE_FLOW = {
    "taskDefaults": "write `pluginDefaults`",
    "listeners": "write `afterExecution`",
}
_OF_TASKS: dict[type[Task], dict[str, str]] = {
    Pause: {"delay": "write `pauseDuration`", "tasks": "put the tasks behind the Pause"},
    Subflow: {"outputs": "declare `outputs` in the flow that is called"},
}
_OF_TRIGGERS = {
    "minLogLevel": "write `logLevel`",
    "conditions": "write `when`",
    "scheduleConditions": "write `when`",
    "backfill": "it does nothing; start a backfill from the trigger itself",
}
_RENAMED_OF_TASKS = {"runIf": "when"}
_RENAMED_OF_CHECKS = {"condition": "when"}
_TYPES_OF_INPUTS = {"BOOLEAN": "BOOL", "ENUM": "SELECT"}


def check_deprecated(document: Document) -> Iterator[Problem]:
    for name, hint in _OF_THE_FLOW.items():
        if name in document.data:
            yield _deprecated(document, (name,), hint)
    for task in tasks(document):
        for name, hint in _OF_TASKS.get(task.model, {}).items():
            if name in task.data:
                yield _deprecated(document, (*task.path, name), hint)
        if document.has((*task.path, "retry", "maxAttempt")):
            yield _deprecated(document, (*task.path, "retry", "maxAttempt"), "write `maxAttempts`", fix="maxAttempts")
    for trigger in entries(document, "triggers"):
        for name in _OF_TRIGGERS.keys() & trigger.data.keys():
            yield _deprecated(document, (*trigger.path, name), _OF_TRIGGERS[name])
    yield from _inputs(document)
    yield from _renamed(document, tasks(document), _RENAMED_OF_TASKS)
    yield from _renamed(document, entries(document, "checks"), _RENAMED_OF_CHECKS)


def _renamed(document: Document, written: Iterable[Written], names: Mapping[str, str]) -> Iterator[Problem]:
    """No fix: servers before 2.0 know only the old names, so `flow migrate` writes the new ones."""
    for one in written:
        for old in names.keys() & one.data.keys():
            path = (*one.path, old)
            message = f"`{old}` is called `{names[old]}` since 2.0; the old name works"
            yield document.problem("old-spelling", message, path, span=document.key_span(path), severity=Severity.INFO)


def _inputs(document: Document) -> Iterator[Problem]:
    for one in entries(document, "inputs"):
        if "name" in one.data and "id" not in one.data:
            yield _deprecated(document, (*one.path, "name"), "write `id`", fix="id")
        if "options" in one.data and "values" not in one.data:
            yield _deprecated(document, (*one.path, "options"), "write `values`", fix="values")
        if one.type_name in _TYPES_OF_INPUTS:
            present = _TYPES_OF_INPUTS[one.type_name]
            path = (*one.path, "type")
            message = f"the type {one.type_name} is deprecated: write `{present}`"
            yield document.problem("deprecated", message, path, severity=Severity.INFO, fix=present)


def _deprecated(document: Document, path: Path, hint: str, *, fix: str | None = None) -> Problem:
    return document.problem(
        "deprecated",
        f"`{path[-1]}` is deprecated: {hint}",
        path,
        span=document.key_span(path),
        severity=Severity.INFO,
        fix=fix,
    )
