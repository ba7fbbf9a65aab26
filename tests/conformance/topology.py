"""Topology cases and recorded graphs: what a graph of ours differs in. Random parts of uids are left out."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tiercel import definition
from tiercel.definition.graph import Cluster, Edge, Graph, Node, graph_of
from tiercel.model.flow import Flow

_RANDOM = re.compile(r"\.(root|end|finally|after-execution)-[0-9A-Za-z]{20,22}")
_PACKAGE = "io.kestra.core.models.hierarchies."
_PARTS = ("nodes", "edges", "clusters")
Members = dict[str, Any]

NOT_OURS = {
    "flowable-fail.json": "its flowable is a class of the original's tests",
    "executable-fail.json": "its subflow task is a class of the original's tests",
}
"""Recorded graphs of types that exist nowhere else."""
CALLED = {"K20/FlowGraphTest.dynamicIdSubflow": {"root.launch": "flows/core/2.0/valids/switch.yaml"}}
"""The subflows that a case draws too: the case itself does not name them, the test it was made from does."""


def judge_case(root: Path, case: dict[str, Any]) -> list[str]:
    """How a graph differs from the counts of a case."""
    flow = _flow(root / case["flow_file"])
    called = {uid: _flow(root / file) for uid, file in CALLED.get(case["id"], {}).items()}
    graph = graph_of(flow, expanded=called)
    counts = {part: len(getattr(graph, part)) for part in _PARTS}
    wanted = {part: count for part, count in case["expect"].items() if part in counts}
    return [f"{part}: {count} are {counts[part]}" for part, count in wanted.items() if counts[part] != count]


def recordings(root: Path) -> Iterator[tuple[str, Flow, Members]]:
    """Name, flow and graph of each recorded flow."""
    for file in sorted((root / "golden" / "2.0").glob("*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        if told.get("graph"):
            yield file.name, _flow(root / told["flow_source_file"]), told["graph"]


def judge_recording(flow: Flow, told: Members) -> list[str]:
    """What ours has more (+) and less (-) than a recorded graph."""
    ours, theirs = _shown(graph_of(flow)), recorded(told)
    return [f"+ {each}" for each in sorted(ours - theirs)] + [f"- {each}" for each in sorted(theirs - ours)]


def _flow(file: Path) -> Flow:
    reading = definition.read(file.read_text(encoding="utf-8"))
    if reading.flow is None:
        raise ValueError(f"{file.name}: {reading.problems}")
    return reading.flow


def _shown(graph: Graph) -> set[str]:
    return {
        *(f"node {_text(_node(node))}" for node in graph.nodes),
        *(f"edge {_text(_edge(edge))}" for edge in graph.edges),
        *(f"cluster {_text(_cluster(cluster))}" for cluster in graph.clusters),
    }


def _node(node: Node) -> Members:
    return {
        "uid": node.uid,
        "type": node.kind,
        "branchType": node.branch,
        "relationType": node.relation,
        "task": node.task and node.task.id,
        "trigger": node.trigger and node.trigger.id,
    }


def _edge(edge: Edge) -> Members:
    return {"source": edge.source, "target": edge.target, "relation": edge.relation, "value": edge.value}


def _cluster(cluster: Cluster) -> Members:
    return {
        "uid": cluster.uid,
        "relationType": cluster.relation,
        "branchType": cluster.branch,
        "taskNode": cluster.task and _node(cluster.task),
        "finally": _node(cluster.finally_),
        "nodes": sorted(cluster.nodes),
        "parents": list(cluster.parents),
        "start": cluster.start,
        "end": cluster.end,
    }


def recorded(graph: Members) -> set[str]:
    """The parts of a graph as the API shows it, each as one text."""
    return {
        *(f"node {_text(_recorded_node(node))}" for node in graph["nodes"]),
        *(f"edge {_text(_recorded_edge(edge))}" for edge in graph["edges"]),
        *(f"cluster {_text(_recorded_cluster(each))}" for each in graph["clusters"]),
    }


def _recorded_node(node: Members) -> Members:
    return {
        "uid": node["uid"],
        "type": node["type"].removeprefix(_PACKAGE),
        "branchType": node.get("branchType"),
        "relationType": node.get("relationType"),
        "task": node.get("task", {}).get("id"),
        "trigger": node.get("triggerDeclaration", {}).get("id"),
    }


def _recorded_edge(edge: Members) -> Members:
    relation = edge["relation"]
    return {
        "source": edge["source"],
        "target": edge["target"],
        "relation": relation.get("relationType"),
        "value": relation.get("value"),
    }


def _recorded_cluster(shown: Members) -> Members:
    cluster = shown["cluster"]
    task = cluster.get("taskNode")
    return {
        "uid": cluster["uid"],
        "relationType": cluster.get("relationType"),
        "branchType": cluster.get("branchType"),
        "taskNode": task and _recorded_node(task),
        "finally": _recorded_node(cluster["finally"]),
        "nodes": sorted(shown["nodes"]),
        "parents": shown["parents"],
        "start": shown["start"],
        "end": shown["end"],
    }


def _text(members: Members) -> str:
    """Members as one text, sorted, without what is random in them."""
    plain = json.loads(_RANDOM.sub(r".\1-", json.dumps(members)))
    if "nodes" in plain:
        plain["nodes"].sort()
    return json.dumps(plain, sort_keys=True)
