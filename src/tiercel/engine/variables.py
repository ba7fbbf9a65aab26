"""What expressions may name: built name by name, and only when a template asks (spec: executor.md §16)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from tiercel.engine.plan import NO_ALIASES, FlowContext
from tiercel.engine.results import with_state
from tiercel.model.execution import Execution, Label
from tiercel.model.headers import with_headers
from tiercel.model.iteration import Item
from tiercel.model.states import State
from tiercel.model.task_run import ROOT, TaskRun

HOLD_OUTPUTS = frozenset({"outputs", "inputs", "parent", "parents", "execution", "trigger", "schedule", "iteration"})
"""The names below which outputs or inputs stand, so that some of it may lie in internal storage."""


class Variables(Mapping[str, Any]):
    """The context of one task run, or of the whole execution. A name is built when it is first looked up."""

    __slots__ = ("_also", "_built", "context", "execution", "run")

    def __init__(
        self, context: FlowContext, execution: Execution, run: TaskRun | None, also: Mapping[str, Any] | None = None
    ) -> None:
        self.context = context
        self.execution = execution
        self.run = run
        self._also = also or {}
        self._built: dict[str, Any] = dict(self._also)

    def __getitem__(self, name: str) -> Any:
        built = self._built
        if name not in built:
            if name not in self:
                raise KeyError(name)
            built[name] = _BUILDERS[name](self)
        return built[name]

    def __contains__(self, name: object) -> bool:
        if name in self._also:
            return True
        if name not in _BUILDERS:
            return False
        condition = _CONDITIONS.get(name)
        return condition is None or condition(self)

    def __iter__(self) -> Iterator[str]:
        return (name for name in {**_BUILDERS, **self._also} if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def variables(
    context: FlowContext, execution: Execution, ord: int | None = None, *, also: Mapping[str, Any] | None = None
) -> Variables:
    """The context of the task run `ord`, or of the execution without one, and what is given beside."""
    return Variables(context, execution, None if ord is None else execution.runs[ord], also)


def _vars(asked: Variables) -> dict[str, Any]:
    own = asked.execution.variables
    return asked.context.flow.variables if own is None else own


def _flow(asked: Variables) -> dict[str, Any]:
    execution = asked.execution
    return {
        "id": execution.flow_id,
        "namespace": execution.namespace,
        "revision": execution.flow_revision,
        "tenantId": asked.context.tenant,
    }


def _execution(asked: Variables) -> dict[str, Any]:
    """Within a loop that is the execution which the loop belongs to."""
    execution = asked.execution
    if execution.iteration is not None:
        root = execution.iteration.root
        return {
            "id": root.id,
            "state": State.RUNNING.value,
            "startDate": instant_text(root.started),
            "originalId": root.original_id,
        }
    shown: dict[str, Any] = {
        "id": execution.id,
        "state": execution.state.current.value,
        "startDate": instant_text(execution.state.started),
        "originalId": execution.original_id or execution.id,
    }
    if execution.is_over and execution.state.ended is not None:
        shown["endDate"] = instant_text(execution.state.ended)
    if execution.outputs is not None:
        shown["outputs"] = execution.outputs
    return shown


def _trigger(asked: Variables) -> dict[str, Any]:
    trigger = asked.execution.trigger
    if trigger is None:
        return {}
    return {**with_headers(trigger.variables), "_context": {"id": trigger.id, "type": trigger.type}}


def _task(asked: Variables) -> dict[str, Any]:
    task = asked.context.nodes[_run(asked).task_id].task
    return {"id": task.id, "type": task.type}


def _taskrun(asked: Variables) -> dict[str, Any]:
    run = _run(asked)
    shown: dict[str, Any] = {
        "id": run.id,
        "startDate": instant_text(run.state.started),
        "attemptsCount": run.attempt - 1,
    }
    optional = {"parentId": run.parent_task_run_id, "value": run.value, "iteration": run.iteration}
    return shown | {name: value for name, value in optional.items() if value is not None}


def _parents(asked: Variables) -> list[dict[str, Any]]:
    """The task runs above, nearest first; those of loops have a value, those that gave outputs have them."""
    execution, run = asked.execution, _run(asked)
    found: list[dict[str, Any]] = []
    while run.parent != ROOT:
        run = execution.runs[run.parent]
        shown: dict[str, Any] = {}
        if run.value is not None:
            shown["taskrun"] = {"value": run.value}
        if run.outputs is not None:
            shown["outputs"] = run.outputs
        if shown:
            found.append(shown)
    return found or [{}]


def _item(asked: Variables) -> dict[str, Any]:
    """What the iteration is for, and the items of the loops around it, outermost first."""
    iteration = asked.execution.iteration
    if iteration is None:
        raise KeyError("item")
    shown = shown_item(iteration.item)
    if iteration.parents:
        parents = [shown_item(item) for item in iteration.parents]
        shown |= {"parent": parents[-1], "parents": parents}
    return shown


def shown_item(item: Item) -> dict[str, Any]:
    """An item as expressions see it."""
    return {"index": item.index, "value": item.value} | ({} if item.key is None else {"key": item.key})


def _outputs(asked: Variables) -> Mapping[str, Any]:
    return asked.execution.results.known_as(_aliases(asked))


def _aliases(asked: Variables) -> Mapping[str, str]:
    """What the template calls other tasks that the task stands in, or the loop."""
    iteration = asked.execution.iteration
    if asked.run is not None:
        return asked.context.nodes[asked.run.task_id].aliases
    return NO_ALIASES if iteration is None else asked.context.nodes[iteration.task_id].aliases


def _states(asked: Variables) -> Mapping[str, Any]:
    """Of the task runs that ended and of those that are open."""
    states = asked.execution.states
    for run in sorted(asked.execution.runs.values(), key=lambda run: run.ord):
        states = with_state(asked.context, states, run)
    return states.known_as(_aliases(asked))


def _run(asked: Variables) -> TaskRun:
    if asked.run is None:
        raise KeyError("taskrun")
    return asked.run


def nested_labels(labels: tuple[Label, ...]) -> dict[str, Any]:
    """Labels by key, dots opening levels; of two with one key the last wins."""
    nested: dict[str, Any] = {}
    for label in labels:
        *way, last = label.key.split(".")
        level = nested
        for name in way:
            below = level.get(name)
            level[name] = level = cast(dict[str, Any], below) if isinstance(below, dict) else {}
        level[last] = label.value
    return nested


def instant_text(instant: datetime) -> str:
    """An instant as expressions print it: UTC, six digits or none."""
    return instant.isoformat().replace("+00:00", "Z")


_BUILDERS: dict[str, Callable[[Variables], Any]] = {
    "flow": _flow,
    "execution": _execution,
    "outputs": _outputs,
    "tasks": _states,
    "inputs": lambda asked: asked.execution.inputs,
    "trigger": _trigger,
    "schedule": lambda asked: asked["trigger"],
    "labels": lambda asked: nested_labels(asked.execution.labels),
    "vars": _vars,
    "task": _task,
    "taskrun": _taskrun,
    "parent": lambda asked: asked["parents"][0],
    "parents": _parents,
    "item": _item,
    "envs": lambda asked: asked.context.world.envs,
    "globals": lambda asked: asked.context.world.globals,
    "kestra": lambda asked: {"environment": asked.context.world.environment, "url": asked.context.world.url},
}


def _has_run(asked: Variables) -> bool:
    return asked.run is not None


def _is_scheduled(asked: Variables) -> bool:
    """Flows of 1.x may name the dates of a Schedule so."""
    trigger = asked.execution.trigger
    return trigger is not None and trigger.type.endswith(".Schedule")


def _has_parent(asked: Variables) -> bool:
    return asked.run is not None and asked.run.parent != ROOT


# Names that are not always there. Empty `vars` are not: `vars.x` then lacks its first name, as in the original.
_CONDITIONS: dict[Any, Callable[[Variables], bool]] = {
    "tasks": lambda asked: asked.context.reads_states,
    "trigger": lambda asked: asked.execution.trigger is not None,
    "schedule": _is_scheduled,
    "vars": lambda asked: bool(_vars(asked)),
    "task": _has_run,
    "taskrun": _has_run,
    "parent": _has_parent,
    "parents": _has_parent,
    "item": lambda asked: asked.execution.iteration is not None,
}
