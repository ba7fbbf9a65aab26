"""What the expressions of a flow and of its tasks name, known once per revision.

From it follow: which outputs and states the working set keeps, and which variables a job carries. `Names` is a tree of
names; a leaf stands for everything below it, and the empty path for the whole context.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Any, cast

from pydantic import BaseModel

from tiercel.expression import ExpressionError, compile
from tiercel.model.flow import Flow
from tiercel.model.task import Task

Path = tuple[str, ...]
Names = dict[str, "Names | None"]
"""Name → names below it; None: everything below it."""

CHILD_LISTS = frozenset(
    {
        "tasks",
        "errors",
        "finally_",
        "then",
        "else_",
        "cases",
        "defaults",
        "on_pause",
        "on_wait",
        "on_approve",
        "on_deny",
    }
)


def paths_of_task(task: Task) -> frozenset[Path]:
    """The paths that the task's own properties name, those of its children left out."""
    written = [getattr(task, name) for name in task.model_fields_set if name not in CHILD_LISTS]
    return paths_in([*written, task.properties])


def paths_of_flow(flow: Flow) -> frozenset[Path]:
    """The paths that the flow names outside its tasks."""
    outputs = [output.value for output in flow.outputs]
    slas = [sla.assert_ for sla in flow.sla]
    return paths_in([flow.variables, outputs, slas, [listener.conditions for listener in flow.listeners]])


def paths_in(value: Any) -> frozenset[Path]:
    """The paths that templates named anywhere inside a value. A template that cannot be read names nothing."""
    return frozenset(path for text in _texts(value) if "{" in text for path in _paths(text))


def names_of(paths: Iterable[Path]) -> Names | None:
    """The tree of the paths; None where they mean everything."""
    wanted = set(paths)
    return None if () in wanted else reduce(_add, sorted(wanted), cast(Names, {}))


def _add(names: Names, path: Path) -> Names:
    *way, last = path
    below: Names = names
    for name in way:
        further = below.setdefault(name, {})
        if further is None:
            return names
        below = further
    below[last] = None
    return names


def _paths(text: str) -> frozenset[Path]:
    try:
        template = compile(text)
    except ExpressionError:
        return frozenset()
    return frozenset({()}) if "render" in template.calls else template.names


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, entry in cast(dict[Any, Any], value).items():
                yield from _texts(key)
                yield from _texts(entry)
        case list() | tuple():
            for entry in cast(list[Any], value):
                yield from _texts(entry)
        case BaseModel():
            yield from _texts(value.model_dump())
        case _:
            return
