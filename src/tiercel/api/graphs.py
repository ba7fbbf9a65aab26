"""The topology of flows and executions, with the subflows that are asked for."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from tiercel import definition
from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.graph_shapes import ApiGraph, GraphView
from tiercel.api.problems import ApiError, not_found
from tiercel.api.routing import YAML, route
from tiercel.api.triggers import ApiTriggerState, shown
from tiercel.definition.graph import Graph, Node, NodeKind, graph_of
from tiercel.model.execution import Execution
from tiercel.model.flow import Flow
from tiercel.model.flowable import ForEachItem, Subflow
from tiercel.model.task_run import TaskRun
from tiercel.model.trigger import TriggerId
from tiercel.ports.reader import Reader
from tiercel.ports.triggers import TriggerStore
from tiercel.services.deployment import InvalidFlow
from tiercel.services.registry import Registry, UnreadableFlow

Called = Subflow | ForEachItem
DEEPEST = 20
TOO_DEEP = f"at most {DEEPEST} flows are drawn within one another"
"""Flows may call each other without end."""


class GraphQuery(msgspec.Struct, frozen=True):
    subflows: list[str] = []
    """The uids of the Subflow tasks whose flows are drawn too, with commas between them or one by one."""

    def uids(self) -> list[str]:
        """Outer ones before those that stand in them."""
        return sorted({uid for each in self.subflows for uid in each.split(",") if uid}, key=len)


class FlowGraphQuery(GraphQuery, frozen=True):
    revision: int | None = None


class Graphs:
    """The routes of graphs."""

    def __init__(
        self, *, registry: Registry, triggers: TriggerStore, reader: Reader, executions: ExecutionReader
    ) -> None:
        self._registry = registry
        self._triggers = triggers
        self._reader = reader
        self._executions = executions

    @route(
        "GET", "/flows/{namespace}/{id}/graph", operation="generateFlowGraph", query=FlowGraphQuery, answers=ApiGraph
    )
    async def of_flow(self, call: Call) -> Response:
        """Draw the graph of a flow"""
        query = call.query(FlowGraphQuery)
        flow = await self._flow(call.tenant, call.path["namespace"], call.path["id"], query.revision)
        return json_answer(await self._drawn(call.tenant, flow, query.uids()))

    @route(
        "POST",
        "/flows/graph",
        operation="generateFlowGraphFromSource",
        query=GraphQuery,
        accepts=(YAML,),
        answers=ApiGraph,
    )
    async def of_source(self, call: Call) -> Response:
        """Draw the graph of a flow that is not saved"""
        reading = definition.read(await call.text())
        if reading.flow is None:
            raise InvalidFlow(reading.problems)
        return json_answer(await self._drawn(call.tenant, reading.flow, call.query(GraphQuery).uids()))

    @route(
        "GET", "/executions/{executionId}/graph", operation="getExecutionFlowGraph", query=GraphQuery, answers=ApiGraph
    )
    async def of_execution(self, call: Call) -> Response:
        """Draw the graph of an execution, with its task runs"""
        execution = await self._executions.header(call.tenant, call.path["executionId"])
        flow = await self._flow(call.tenant, execution.namespace, execution.flow_id, execution.flow_revision)
        runs = await self._executions.runs(execution.id)
        drawn = await self._expanded(call.tenant, flow, call.query(GraphQuery).uids(), runs=runs, execution=execution)
        return json_answer(GraphView(execution=execution).show(drawn))

    async def _drawn(self, tenant: str, flow: Flow, uids: Sequence[str]) -> ApiGraph:
        graph = await self._expanded(tenant, flow, uids)
        return GraphView(triggers=await self._states(tenant, flow)).show(graph)

    async def _states(self, tenant: str, flow: Flow) -> dict[str, ApiTriggerState]:
        """How the triggers of the flow stand, by the uids of their nodes."""
        names = [TriggerId(flow.namespace, flow.id, trigger.id) for trigger in flow.triggers]
        states = [(name.trigger_id, await self._triggers.get(tenant, name)) for name in names]
        return {f"root.Triggers.{name}": shown(state) for name, state in states if state is not None}

    # Subflows -----------------------------------------------------------------------------------------------------------

    async def _expanded(
        self,
        tenant: str,
        flow: Flow,
        uids: Sequence[str],
        *,
        runs: Iterable[TaskRun] = (),
        execution: Execution | None = None,
    ) -> Graph:
        """The graph with subflows in it; each may hold further ones that are asked for."""
        known: dict[str, Flow | str] = {}
        graph = graph_of(flow, runs=runs)
        for uid in uids:
            node = graph.node(uid)
            if node is not None and node.kind is NodeKind.SUBFLOW and isinstance(node.task, Subflow | ForEachItem):
                is_too_deep = sum(uid.startswith(f"{other}.") for other in known) >= DEEPEST
                known[uid] = TOO_DEEP if is_too_deep else await self._called(tenant, node, node.task, execution)
                graph = graph_of(flow, runs=runs, expanded=known)
        return graph

    async def _called(self, tenant: str, node: Node, task: Called, execution: Execution | None) -> Flow | str:
        """The flow that a task calls; for one that has run, that of the execution it started."""
        child = None if execution is None or node.run is None else await self._child(tenant, execution, node.run)
        if child is not None:
            return await self._flow_or_reason(tenant, child.namespace, child.flow_id, child.flow_revision)
        if "{{" in task.namespace + task.flow_id:
            return "which flow this calls is an expression: it is known only in an execution, once the task has begun"
        return await self._flow_or_reason(tenant, task.namespace, task.flow_id, task.revision)

    async def _child(self, tenant: str, execution: Execution, run: TaskRun) -> Execution | None:
        body = await self._reader.outputs_of(execution.id, run.id)
        outputs: dict[str, Any] = {} if body is None else msgspec.json.decode(body)
        child = outputs.get("executionId")
        return await self._executions.found(tenant, child) if isinstance(child, str) else None

    async def _flow_or_reason(self, tenant: str, namespace: str, flow_id: str, revision: int | None) -> Flow | str:
        try:
            return await self._flow(tenant, namespace, flow_id, revision)
        except (ApiError, UnreadableFlow) as error:
            return str(error)

    async def _flow(self, tenant: str, namespace: str, flow_id: str, revision: int | None) -> Flow:
        """Raises ApiError where there is none, UnreadableFlow where it cannot be drawn."""
        latest = self._registry.latest(tenant, namespace, flow_id)
        if revision is not None:
            deployed = await self._registry.revision(tenant, namespace, flow_id, revision)
            if deployed is None:
                raise not_found(f"flow {namespace}.{flow_id} has no revision {revision}")
            return deployed.flow
        if latest is None:
            raise not_found(f"there is no flow {namespace}.{flow_id}")
        return self._registry.deployed(latest).flow
