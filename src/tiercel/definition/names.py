"""Which class models a place in a flow, and the names it knows there: for `did you mean`."""

from collections.abc import Iterator
from functools import cache
from typing import Any, cast, get_args

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from tiercel.definition.document import Document
from tiercel.definition.problem import Path
from tiercel.model.conditions import Condition, TimeWindow, condition_class
from tiercel.model.flow import (
    Check,
    Concurrency,
    DependsOn,
    Flow,
    Input,
    Listener,
    Output,
    PluginDefault,
    Sla,
    Trigger,
)
from tiercel.model.flowable import DagTask, task_class
from tiercel.model.labels import LabelText
from tiercel.model.task import Authored, Retry, Task, TaskCache, WorkerGroup, WorkerSelector

_BY_NAME: dict[str, type[Authored]] = {
    "inputs": Input,
    "onResume": Input,
    "outputs": Output,
    "triggers": Trigger,
    "concurrency": Concurrency,
    "retry": Retry,
    "sla": Sla,
    "checks": Check,
    "listeners": Listener,
    "pluginDefaults": PluginDefault,
    "taskDefaults": PluginDefault,
    "workerGroup": WorkerGroup,
    "workerSelector": WorkerSelector,
    "taskCache": TaskCache,
    "labels": LabelText,
}


def class_at(document: Document, path: Path) -> type[Authored] | None:
    """The class of the mapping a path leads to."""
    if not path:
        return Flow
    value = document.at(path)
    written = cast(dict[str, Any], value) if isinstance(value, dict) else {}
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    if "task" in written and "type" not in written and name == "tasks":
        return DagTask
    if name == "dependsOn":
        return DependsOn
    if name in _BY_NAME:
        return _BY_NAME[name]
    if "conditions" in path or "scheduleConditions" in path:
        return TimeWindow if name == "timeWindow" else condition_class(str(written.get("type")))
    if "type" in written and name not in _names_of_fields(class_at(document, _owner(path))):
        return task_class(str(written["type"]))
    return _class_of_field(class_at(document, _owner(path)), name)


def _owner(path: Path) -> Path:
    """The way to the mapping that holds a property, whose value may be a list."""
    *before, last = path
    return tuple(before[:-1] if isinstance(last, int) else before)


@cache
def _names_of_fields(known: type[Authored] | None) -> frozenset[str]:
    """The properties of a class that hold objects of one class of their own."""
    return frozenset(name for name in property_names(known) if _class_of_field(known, name) is not None)


@cache
def _class_of_field(known: type[Authored] | None, name: str) -> type[Authored] | None:
    """The class of what stands in a property, alone or in a list; None for tasks, which are of many classes."""
    fields = {} if known is None else known.model_fields
    info = next((info for field, info in fields.items() if name in _names(field, info)), None)
    found = None if info is None else next(_classes(info.annotation), None)
    return None if found is None or issubclass(found, Task | Condition) else found


def _classes(annotation: Any) -> Iterator[type[Authored]]:
    if isinstance(annotation, type) and issubclass(annotation, Authored):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)


@cache
def property_names(known: type[Authored] | None) -> frozenset[str]:
    """The names a class knows, aliases too."""
    fields = {} if known is None else known.model_fields
    return frozenset(name for field, info in fields.items() for name in _names(field, info))


def _names(field: str, info: FieldInfo) -> list[str]:
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        return [choice for choice in alias.choices if isinstance(choice, str) and "_" not in choice]
    return [alias] if isinstance(alias, str) else [field]
