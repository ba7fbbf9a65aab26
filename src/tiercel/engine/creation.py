"""New executions: made complete here, so that the service that stores them needs no rule of its own."""

from datetime import datetime
from typing import Any

from tiercel.engine.plan import FlowContext
from tiercel.model.execution import Execution, Kind, Label, Metadata, ParentLink, TriggerInfo, born
from tiercel.model.ids import caused_execution_id, shard_of


def new_execution(
    context: FlowContext,
    *,
    id: str,
    at: datetime,
    inputs: dict[str, Any] | None = None,
    labels: tuple[Label, ...] = (),
    trigger: TriggerInfo | None = None,
    kind: Kind = Kind.NORMAL,
    schedule_date: datetime | None = None,
    cause_id: str | None = None,
    waits: ParentLink | None = None,
) -> Execution:
    """An execution in CREATED: nothing of it has run, `Created` sets it going."""
    return Execution(
        id=id,
        tenant=context.tenant,
        namespace=context.flow.namespace,
        flow_id=context.flow.id,
        flow_revision=context.revision,
        state=born(at),
        metadata=Metadata(attempt_number=1, original_created_date=at),
        kind=kind,
        labels=labels,
        inputs=inputs or {},
        trigger=trigger,
        schedule_date=schedule_date,
        original_id=id,
        cause_id=cause_id,
        waits=waits,
    )


def replacement(execution: Execution, *, at: datetime) -> Execution:
    """The execution that takes the place of one that ended RETRIED: same inputs, trigger and waiting parent."""
    milliseconds = int(at.timestamp() * 1000)
    identifier = caused_execution_id(milliseconds, shard=shard_of(execution.id), cause=("retry", execution.id))
    return Execution(
        id=identifier,
        tenant=execution.tenant,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        flow_revision=execution.flow_revision,
        state=born(at),
        metadata=Metadata(
            attempt_number=execution.metadata.attempt_number + 1,
            original_created_date=execution.metadata.original_created_date,
        ),
        kind=execution.kind,
        labels=with_labels(execution.labels, (Label("system.replay", "true"),)),
        inputs=execution.inputs,
        trigger=execution.trigger,
        parent_id=execution.id,
        original_id=execution.original_id or execution.id,
        cause_id=execution.cause_id,
        waits=execution.waits,
    )


def with_labels(labels: tuple[Label, ...], more: tuple[Label, ...]) -> tuple[Label, ...]:
    """The labels with more of them; a new value wins over an old one."""
    merged = {label.key: label.value for label in (*labels, *more)}
    return tuple(Label(key, value) for key, value in merged.items())
