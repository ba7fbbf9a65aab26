"""New executions: made complete here, so that the service that stores them needs no rule of its own."""

from datetime import datetime
from typing import Any

from tiercel.engine.plan import FlowContext
from tiercel.engine.turn import Turn
from tiercel.model.execution import Execution, Fixture, Kind, Label, Metadata, ParentLink, TriggerInfo, merged_labels
from tiercel.model.history import born
from tiercel.model.ids import caused_execution_id, iteration_id, shard_of
from tiercel.model.iteration import Item, Iteration, Root
from tiercel.model.task_run import TaskRun


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
    breakpoints: tuple[str, ...] = (),
    fixtures: tuple[Fixture, ...] = (),
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
        breakpoints=breakpoints,
        fixtures=fixtures,
        templates=dict(context.templates),
    )


def new_iteration(turn: Turn, run: TaskRun, item: Item, *, stores: bool = False) -> Execution:
    """An iteration of a Loop in CREATED: everything the execution knows now is known to it too."""
    execution, outer = turn.execution, turn.execution.iteration
    return Execution(
        id=iteration_of(execution, run, item.index),
        tenant=execution.tenant,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        flow_revision=execution.flow_revision,
        state=born(turn.at),
        metadata=Metadata(attempt_number=1, original_created_date=execution.metadata.original_created_date),
        kind=Kind.LOOP,
        labels=execution.labels,
        inputs=execution.inputs,
        variables=execution.variables,
        trigger=execution.trigger,
        parent_id=execution.id,
        cause_id=execution.id,
        waits=ParentLink(execution.id, run.ord, run.attempt),
        iteration=Iteration(
            root=_root(execution) if outer is None else outer.root,
            task_id=run.task_id,
            task_run_id=run.id,
            item=item,
            parents=() if outer is None else (*outer.parents, outer.item),
            stores=stores,
        ),
        fixtures=execution.fixtures,
        templates=execution.templates,
        results=turn.results,
    )


def iteration_of(execution: Execution, run: TaskRun, index: int) -> str:
    """The id of an iteration: known from the loop's task run alone, so that nobody has to keep it."""
    began = int(run.state.started.timestamp() * 1000)
    return iteration_id(began, shard=shard_of(execution.id), index=index, cause=("iteration", run.id, index))


def batch_execution(execution: Execution, run: TaskRun, index: int, *, attempt: int | None = None) -> str:
    """The id of the execution that a ForEachItem starts for a batch, likewise. Another attempt starts other ones; that
    of now is meant where none is named.
    """
    began = int(run.state.started.timestamp() * 1000)
    cause = ("batch", run.id, len(run.attempts) if attempt is None else attempt, index)
    return iteration_id(began, shard=shard_of(execution.id), index=index, cause=cause)


def _root(execution: Execution) -> Root:
    original = execution.original_id or execution.id
    return Root(execution.id, execution.state.started, original, execution.kind.value)


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
        labels=merged_labels(execution.labels, (Label("system.replay", "true"),)),
        inputs=execution.inputs,
        trigger=execution.trigger,
        parent_id=execution.id,
        original_id=execution.original_id or execution.id,
        cause_id=execution.cause_id,
        waits=execution.waits,
        templates=execution.templates,
    )
