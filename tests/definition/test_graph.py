"""The topology graph: as recorded, as the cases count, with task runs, with subflows, and what comes after a task."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conformance import topology

from tiercel import definition
from tiercel.definition.graph import Graph, NodeKind, Relation, graph_of, successors
from tiercel.model.flow import Flow
from tiercel.model.history import born
from tiercel.model.task_run import ROOT, TaskRun

LOG = "io.kestra.plugin.core.log.Log"
CORE = "io.kestra.plugin.core.flow."


def flow_of(*tasks: object, **more: object) -> Flow:
    text = json.dumps({"id": "drawn", "namespace": "graph.test", "tasks": tasks, **more})
    flow = definition.read(text).flow
    assert flow is not None, definition.read(text).problems
    return flow


def log(name: str) -> dict[str, object]:
    return {"id": name, "type": LOG, "message": "x"}


def flowable(name: str, kind: str, **properties: object) -> dict[str, object]:
    return {"id": name, "type": f"{CORE}{kind}", **properties}


def run_of(
    ord: int, task: str, *, parent: int = ROOT, value: str | None = None, around: tuple[str, ...] = ()
) -> TaskRun:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    return TaskRun(id=f"run{ord}", ord=ord, task_id=task, state=born(at), parent=parent, value=value, around=around)


def short(uid: str) -> str:
    """A uid without what is derived."""
    name, dash, digits = uid.rpartition("-")
    return name if dash and len(digits) == 22 else uid


def edges(graph: Graph) -> set[tuple[str, str, str]]:
    return {(short(edge.source), short(edge.target), edge.value or "") for edge in graph.edges}


def uids(graph: Graph) -> list[str]:
    return [short(node.uid) for node in graph.nodes]


# As recorded ------------------------------------------------------------------------------------------------------------


def test_every_recorded_graph_is_drawn_again(shared: Path) -> None:
    found = list(topology.recordings(shared / "conformance"))
    assert len(found) == 218
    differing = {name: told for name, flow, graph in found if (told := topology.judge_recording(flow, graph))}
    assert differing.keys() == topology.NOT_OURS.keys()


def test_every_case_counts_what_is_drawn(shared: Path) -> None:
    root = shared / "conformance"
    lines = (root / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [case for line in lines if (case := json.loads(line))["kind"] == "topology"]
    assert len(cases) == 12
    assert {case["id"]: told for case in cases if (told := topology.judge_case(root, case))} == {}


# Shape ------------------------------------------------------------------------------------------------------------------


def test_equal_flows_give_equal_graphs() -> None:
    tasks = flowable("par", "Parallel", tasks=[log("a"), log("b")])
    assert graph_of(flow_of(tasks)) == graph_of(flow_of(tasks))


def test_a_task_may_be_called_like_a_part_of_the_graph() -> None:
    graph = graph_of(flow_of(log("end"), log("root"), log("finally"), **{"finally": [log("last")]}))
    assert len({node.uid for node in graph.nodes}) == len(graph.nodes)
    assert {"root.end", "root.root", "root.finally"} <= {node.uid for node in graph.nodes if node.task is not None}


def test_the_tasks_of_each_parallel_all_begin_at_once() -> None:
    graph = graph_of(flow_of(flowable("each", "EachParallel", value=["x"], tasks=[log("a"), log("b")])))
    assert {("root.each", "root.each.a", ""), ("root.each", "root.each.b", "")} <= edges(graph)
    assert {edge.relation for edge in graph.edges if edge.source == "root.each"} == {Relation.DYNAMIC}
    assert {node.relation for node in graph.nodes if node.uid in ("root.each.a", "root.each.b")} == {Relation.PARALLEL}


@pytest.mark.parametrize("kind", ["ForEach", "EachSequential", "Loop"])
def test_the_tasks_of_a_loop_follow_each_other(kind: str) -> None:
    values = {"value" if kind == "EachSequential" else "values": ["x"]}
    graph = graph_of(flow_of(flowable("each", kind, **values, tasks=[log("a"), log("b")])))
    assert {("root.each", "root.each.a", ""), ("root.each.a", "root.each.b", "")} <= edges(graph)
    relations = {edge.relation for edge in graph.edges if edge.source in ("root.each", "root.each.a")}
    assert relations == {Relation.DYNAMIC}


def test_an_approval_is_a_choice_of_what_is_decided() -> None:
    plain = graph_of(flow_of(flowable("ask", "Approval")))
    assert [node.kind for node in plain.nodes if node.uid == "root.ask"] == [NodeKind.TASK]
    assert plain.clusters == ()
    graph = graph_of(flow_of(flowable("ask", "Approval", onApprove=[log("yes")], onDeny=[log("no")])))
    assert {("root.ask", "root.ask.yes", "onApprove"), ("root.ask", "root.ask.no", "onDeny")} <= edges(graph)


def test_a_subflow_in_a_dag_is_a_plain_task() -> None:
    call = flowable("call", "Subflow", namespace="a", flowId="b")
    graph = graph_of(flow_of(flowable("dag", "Dag", tasks=[{"task": call}]), call | {"id": "other"}))
    kinds = {node.uid: node.kind for node in graph.nodes}
    assert (kinds["root.dag.call"], kinds["root.other"]) == (NodeKind.TASK, NodeKind.SUBFLOW)


# Of an execution --------------------------------------------------------------------------------------------------------


def test_tasks_carry_their_runs() -> None:
    graph = graph_of(flow_of(log("a"), log("b")), runs=[run_of(0, "a")])
    assert [node.run and node.run.id for node in graph.nodes if node.task is not None] == ["run0", None]


EACH = flowable("each", "ForEach", values=["x", "y"], tasks=[log("a"), log("b")])
RUNS = [
    run_of(0, "each"),
    run_of(1, "a", parent=0, value="x"),
    run_of(2, "b", parent=0, value="x"),
    run_of(3, "a", parent=0, value="y"),
]


def test_a_loop_has_a_node_for_each_run() -> None:
    graph = graph_of(flow_of(EACH), runs=RUNS)
    assert {"root.each.a_x", "root.each.b_x", "root.each.a_y"} <= set(uids(graph))
    assert "root.each.a" not in uids(graph)


def test_a_loop_one_by_one_goes_from_value_to_value() -> None:
    found = edges(graph_of(flow_of(EACH), runs=RUNS))
    chain = {
        ("root.each", "root.each.a_x", "x"),
        ("root.each.a_x", "root.each.b_x", "x"),
        ("root.each.b_x", "root.each.a_y", "y"),
        ("root.each.a_y", "root.each.end", ""),
    }
    assert chain <= found


def test_a_loop_at_once_has_a_chain_for_each_value() -> None:
    found = edges(graph_of(flow_of({**EACH, "concurrencyLimit": 0}), runs=RUNS))
    assert {("root.each", "root.each.a_x", "x"), ("root.each", "root.each.a_y", "y")} <= found
    assert {("root.each.b_x", "root.each.end", ""), ("root.each.a_y", "root.each.end", "")} <= found


def test_loops_in_loops_show_only_the_runs_of_their_own_parent() -> None:
    inner = flowable("inner", "ForEach", values=["1"], tasks=[log("t")])
    runs = [
        run_of(0, "outer"),
        run_of(1, "inner", parent=0, value="x"),
        run_of(2, "inner", parent=0, value="y"),
        run_of(3, "t", parent=1, value="1", around=("x",)),
    ]
    graph = graph_of(flow_of(flowable("outer", "ForEach", values=["x", "y"], tasks=[inner])), runs=runs)
    tasks = [node.uid for node in graph.nodes if node.task is not None]
    assert tasks == [
        "root.outer",
        "root.outer.inner_x",
        "root.outer.inner_x.t_x_1",
        "root.outer.inner_y",
        "root.outer.inner_y.t",
    ]


# Subflows ---------------------------------------------------------------------------------------------------------------

CALL = flowable("call", "Subflow", namespace="graph.test", flowId="child")
CHILD = flow_of(
    log("inside"),
    id="child",
    errors=[log("broken")],
    triggers=[{"id": "daily", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "@daily"}],
)


def test_a_subflow_that_is_expanded_is_drawn_in_a_cluster() -> None:
    graph = graph_of(flow_of(CALL), expanded={"root.call": CHILD})
    assert [cluster.uid for cluster in graph.clusters] == ["cluster_root.call", "cluster_root.call.Triggers"]
    assert graph.clusters[1].parents == ("cluster_root.call",)
    assert {
        ("root.root", "root.call.root", ""),
        ("root.call", "root.call.inside", ""),
        ("root.call.root", "root.call.broken", ""),
        ("root.call.Triggers.end", "root.call.root", ""),
        ("root.call.end", "root.end", ""),
    } <= edges(graph)


def test_subflows_of_subflows_have_longer_uids() -> None:
    middle = flow_of({**CALL, "id": "deep"}, id="middle")
    graph = graph_of(flow_of(CALL), expanded={"root.call": middle, "root.call.deep": CHILD})
    assert "root.call.deep.inside" in uids(graph)


def test_a_subflow_that_is_not_there_is_an_error_of_its_node() -> None:
    graph = graph_of(flow_of(CALL, log("after")), expanded={"root.call": "there is no flow graph.test.child"})
    assert {node.uid: node.error for node in graph.nodes if node.error} == {
        "root.call": "there is no flow graph.test.child"
    }
    assert graph.clusters == ()


def test_the_runs_of_the_caller_are_not_those_of_the_called() -> None:
    runs = [run_of(0, "call"), run_of(1, "inside")]
    graph = graph_of(flow_of(CALL, log("inside")), runs=runs, expanded={"root.call": CHILD})
    shown = {node.uid: node.run and node.run.id for node in graph.nodes if node.task is not None}
    assert shown["root.call.inside"] is None
    assert (shown["root.call"], shown["root.inside"]) == ("run0", "run1")


# Successors -------------------------------------------------------------------------------------------------------------


def tasks_after(flow: Flow, *chosen: str, runs: Iterable[TaskRun] = ()) -> set[str]:
    graph = graph_of(flow, runs=runs)
    found = successors(graph, chosen)
    return {node.uid for node in graph.nodes if node.uid in found and node.task is not None}


def test_what_follows_a_task_is_everything_an_edge_leads_to() -> None:
    flow = flow_of(log("a"), flowable("seq", "Sequential", tasks=[log("b"), log("c")]), log("d"))
    assert tasks_after(flow, "root.seq.b") == {"root.seq.b", "root.seq.c", "root.d"}
    assert tasks_after(flow, "root.d") == {"root.d"}


def test_siblings_of_a_parallel_do_not_follow_each_other() -> None:
    flow = flow_of(flowable("par", "Parallel", tasks=[log("a"), log("b")]), log("c"))
    assert tasks_after(flow, "root.par.a") == {"root.par.a", "root.c"}


def test_a_cluster_that_begins_anew_begins_its_errors_anew() -> None:
    flow = flow_of(log("a"), log("b"), errors=[log("broken")])
    assert tasks_after(flow, "root.a") == {"root.a", "root.b", "root.broken"}
    assert tasks_after(flow, "root.b") == {"root.b"}


@given(st.data())
def test_successors_of_successors_are_successors(data: st.DataObject) -> None:
    flow = flow_of(
        log("a"),
        flowable("if", "If", condition="{{ x }}", then=[log("b"), log("c")], **{"else": [log("d")]}),
        flowable("dag", "Dag", tasks=[{"task": log("e")}, {"task": log("f"), "dependsOn": ["e"]}]),
        **{"finally": [log("g")], "afterExecution": [log("h")]},
    )
    graph = graph_of(flow)
    tasks = [node.uid for node in graph.nodes if node.task is not None]
    chosen = data.draw(st.sets(st.sampled_from(tasks), min_size=1))
    found = successors(graph, chosen)
    assert chosen <= found
    later = data.draw(st.sampled_from(sorted(found & set(tasks))))
    roots = {node.uid for node in graph.nodes if node.kind is NodeKind.ROOT}
    assert successors(graph, [later]) - roots <= found


def test_a_template_whose_tasks_are_elsewhere_is_one_task() -> None:
    graph = graph_of(flow_of(flowable("call", "Template", namespace="a", templateId="b"), log("z")))
    assert graph.clusters == ()
    assert [node.task.id for node in graph.nodes if node.task is not None] == ["call", "z"]


def test_dynamic_task_runs_are_not_drawn() -> None:
    own = run_of(0, "a")
    dynamic = msgspec.structs.replace(run_of(1, "a", parent=0), dynamic=True)
    graph = graph_of(flow_of(log("a")), runs=[own, dynamic])
    assert [node.run for node in graph.nodes if node.task is not None] == [own]
