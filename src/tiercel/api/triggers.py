"""Triggers: searched with their state, and given backfills."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from starlette.responses import Response

from tiercel.api.answers import Page, Paging, json_answer
from tiercel.api.call import Call
from tiercel.api.problems import ApiError, not_found
from tiercel.api.routing import JSON, route
from tiercel.api.sorting import order_of
from tiercel.model.trigger import Backfill, TriggerId, TriggerState
from tiercel.ports.triggers import TriggerStore
from tiercel.services.backfills import Backfills
from tiercel.services.registry import Registry, UnreadableFlow

FIELDS = ("q", "scope", "namespace", "flowId", "triggerId", "triggerState", "workerId", "startDate", "endDate")
ORDERS = ("triggerId", "flowId", "namespace", "nextExecutionDate")


class ApiBackfill(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    start: datetime
    end: datetime | None = None
    current_date: datetime
    paused: bool = msgspec.field(default_factory=lambda: False)
    inputs: dict[str, Any] | None = None
    labels: list[dict[str, str]] | None = None
    previous_next_execution_date: datetime | None = None
    parallelism: int = msgspec.field(default_factory=lambda: 1)
    """How many of its executions may run at once."""
    started: int = msgspec.field(default_factory=lambda: 0)
    """How many executions it has started so far."""
    progress: float = msgspec.field(default_factory=lambda: 0.0)
    """How much of the time from start to end its dates have passed, from 0 to 1."""


class ApiTriggerState(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    namespace: str
    flow_id: str
    trigger_id: str
    updated_at: datetime
    evaluated_at: datetime | None = None
    next_evaluation_date: datetime | None = None
    last_triggered_date: datetime | None = None
    backfill: ApiBackfill | None = None
    disabled: bool = msgspec.field(default_factory=lambda: False)
    locked: bool = msgspec.field(default_factory=lambda: False)
    execution_id: str | None = None
    worker_id: str | None = None
    kind: str


class TriggerPair(msgspec.Struct, frozen=True):
    """A trigger as it is written in its flow, and how it stands."""

    trigger: dict[str, Any]
    state: ApiTriggerState


class BackfillWish(msgspec.Struct, frozen=True, rename="camel"):
    start: datetime
    end: datetime | None = None
    inputs: dict[str, Any] | None = None
    labels: list[dict[str, str]] | None = None
    parallelism: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    """How many of its executions may run at once; they may then end in another order than that of their dates."""


class BackfillRequest(TriggerId, frozen=True, rename="camel"):
    backfill: BackfillWish


class Triggers:
    """The routes of triggers."""

    def __init__(self, *, store: TriggerStore, registry: Registry, backfills: Backfills) -> None:
        self._store = store
        self._registry = registry
        self._backfills = backfills

    @route(
        "GET", "/triggers/search", operation="searchTriggers", query=Paging, filters=FIELDS, answers=Page[TriggerPair]
    )
    async def search(self, call: Call) -> Response:
        """Search triggers"""
        states, total = await self._found(call)
        return json_answer(Page([TriggerPair(self._written(each), shown(each)) for each in states], total))

    async def _found(self, call: Call) -> tuple[list[TriggerState], int]:
        paging = call.query(Paging)
        order, descending = order_of(paging.sort, allowed=ORDERS, default=("triggerId", False))
        return await self._store.search(
            call.tenant, call.filters(), order=order, descending=descending, page=paging.page, size=paging.size
        )

    @route(
        "PUT",
        "/triggers/backfill/create",
        operation="createBackfill",
        accepts=(JSON,),
        body=BackfillRequest,
        answers=ApiTriggerState,
    )
    async def create_backfill(self, call: Call) -> Response:
        """Run a schedule for dates of the past"""
        request = await call.json(BackfillRequest)
        wish = request.backfill
        if wish.end is not None and wish.end <= wish.start:
            raise ApiError("invalid-entity", f"backfill.end: {wish.end.isoformat()} is not after backfill.start")
        backfill = Backfill(
            start=wish.start, end=wish.end, inputs=wish.inputs, labels=wish.labels, parallelism=wish.parallelism
        )
        trigger = TriggerId(request.namespace, request.flow_id, request.trigger_id)
        return json_answer(shown(await self._backfills.create(call.tenant, trigger, backfill)))

    @route(
        "GET",
        "/triggers/{namespace}/{flowId}",
        operation="searchTriggersForFlow",
        query=Paging,
        answers=Page[ApiTriggerState],
    )
    async def of_flow(self, call: Call) -> Response:
        """List the triggers of a flow"""
        ids = self._ids(call)
        states = [state for each in ids if (state := await self._store.get(call.tenant, each)) is not None]
        return json_answer(Page([shown(state) for state in states], len(states)))

    def _ids(self, call: Call) -> list[TriggerId]:
        namespace, flow_id = call.path["namespace"], call.path["flowId"]
        stored = self._registry.latest(call.tenant, namespace, flow_id)
        if stored is None:
            raise not_found("Flow not found")
        triggers = self._registry.deployed(stored).flow.triggers
        return [TriggerId(namespace, flow_id, trigger.id) for trigger in triggers]

    def _written(self, state: TriggerState) -> dict[str, Any]:
        stored = self._registry.latest(state.tenant, state.namespace, state.flow_id)
        if stored is None:
            return {"id": state.trigger_id}
        try:
            triggers = self._registry.deployed(stored).flow.triggers
        except UnreadableFlow:
            return {"id": state.trigger_id}
        written = (
            each.model_dump(mode="json", by_alias=True, exclude_unset=True)
            for each in triggers
            if each.id == state.trigger_id
        )
        return next(written, {"id": state.trigger_id})


def shown(state: TriggerState) -> ApiTriggerState:
    return ApiTriggerState(
        namespace=state.namespace,
        flow_id=state.flow_id,
        trigger_id=state.trigger_id,
        updated_at=state.updated,
        evaluated_at=state.record.evaluated,
        next_evaluation_date=_next(state),
        last_triggered_date=state.record.last_triggered,
        backfill=None if state.backfill is None else _backfill(state.backfill),
        disabled=state.disabled,
        locked=state.execution_id is not None or state.evaluation is not None,
        execution_id=state.execution_id,
        worker_id=None if state.evaluation is None else state.evaluation.worker,
        kind=state.kind,
    )


def _next(state: TriggerState) -> datetime | None:
    """A trigger that is switched off keeps its date, which says nothing any more once it has passed."""
    if state.disabled and state.next_at is not None and state.next_at <= datetime.now(UTC):
        return None
    return state.next_at


def _backfill(backfill: Backfill) -> ApiBackfill:
    return ApiBackfill(
        start=backfill.start,
        end=backfill.end,
        current_date=backfill.current_date or backfill.start,
        paused=backfill.paused,
        inputs=backfill.inputs,
        labels=backfill.labels,
        previous_next_execution_date=backfill.previous_next_execution_date,
        parallelism=backfill.parallelism,
        started=backfill.started,
        progress=round(backfill.progress, 4),
    )
