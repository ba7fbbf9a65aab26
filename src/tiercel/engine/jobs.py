"""A task run as a job: what a worker needs to know, and no more."""

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any, cast

from tiercel.engine.commands import Job, JobPart
from tiercel.engine.plan import FlowContext, Node
from tiercel.engine.reads import Names
from tiercel.engine.retries import policy_of, renews
from tiercel.engine.runs import child_of
from tiercel.engine.variables import Variables, variables
from tiercel.model.execution import Execution
from tiercel.model.flowable import Sleep, WorkingDirectory
from tiercel.model.spilled import is_spilled
from tiercel.model.task import Task
from tiercel.model.task_run import TaskRun

MOST_NAMES = 200
"""How many names a job brings along to say what is there instead of one that is not."""


def job(context: FlowContext, execution: Execution, ord: int, *, at: datetime, seed: int) -> Job:
    """The current attempt of a task run, with those variables that its expressions name."""
    run = execution.runs[ord]
    node = context.nodes[run.task_id]
    task = node.task
    seen = variables(context, execution, ord)
    chosen = picked(seen, node.names)
    return Job(
        execution_id=execution.id,
        tenant=execution.tenant,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        flow_revision=execution.flow_revision,
        ord=ord,
        attempt=run.attempt,
        task_run_id=run.id,
        task_id=task.id,
        type=task.type,
        properties=own_properties(task),
        at=at,
        seed=seed,
        zone=context.world.zone.key,
        dialect=context.world.dialect,
        timeout=None if node.is_directory else task.timeout,
        log_level=task.log_level,
        log_to_file=task.log_to_file,
        task_cache=None if task.task_cache is None else task.task_cache.model_dump(by_alias=True),
        force_execution=run.force_execution,
        variables=chosen,
        left_out=_left_out(context, seen, node.names, chosen),
        value=run.value,
        iteration=run.iteration,
        parts=_parts(context, execution, run) if node.is_directory else (),
        place=run.place if node.is_directory else (),
        **_routing(context, task),
    )


def own_properties(task: Task) -> dict[str, Any]:
    """The properties of the task's own type, raw; of those that the engine knows itself, what a worker looks at."""
    match task:
        case WorkingDirectory():
            return task.model_dump(by_alias=True, exclude_none=True, include=_OF_DIRECTORY)
        case Sleep():
            return {"duration": task.duration}
        case _:
            return task.properties


_OF_DIRECTORY = {"cache", "namespace_files", "input_files", "output_files"}


def _parts(context: FlowContext, execution: Execution, run: TaskRun) -> tuple[JobPart, ...]:
    children = context.nodes[run.task_id].blocks["tasks"]
    return tuple(_job_part(context, execution, run, context.nodes[child]) for child in children)


def _job_part(context: FlowContext, execution: Execution, run: TaskRun, node: Node) -> JobPart:
    """A child as the worker runs it: with the identity that its task run will have."""
    task = node.task
    child = child_of(execution, run, node, generation=len(run.attempts))
    seen = Variables(context, execution, child)
    policy = policy_of(node)
    is_ours = policy is not None and not renews(execution, policy)
    return JobPart(
        task_run_id=child.id,
        task_id=task.id,
        alias=next((alias for alias, name in node.aliases.items() if name == task.id), None),
        type=task.type,
        properties=own_properties(task),
        run_if=task.run_if,
        timeout=task.timeout,
        retry=policy.model_dump(by_alias=True, exclude_none=True) if policy and is_ours else None,
        allow_failure=task.allow_failure,
        log_level=task.log_level,
        log_to_file=task.log_to_file,
        task_cache=None if task.task_cache is None else task.task_cache.model_dump(by_alias=True),
        variables={name: plain(seen[name]) for name in _OWN_NAMES if name in seen},
    )


_OWN_NAMES = ("task", "taskrun", "parent", "parents")
"""What differs between the children of a WorkingDirectory."""


def _routing(context: FlowContext, task: Task) -> dict[str, Any]:
    """Which workers may take it: the task's own words, else the flow's. A worker group is a tag."""
    selector = task.worker_selector or context.flow.worker_selector
    group = task.worker_group or context.flow.worker_group
    if selector is not None:
        return {"tags": selector.tags, "any_tag": selector.match == "ANY", "fallback": selector.fallback}
    if group is not None and group.key is not None:
        return {"tags": (group.key,), "fallback": group.fallback}
    return {}


def picked(variables: Mapping[str, Any], names: Names | None) -> dict[str, Any]:
    """The part of the variables that the names mean, as plain data; everything where they mean everything."""
    if names is None:
        return {name: plain(variables[name]) for name in variables}
    return {name: _part(variables[name], below) for name, below in names.items() if name in variables}


def _left_out(
    context: FlowContext, seen: Mapping[str, Any], names: Names | None, chosen: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    """What stands beside the names that are meant and absent. Outputs that nobody means are not kept: tasks stand for them."""
    beside = left_out(seen, names, chosen)
    return {**beside, "outputs": tuple(islice(context.nodes, MOST_NAMES))} if "outputs" in beside else beside


def left_out(
    variables: Mapping[str, Any], names: Names | None, chosen: Mapping[str, Any], path: str = ""
) -> dict[str, tuple[str, ...]]:
    """The names that are there where one that is meant is not, by the path of what holds them."""
    if names is None:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    if any(name not in chosen for name in names):
        found[path] = tuple(islice(variables, MOST_NAMES))
    for name, below in names.items():
        inner = chosen.get(name)
        if below is not None and isinstance(inner, Mapping) and not is_spilled(inner):
            held = cast(Mapping[str, Any], inner)
            found |= left_out(variables[name], below, held, f"{path}.{name}" if path else name)
    return found


def _part(value: Any, names: Names | None) -> Any:
    if names is None or not isinstance(value, Mapping) or is_spilled(value):
        return plain(value)
    return picked(cast(Mapping[str, Any], value), names)


def plain(value: Any) -> Any:
    """The value with every kind of mapping turned into a dict; data that is plain already is not copied."""
    if not isinstance(value, Mapping) or isinstance(value, dict):
        return cast(Any, value)
    mapping = cast(Mapping[str, Any], value)
    return {key: plain(mapping[key]) for key in mapping}
