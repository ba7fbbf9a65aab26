"""Flows that are called: that they are there and enabled, and get every input that needs a value.

Only warnings: the flow may be saved before the one that it calls.
"""

from collections.abc import Iterator
from typing import Any, cast

from tiercel.definition.checks.triggers import needs_a_value
from tiercel.definition.document import Document
from tiercel.definition.inputs import flattened, given_value
from tiercel.definition.mistakes import closest
from tiercel.definition.neighbours import Neighbour, Neighbours
from tiercel.definition.problem import Path, Problem, Severity
from tiercel.definition.walk import Written, tasks
from tiercel.model.flowable import ForEachItem, Subflow


def check_subflows(document: Document, neighbours: Neighbours) -> Iterator[Problem]:
    own = (document.data.get("namespace"), document.data.get("id"))
    for task in tasks(document):
        called = (task.data.get("namespace"), task.data.get("flowId"))
        if task.model in (Subflow, ForEachItem) and all(_is_literal(name) for name in called) and called != own:
            yield from _called(document, task, neighbours.find(str(called[0]), str(called[1])))


def _is_literal(written: Any) -> bool:
    return isinstance(written, str) and bool(written) and "{{" not in written


def _called(document: Document, task: Written, found: Neighbour) -> Iterator[Problem]:
    if found.state == "ready":
        if task.data.get("revision") is None:
            yield from _inputs(document, task, found)
        return
    name, namespace = task.data["flowId"], task.data["namespace"]
    message, words = _ABSENT[found.state]
    yield document.problem(
        "subflow",
        message.format(flow=f"`{namespace}.{name}`", task=f"`{task.id}`"),
        (*task.path, "flowId"),
        severity=Severity.WARNING,
        legacy=words.format(name=name, namespace=namespace),
    )


_ABSENT = {
    "absent": (
        "there is no flow {flow}: {task} will fail until it is saved",
        "The subflow '{name}' not found in namespace '{namespace}'.",
    ),
    "disabled": (
        "the flow {flow} is disabled: {task} will fail until it is enabled",
        "The subflow '{name}' is disabled in namespace '{namespace}'.",
    ),
    "unreadable": (
        "the flow {flow} cannot be read: {task} will fail until it is mended",
        "The subflow '{name}' in namespace '{namespace}' is invalid.",
    ),
}


def _inputs(document: Document, task: Written, found: Neighbour) -> Iterator[Problem]:
    written = task.data.get("inputs")
    if written is not None and not isinstance(written, dict):
        return
    given = cast(dict[str, Any], written or {})
    known = flattened(found.inputs)
    missing = [name for name, one in known.items() if needs_a_value(one) and given_value(given, name) is None]
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        message = f"`{task.data['flowId']}` needs a value for {listed}: add it to `inputs`"
        path = (*task.path, "inputs") if given else task.path
        yield _warning(document, message, path, key=bool(given))
    for name in given:
        if not any(one == name or one.startswith(f"{name}.") for one in known):
            meant = closest(name, frozenset(known))
            hint = f"; did you mean `{meant}`?" if meant else ""
            message = f"the flow `{task.data['flowId']}` has no input `{name}`{hint}"
            yield _warning(document, message, (*task.path, "inputs", name), key=True, fix=meant)


def _warning(document: Document, message: str, path: Path, *, key: bool, fix: str | None = None) -> Problem:
    span = document.key_span(path) if key else None
    return document.problem("subflow", message, path, span=span, severity=Severity.WARNING, fix=fix)
