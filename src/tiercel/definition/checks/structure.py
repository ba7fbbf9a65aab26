"""What must fit together in a task or in the flow: Dags without circles, cases with tasks, intervals in order."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

from tiercel.definition.circles import reached
from tiercel.definition.document import Document, texts
from tiercel.definition.problem import Path, Problem, Severity
from tiercel.definition.walk import Written, children, entries, tasks
from tiercel.model.durations import parse_duration
from tiercel.model.flowable import Approval, Dag, Flowable, Pause, Sleep, Structural, Switch, Template

_FOR_RUNNABLES = ("timeout", "taskCache", "workerSelector")
_ROUTING = {"workerGroup": "Worker Group", "workerSelector": "Worker Selector"}
"""What chooses the workers of a task, and what the original calls it."""
_ORDERS = {
    "constant": (("interval", "maxDuration"),),
    "exponential": (("interval", "maxDuration"), ("interval", "maxInterval")),
    "random": (("minInterval", "maxInterval"), ("maxInterval", "maxDuration")),
}


def check_structure(document: Document) -> Iterator[Problem]:
    yield from _retry(document, document.data.get("retry"), ("retry",))
    for task in tasks(document):
        yield from _retry(document, task.data.get("retry"), (*task.path, "retry"))
        if task.model is Dag:
            yield from _dag(document, task)
        elif task.model is Switch:
            yield from _switch(document, task)
        elif task.model is Template:
            yield from _template(document, task)
        elif task.type_name.endswith("flow.WorkingDirectory"):
            yield from _working_directory(document, task)
        if issubclass(task.model, Flowable):
            yield from _only_for_runnables(document, task)
    yield from _slas(document)


def _retry(document: Document, written: Any, path: Path) -> Iterator[Problem]:
    if not isinstance(written, dict):
        return
    retry = cast(dict[str, Any], written)
    for low, high in _ORDERS.get(str(retry.get("type")), ()):
        shorter, longer = _span(retry.get(low)), _span(retry.get(high))
        if shorter is not None and longer is not None and shorter >= longer:
            yield document.problem(
                "order",
                f"`{low}` must be shorter than `{high}`",
                (*path, low),
                legacy=f"'{low}' must be less than '{high}'",
                legacy_path=document.legacy_path(path),
            )


def _span(written: Any) -> timedelta | None:
    try:
        return parse_duration(written) if isinstance(written, str | int | float) else None
    except ValueError:
        return None


def _dag(document: Document, dag: Written) -> Iterator[Problem]:
    needs = {child.id: _depends_on(document, child) for child in _members(dag)}
    for child in _members(dag):
        for path, name in _depends_on(document, child):
            if name not in needs:
                message = f"`{name}` is no task of this Dag, so `{child.id}` cannot depend on it"
                yield _of(document, dag, "unknown-task", message, path, f"Not existing task id in dependency: {name}")
    circle = _circle({name: [other for _, other in paths] for name, paths in needs.items()})
    if circle:
        path = next(child.path for child in _members(dag) if child.id == circle[0])
        message = f"these tasks wait for each other, so none of them can start: {', '.join(circle)}"
        yield _of(document, dag, "circle", message, path, f"Cyclic dependency detected: {', '.join(circle)}")


def _template(document: Document, task: Written) -> Iterator[Problem]:
    for name in ("tasks", "refusal"):
        if name in task.data:
            message = f"`{name}` is not written here: the tasks come from the template"
            yield document.problem("unknown-property", message, (*task.path, name))


def _members(task: Written) -> list[Written]:
    """The tasks of its `tasks`: not those of `errors` and `finally`."""
    return [child for child in children(task) if child.path[len(task.path)] == "tasks"]


def _depends_on(document: Document, child: Written) -> list[tuple[Path, str]]:
    path = (*child.path[:-1], "dependsOn")
    return list(texts(document.at(path), path))


def _circle(needs: dict[str, list[str]]) -> list[str]:
    """The tasks that wait, over others, for themselves, by name; those that only wait for them are not meant."""
    return sorted(name for name in needs if name in reached(needs, name))


def _switch(document: Document, switch: Written) -> Iterator[Problem]:
    cases = switch.data.get("cases")
    for name, listed in cast(dict[str, Any], cases if isinstance(cases, dict) else {}).items():
        if listed == [] or listed is None:
            words = f"The case '{name}' must define at least one task."
            message = f"the case `{name}` has no task; leave it out, or say what it does"
            yield _of(document, switch, "empty", message, (*switch.path, "cases", name), words)
    if switch.data.get("defaults") == [] and cases:
        words = "The default case must define at least one task."
        message = "`defaults` has no task; leave it out, or say what it does"
        yield _of(document, switch, "empty", message, (*switch.path, "defaults"), words)


def _working_directory(document: Document, directory: Written) -> Iterator[Problem]:
    if not directory.data.get("tasks"):
        path = (*directory.path, "tasks")
        yield document.problem(
            "empty",
            "a WorkingDirectory needs at least one task in `tasks`",
            path,
            legacy="The 'tasks' property cannot be empty",
            legacy_path=f"{document.legacy_path(path)}\n{document.legacy_path(directory.path)}",
        )
    for child in _members(directory):
        if issubclass(child.model, Structural) and child.model is not Sleep:
            message = f"`{child.id}` cannot stand here: a WorkingDirectory runs its tasks on one worker, one by one"
            words = "Only runnable tasks are allowed as children of a WorkingDirectory task"
            yield _of(document, directory, "not-runnable", message, (*child.path, "type"), words)
        yield from _routing_inside(document, directory, child)


def _routing_inside(document: Document, directory: Written, child: Written) -> Iterator[Problem]:
    for name in _ROUTING.keys() & child.data.keys():
        message = f"`{name}` cannot stand here: one worker runs all tasks of `{directory.id}`; write it there"
        words = (
            f"Cannot set a {_ROUTING[name]} in any WorkingDirectory sub-tasks,"
            " only supported at the WorkingDirectory level."
        )
        yield _of(document, directory, "misplaced", message, (*child.path, name), words)


def _only_for_runnables(document: Document, task: Written) -> Iterator[Problem]:
    for name in _FOR_RUNNABLES:
        if name in task.data and not (name == "timeout" and task.model in (Approval, Pause)):
            yield document.problem(
                "no-effect",
                f"`{name}` is only relevant for runnable tasks: it does nothing on `{task.id}`",
                (*task.path, name),
                span=document.key_span((*task.path, name)),
                severity=Severity.WARNING,
            )


def _slas(document: Document) -> Iterator[Problem]:
    needed = {"MAX_DURATION": "duration", "EXECUTION_ASSERTION": "assert"}
    for sla in entries(document, "sla"):
        name = needed.get(sla.type_name)
        if name is not None and sla.data.get(name) is None:
            path = (*sla.path, name)
            message = f"`{name}` is missing: an SLA of type {sla.type_name} needs it"
            legacy_path = document.legacy_path(path)
            yield document.problem("missing", message, path, legacy="must not be null", legacy_path=legacy_path)


def _of(document: Document, task: Written, code: str, message: str, path: Path, legacy: str) -> Problem:
    """A problem inside a task that the original tells of the task as a whole."""
    legacy_path = document.legacy_path(task.path)
    return document.problem(code, message, path, legacy=legacy, legacy_path=legacy_path)
