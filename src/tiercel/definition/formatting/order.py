"""In which order properties are written. What an author made up (variables, inputs, headers) keeps the author's order."""

from typing import NamedTuple

from tiercel.definition.formatting.tree import Collection, Entry, Node, Scalar
from tiercel.model.flowable import Structural, task_class

FIRST_OF_FLOW = [
    "id",
    "namespace",
    "tenantId",
    "revision",
    "description",
    "labels",
    "disabled",
    "draft",
    "inputs",
    "variables",
    "checks",
    "concurrency",
    "retry",
    "sla",
    "quotas",
    "workerGroup",
    "workerSelector",
    "policyRefs",
    "extend",
    "tasks",
    "errors",
    "finally",
    "afterExecution",
    "listeners",
    "outputs",
    "triggers",
    "pluginDefaults",
    "taskDefaults",
]
FIRST_OF_TASK = ["id", "type", "version", "description", "disabled", "when", "runIf"]
LAST_OF_TASK = [
    "onPause",
    "onResume",
    "then",
    "else",
    "cases",
    "tasks",
    "defaults",
    "onWait",
    "onApprove",
    "onDeny",
    "errors",
    "finally",
]
FIRST_OF_TRIGGER = ["id", "type", "version", "description", "disabled", "when", "conditions"]
FIRST_OF_INPUT = ["id", "name", "type", "displayName", "description", "required"]
FIRST_OF_OUTPUT = ["id", "type", "displayName", "description", "value"]
FIRST_OF_RETRY = [
    "type",
    "behavior",
    "interval",
    "minInterval",
    "maxInterval",
    "delayFactor",
    "maxAttempts",
    "maxAttempt",
    "maxDuration",
]


class Role(NamedTuple):
    """What a mapping is, and thereby which of its properties come first and last."""

    name: str
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()


FLOW = Role("flow", tuple(FIRST_OF_FLOW))
TASK = Role("task", tuple(FIRST_OF_TASK), tuple(LAST_OF_TASK))
DAG_TASK = Role("entry of a Dag", ("task", "dependsOn"))
TRIGGER = Role("trigger", tuple(FIRST_OF_TRIGGER))
INPUT = Role("input", tuple(FIRST_OF_INPUT))
OUTPUT = Role("output", tuple(FIRST_OF_OUTPUT))
RETRY = Role("retry", tuple(FIRST_OF_RETRY))
CASES = Role("cases")
LISTENER = Role("listener")
PLAIN = Role("")

_WITHIN: dict[Role, dict[str, Role]] = {
    FLOW: {
        **dict.fromkeys(("tasks", "errors", "finally", "afterExecution"), TASK),
        "triggers": TRIGGER,
        "inputs": INPUT,
        "outputs": OUTPUT,
        "retry": RETRY,
        "listeners": LISTENER,
    },
    LISTENER: {"tasks": TASK},
    DAG_TASK: {"task": TASK},
    INPUT: {"inputs": INPUT},
}
_TASKS_OF_TASK = ("tasks", "then", "else", "defaults", "errors", "finally", "onWait", "onApprove", "onDeny", "onPause")


def role_within(role: Role, around: Collection, name: str) -> Role:
    """What stands under a name; lists are transparent: the role is that of their entries."""
    if role is CASES:
        return TASK
    if role is not TASK:
        return _WITHIN.get(role, {}).get(name, PLAIN)
    if name == "retry":
        return RETRY
    if not _is_structural(around):
        return PLAIN
    if name in _TASKS_OF_TASK:
        return DAG_TASK if name == "tasks" and _is_dag(around) else TASK
    return {"cases": CASES, "onResume": INPUT}.get(name, PLAIN)


def ordered(collection: Collection, role: Role) -> list[Entry]:
    """The entries in the order in which they are written."""
    if not collection.is_mapping or not role.first:
        return collection.entries
    first = {name: place for place, name in enumerate(role.first)}
    last = {name: len(first) + 1 + place for place, name in enumerate(role.last)}
    ranks = {**last, **first, "<<": -1}
    return sorted(collection.entries, key=lambda entry: ranks.get(_name(entry), len(first)))


def _name(entry: Entry) -> str:
    return "" if entry.key is None else entry.key.value


def _type(task: Collection) -> str:
    found: Node | None = task.get("type")
    return found.value if isinstance(found, Scalar) else ""


def _is_structural(task: Collection) -> bool:
    return issubclass(task_class(_type(task)), Structural)


def _is_dag(task: Collection) -> bool:
    return _type(task).rpartition(".")[2] == "Dag"
