"""A task run as a job: what a worker needs to know, and no more."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from tiercel.engine.messages import Job
from tiercel.engine.plan import FlowContext
from tiercel.engine.reads import Names
from tiercel.engine.variables import variables
from tiercel.model.execution import Execution
from tiercel.model.task import Task


def job(context: FlowContext, execution: Execution, ord: int, *, at: datetime, seed: int) -> Job:
    """The current attempt of a task run, with those variables that its expressions name."""
    run = execution.runs[ord]
    node = context.nodes[run.task_id]
    task = node.task
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
        properties=task.properties,
        at=at,
        seed=seed,
        zone=context.world.zone.key,
        timeout=task.timeout,
        log_level=task.log_level,
        log_to_file=task.log_to_file,
        task_cache=None if task.task_cache is None else task.task_cache.model_dump(by_alias=True),
        force_execution=run.force_execution,
        variables=picked(variables(context, execution, ord), node.names),
        value=run.value,
        iteration=run.iteration,
        **_routing(context, task),
    )


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


def _part(value: Any, names: Names | None) -> Any:
    if names is None or not isinstance(value, Mapping):
        return plain(value)
    return picked(cast(Mapping[str, Any], value), names)


def plain(value: Any) -> Any:
    """The value with every kind of mapping turned into a dict; data that is plain already is not copied."""
    if not isinstance(value, Mapping) or isinstance(value, dict):
        return cast(Any, value)
    mapping = cast(Mapping[str, Any], value)
    return {key: plain(mapping[key]) for key in mapping}
