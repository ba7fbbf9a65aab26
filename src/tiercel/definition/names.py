"""Which class models a place in a flow, and the names it knows there: for `did you mean`."""

from functools import cache
from typing import Any, cast

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from tiercel.definition.document import Document
from tiercel.definition.problem import Path
from tiercel.model.flow import (
    Check,
    Concurrency,
    DependsOn,
    Flow,
    Input,
    LabelText,
    Listener,
    Output,
    PluginDefault,
    Sla,
    Trigger,
)
from tiercel.model.flowable import DagTask, task_class
from tiercel.model.task import Authored, Retry, TaskCache, WorkerGroup, WorkerSelector

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
    if "task" in written and name == "tasks":
        return DagTask
    if name == "dependsOn":
        return DependsOn
    if name in _BY_NAME:
        return _BY_NAME[name]
    return task_class(str(written["type"])) if "type" in written else None


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
