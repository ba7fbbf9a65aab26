"""Executions as the API shows them: the light form, the inner form, the webhook's form; and what they are made from.

Where each form is answered stands in the reference of the API; absent members are None and left out.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from tiercel.model.durations import format_duration
from tiercel.model.execution import Execution, Kind, Label, Metadata, TriggerInfo
from tiercel.model.history import History, Moment
from tiercel.model.task_run import Attempt, TaskRun


class Shown(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """Base of what is shown."""


class ApiState(Shown, frozen=True, kw_only=True):
    current: str
    histories: tuple[Moment, ...]
    duration: str | None = None
    start_date: datetime
    end_date: datetime | None = None


class ApiAttempt(Shown, frozen=True, kw_only=True):
    state: ApiState
    worker_id: str | None = None
    log_file: str | None = None


class ApiTaskRun(Shown, frozen=True, kw_only=True):
    """The light form: outputs are asked for by themselves."""

    id: str
    task_id: str
    parent_task_run_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    dynamic: bool = False
    force_execution: bool = False
    attempts: tuple[ApiAttempt, ...] = ()
    state: ApiState


class InnerTaskRun(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    id: str
    execution_id: str
    namespace: str
    flow_id: str
    task_id: str
    parent_task_run_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    attempts: tuple[ApiAttempt, ...] = ()
    state: ApiState
    outputs: dict[str, Any] | None
    """The map, or null until there is one: never left out."""


class ApiTrigger(Shown, frozen=True, kw_only=True):
    id: str
    type: str
    variables: dict[str, Any] = {}
    log_file: str | None = None


class ApiItem(Shown, frozen=True, kw_only=True):
    """What an iteration of a Loop is for."""

    index: int
    value: str
    key: str | None = None


class ApiLoopParent(Shown, frozen=True, kw_only=True):
    """The execution whose loop it is; the rest of it has a route of its own."""

    id: str
    namespace: str
    flow_id: str
    flow_revision: int


class ApiLoopRun(Shown, frozen=True, kw_only=True):
    """Where an iteration of a Loop belongs."""

    parent: ApiLoopParent
    task_id: str
    task_run_id: str
    index: int
    value: str
    key: str | None = None
    parents: tuple[ApiItem, ...] = ()
    """The items of the loops around, outermost first."""


class ApiExecution(Shown, frozen=True, kw_only=True):
    """The light form: what GET and search give (search without `taskRunList`)."""

    tenant_id: str
    id: str
    namespace: str
    flow_id: str
    flow_revision: int
    task_run_list: tuple[ApiTaskRun, ...] | None = None
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None
    labels: tuple[Label, ...] = ()
    variables: dict[str, Any] | None = None
    state: ApiState
    parent_id: str | None = None
    original_id: str | None = None
    trigger: ApiTrigger | None = None
    metadata: Metadata | None = None
    schedule_date: datetime | None = None
    kind: str | None = None
    loop_run: ApiLoopRun | None = None


class InnerExecution(Shown, frozen=True, kw_only=True):
    """The inner form: what creating, the verbs and the follow stream give."""

    id: str
    namespace: str
    flow_id: str
    flow_revision: int
    task_run_list: tuple[InnerTaskRun, ...] | None = None
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None
    labels: tuple[Label, ...] = ()
    variables: dict[str, Any] | None = None
    state: ApiState
    parent_id: str | None = None
    original_id: str | None = None
    trigger: ApiTrigger | None = None
    deleted: bool = msgspec.field(default_factory=lambda: False)
    metadata: Metadata | None = None
    schedule_date: datetime | None = None
    kind: str | None = None
    loop_run: ApiLoopRun | None = None
    url: str | None = None


class WebhookExecution(Shown, frozen=True, kw_only=True):
    """What a webhook call is answered with."""

    tenant_id: str
    id: str
    namespace: str
    flow_id: str
    flow_revision: int
    trigger: ApiTrigger | None = None
    outputs: dict[str, Any] | None = None
    labels: tuple[Label, ...] = ()
    state: ApiState
    url: str | None = None


def light(execution: Execution, runs: Iterable[TaskRun] | None = None) -> ApiExecution:
    """The light form; without `runs` that of a list."""
    return ApiExecution(
        tenant_id=execution.tenant,
        task_run_list=None if runs is None else tuple(map(light_run, runs)),
        metadata=None if runs is None else execution.metadata,
        variables=None if runs is None else execution.variables,
        **_common(execution),
    )


def inner(execution: Execution, runs: Iterable[TaskRun], *, url: str | None = None) -> InnerExecution:
    shown = tuple(inner_run(execution, run) for run in runs)
    return InnerExecution(
        task_run_list=shown or None,
        metadata=execution.metadata,
        variables=execution.variables,
        url=url,
        **_common(execution),
    )


def webhook(execution: Execution, *, url: str | None, outputs: dict[str, Any] | None = None) -> WebhookExecution:
    return WebhookExecution(
        tenant_id=execution.tenant,
        id=execution.id,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        flow_revision=execution.flow_revision,
        trigger=_trigger(execution.trigger),
        outputs=outputs,
        labels=execution.labels,
        state=state(execution.state),
        url=url,
    )


def _common(execution: Execution) -> dict[str, Any]:
    return {
        "id": execution.id,
        "namespace": execution.namespace,
        "flow_id": execution.flow_id,
        "flow_revision": execution.flow_revision,
        "inputs": execution.inputs or None,
        "outputs": execution.outputs or None,
        "labels": execution.labels,
        "state": state(execution.state),
        "parent_id": execution.parent_id,
        "original_id": execution.original_id,
        "trigger": _trigger(execution.trigger),
        "schedule_date": execution.schedule_date,
        "kind": None if execution.kind is Kind.NORMAL else execution.kind.value,
        "loop_run": _loop_run(execution),
    }


def _loop_run(execution: Execution) -> ApiLoopRun | None:
    iteration = execution.iteration
    if iteration is None:
        return None
    return ApiLoopRun(
        parent=ApiLoopParent(
            id=execution.parent_id or "",
            namespace=execution.namespace,
            flow_id=execution.flow_id,
            flow_revision=execution.flow_revision,
        ),
        task_id=iteration.task_id,
        task_run_id=iteration.task_run_id,
        index=iteration.item.index,
        value=iteration.item.value,
        key=iteration.item.key,
        parents=tuple(ApiItem(index=item.index, value=item.value, key=item.key) for item in iteration.parents),
    )


def light_run(run: TaskRun) -> ApiTaskRun:
    return ApiTaskRun(
        id=run.id,
        task_id=run.task_id,
        parent_task_run_id=run.parent_task_run_id,
        value=run.value,
        iteration=run.iteration,
        dynamic=run.dynamic,
        force_execution=run.force_execution,
        attempts=tuple(map(_attempt, run.attempts)),
        state=state(run.state),
    )


def inner_run(execution: Execution, run: TaskRun) -> InnerTaskRun:
    return InnerTaskRun(
        id=run.id,
        execution_id=execution.id,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        task_id=run.task_id,
        parent_task_run_id=run.parent_task_run_id,
        value=run.value,
        iteration=run.iteration,
        attempts=tuple(map(_attempt, run.attempts)),
        state=state(run.state),
        outputs=run.outputs,
    )


def state(history: History) -> ApiState:
    duration = history.duration
    return ApiState(
        current=history.current.value,
        histories=history.histories,
        duration=None if duration is None else format_duration(duration),
        start_date=history.started,
        end_date=history.ended,
    )


def _attempt(attempt: Attempt) -> ApiAttempt:
    return ApiAttempt(state=state(attempt.state), worker_id=attempt.worker_id, log_file=attempt.log_file)


def _trigger(trigger: TriggerInfo | None) -> ApiTrigger | None:
    if trigger is None:
        return None
    return ApiTrigger(id=trigger.id, type=trigger.type, variables=trigger.variables, log_file=trigger.log_file)
