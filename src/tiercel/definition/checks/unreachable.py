"""Tasks that can never run, whatever happens: behind an end, in a branch that is never taken, switched off for good."""

from collections.abc import Iterator
from typing import Any

from tiercel.definition.document import Document
from tiercel.definition.problem import Path, Problem, Severity
from tiercel.definition.walk import Written, children, tasks
from tiercel.model.flowable import Dag, Exit, If, Parallel

_FAIL = ("execution.Fail", "executions.Fail")
_ENDS = {True: "ends the execution", False: "fails"}
_SIDE_BY_SIDE = (Parallel, Dag)
_FALSE = frozenset({"false", "0", "-0", "", "{{ false }}", "{{false}}"})
_TRUE = frozenset({"true", "1", "{{ true }}", "{{true}}"})


def check_unreachable(document: Document) -> Iterator[Problem]:
    yield from _behind_ends(document, [task for task in tasks(document) if len(task.path) == 2])
    for task in tasks(document):
        if task.model not in _SIDE_BY_SIDE:
            yield from _behind_ends(document, list(children(task)))
        if task.model is If:
            yield from _branches(document, task)
        yield from _never(document, task)


def _behind_ends(document: Document, listed: list[Written]) -> Iterator[Problem]:
    """The first task behind one that always ends the execution, in each list."""
    end: dict[Path, Written] = {}
    told: set[Path] = set()
    for task in listed:
        place = task.path[:-1]
        if place in end and place not in told:
            told.add(place)
            before = end[place]
            yield _warning(
                document,
                f"`{task.id}` never runs: `{before.id}` above it always {_ENDS[before.model is Exit]}",
                (*task.path, "id"),
            )
        if _always_ends(task):
            end.setdefault(place, task)


def _always_ends(task: Written) -> bool:
    is_end = task.model is Exit or task.type_name.endswith(_FAIL)
    reprieves = ("condition", "runIf", "when", "allowFailure", "allowWarning", "disabled")
    return is_end and not any(task.data.get(name) for name in reprieves)


def _branches(document: Document, task: Written) -> Iterator[Problem]:
    condition = _text(task.data.get("condition"))
    if condition in _TRUE and task.data.get("else"):
        message = f"`else` of `{task.id}` never runs: its condition always holds"
        yield _warning(document, message, (*task.path, "else"), key=True)
    if condition in _FALSE and task.data.get("then"):
        message = f"`then` of `{task.id}` never runs: its condition never holds"
        yield _warning(document, message, (*task.path, "then"), key=True)


def _never(document: Document, task: Written) -> Iterator[Problem]:
    for name in ("runIf", "when"):
        if name in task.data and task.data[name] is not None and _text(task.data[name]) in _FALSE:
            message = f"`{task.id}` never runs: `{name}` never holds; write `disabled: true` to switch it off"
            yield _warning(document, message, (*task.path, name))


def _text(written: Any) -> str:
    return str(written).lower().strip() if isinstance(written, str | bool | int | float) else "?"


def _warning(document: Document, message: str, path: Path, *, key: bool = False) -> Problem:
    span = document.key_span(path) if key else None
    return document.problem("unreachable-task", message, path, span=span, severity=Severity.WARNING)
