"""Topology graphs as the API shows them: nodes, edges and clusters with the class names that clients look at."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tiercel.api.shapes import InnerTaskRun, inner_run
from tiercel.api.triggers import ApiTriggerState
from tiercel.definition.graph import Cluster, Edge, Graph, Node
from tiercel.definition.json import part_json
from tiercel.model.execution import Execution
from tiercel.model.flow import Trigger
from tiercel.model.flowable import ForEachItem, Subflow
from tiercel.model.task import Task

_PACKAGE = "io.kestra.core.models.hierarchies."


class ApiNode(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    uid: str
    type: str
    branch_type: str | None = None
    task: dict[str, Any] | None = None
    task_run: InnerTaskRun | None = None
    values: tuple[str, ...] | None = None
    """The values of the loops around the task run, and its own."""
    relation_type: str | None = None
    trigger_declaration: dict[str, Any] | None = None
    trigger: ApiTriggerState | None = None
    error: str | None = None
    """Ours: why a subflow is not expanded although it was asked for."""


class ApiRelation(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    relation_type: str | None = None
    value: str | None = None


class ApiEdge(msgspec.Struct, frozen=True):
    source: str
    target: str
    relation: ApiRelation


class ApiClusterNode(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    uid: str
    type: str
    branch_type: str | None = None
    relation_type: str | None = None
    task_node: ApiNode | None = None
    finally_: ApiNode = msgspec.field(name="finally")


class ApiCluster(msgspec.Struct, frozen=True, kw_only=True):
    cluster: ApiClusterNode
    nodes: tuple[str, ...]
    parents: tuple[str, ...]
    start: str
    end: str


class ApiGraph(msgspec.Struct, frozen=True):
    nodes: list[ApiNode]
    edges: list[ApiEdge]
    clusters: list[ApiCluster]


class GraphView:
    """Shows the graph of a flow, or that of an execution, which says less of the tasks and more of their runs."""

    def __init__(
        self, *, execution: Execution | None = None, triggers: Mapping[str, ApiTriggerState] | None = None
    ) -> None:
        self._execution = execution
        self._triggers = triggers or {}

    def show(self, graph: Graph) -> ApiGraph:
        return ApiGraph(
            [self._node(node) for node in graph.nodes],
            [_edge(edge) for edge in graph.edges],
            [self._cluster(cluster) for cluster in graph.clusters],
        )

    def _node(self, node: Node) -> ApiNode:
        run, execution = node.run, self._execution
        return ApiNode(
            uid=node.uid,
            type=_PACKAGE + node.kind,
            branch_type=node.branch,
            task=None if node.task is None else self._task(node.task),
            task_run=None if run is None or execution is None else inner_run(execution, run),
            values=None if run is None else run.place,
            relation_type=node.relation,
            trigger_declaration=None if node.trigger is None else self._declaration(node.trigger),
            trigger=self._triggers.get(node.uid),
            error=node.error,
        )

    def _task(self, task: Task) -> dict[str, Any]:
        if self._execution is None:
            return part_json(task)
        called = {} if not isinstance(task, Subflow | ForEachItem) else {"subflowId": _called(task)}
        return {"id": task.id, "type": task.type, **called}

    def _declaration(self, trigger: Trigger) -> dict[str, Any]:
        return part_json(trigger) if self._execution is None else {"id": trigger.id, "type": trigger.type}

    def _cluster(self, cluster: Cluster) -> ApiCluster:
        name = "SubflowGraphCluster" if cluster.is_subflow else "GraphCluster"
        shown = ApiClusterNode(
            uid=cluster.uid,
            type=_PACKAGE + name,
            branch_type=cluster.branch,
            relation_type=cluster.relation,
            task_node=None if cluster.task is None else self._node(cluster.task),
            finally_=self._node(cluster.finally_),
        )
        return ApiCluster(
            cluster=shown, nodes=cluster.nodes, parents=cluster.parents, start=cluster.start, end=cluster.end
        )


def _edge(edge: Edge) -> ApiEdge:
    return ApiEdge(edge.source, edge.target, ApiRelation(edge.relation, edge.value))


def _called(task: Subflow | ForEachItem) -> dict[str, Any]:
    return {"namespace": task.namespace, "flowId": task.flow_id, "revision": task.revision}
