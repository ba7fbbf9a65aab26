"""The topology of flows, of sources and of executions."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.api.client import LOG, YAML, Api
from tests.api.golden import Recording
from tests.conformance import topology

CORE = "io.kestra.plugin.core"
CHILD = f"tasks: [{{id: inside, type: {LOG}, message: hello}}]\n"
CALL = f"""
tasks:
  - {{id: call, type: {CORE}.flow.Subflow, namespace: NAMESPACE, flowId: child}}
"""


def tasks(graph: Any) -> dict[str, Any]:
    return {node["uid"]: node for node in graph["nodes"] if "task" in node}


def test_the_graph_of_a_flow_shows_its_tasks_as_they_are_written(api: Api) -> None:
    api.deploy("plain", f"tasks: [{{id: log, type: {LOG}, message: hello}}]\n")
    graph = api.get(f"/flows/{api.namespace}/plain/graph")
    assert [node["type"].rpartition(".")[2] for node in graph["nodes"]] == [
        "GraphClusterRoot",
        "GraphClusterEnd",
        "GraphTask",
    ]
    assert tasks(graph)["root.log"]["task"] == {"id": "log", "type": LOG, "message": "hello"}
    assert graph["clusters"] == []
    assert {"source", "target", "relation"} == graph["edges"][0].keys()


def test_a_graph_is_that_of_the_revision_asked_for(api: Api) -> None:
    source = api.deploy("two", CHILD)["source"]
    path = f"/flows/{api.namespace}/two"
    api.ask("PUT", path, content=source.replace("inside", "other"), headers=YAML)
    assert list(tasks(api.get(f"{path}/graph"))) == ["root.other"]
    assert list(tasks(api.get(f"{path}/graph", revision=1))) == ["root.inside"]
    assert api.ask("GET", f"{path}/graph", params={"revision": 9}).status_code == 404
    assert api.ask("GET", f"/flows/{api.namespace}/nope/graph").status_code == 404


def test_triggers_show_how_they_stand(api: Api) -> None:
    trigger = f"triggers: [{{id: daily, type: {CORE}.trigger.Schedule, cron: '@daily'}}]\n"
    api.deploy("timed", trigger + CHILD)
    graph = api.get(f"/flows/{api.namespace}/timed/graph")
    [node] = [node for node in graph["nodes"] if node["uid"] == "root.Triggers.daily"]
    assert node["triggerDeclaration"]["cron"] == "@daily"
    assert node["trigger"]["nextEvaluationDate"]


def test_a_source_is_drawn_before_it_is_saved(api: Api) -> None:
    text = f"id: draft\nnamespace: {api.namespace}\n{CHILD}"
    graph = api.ask("POST", "/flows/graph", content=text, headers=YAML).json()
    assert list(tasks(graph)) == ["root.inside"]
    refused = api.ask("POST", "/flows/graph", content="id: draft\n", headers=YAML)
    assert (refused.status_code, len(refused.json()["errors"]) >= 2) == (422, True)


def test_subflows_are_drawn_where_they_are_asked_for(api: Api) -> None:
    api.deploy("child", CHILD)
    api.deploy("parent", CALL.replace("NAMESPACE", api.namespace))
    path = f"/flows/{api.namespace}/parent/graph"
    assert list(tasks(api.get(path, subflows="call"))) == ["root.call"]
    graph = api.get(path, subflows="root.call")
    assert list(tasks(graph)) == ["root.call", "root.call.inside"]
    [cluster] = graph["clusters"]
    assert cluster["cluster"]["type"].endswith(".SubflowGraphCluster")


def test_a_subflow_that_is_not_there_says_so_at_its_node(api: Api) -> None:
    api.deploy("orphan", CALL.replace("NAMESPACE", api.namespace).replace("child", "gone"))
    graph = api.get(f"/flows/{api.namespace}/orphan/graph", subflows="root.call,root.other")
    assert tasks(graph)["root.call"]["error"] == f"there is no flow {api.namespace}.gone"


def test_flows_that_call_each_other_are_drawn_so_deep_and_no_deeper(api: Api) -> None:
    api.deploy("child", CALL.replace("NAMESPACE", api.namespace).replace("flowId: child", "flowId: other"))
    api.deploy("other", CALL.replace("NAMESPACE", api.namespace))
    uids = ["root" + ".call" * depth for depth in range(1, 30)]
    shown = tasks(api.get(f"/flows/{api.namespace}/child/graph", subflows=uids))
    assert list(shown) == uids[:21]
    assert "at most 20" in shown[uids[20]]["error"]


def test_the_graph_of_an_execution_shows_its_task_runs(api: Api) -> None:
    loop = f"""
tasks:
  - id: each
    type: {CORE}.flow.ForEach
    values: [a, b]
    tasks: [{{id: log, type: {LOG}, message: hello}}]
"""
    api.deploy("looping", loop)
    execution = api.run("looping")
    shown = tasks(api.get(f"/executions/{execution['id']}/graph"))
    assert list(shown) == ["root.each", "root.each.log_a", "root.each.log_b"]
    node = shown["root.each.log_b"]
    assert node["task"] == {"id": "log", "type": LOG}
    assert (node["taskRun"]["state"]["current"], node["values"]) == ("SUCCESS", ["b"])
    assert api.ask("GET", "/executions/nope/graph").status_code == 404


def test_a_subflow_named_by_an_expression_is_known_once_it_has_run(api: Api) -> None:
    api.deploy("child", CHILD)
    named = CALL.replace("NAMESPACE", api.namespace).replace("child", "'{{ inputs.which }}'")
    api.deploy("dynamic", "inputs: [{id: which, type: STRING, defaults: child}]\n" + named)
    before = tasks(api.get(f"/flows/{api.namespace}/dynamic/graph", subflows="root.call"))
    assert "is an expression" in before["root.call"]["error"]
    execution = api.run("dynamic")
    graph = api.get(f"/executions/{execution['id']}/graph", subflows="root.call")
    assert list(tasks(graph)) == ["root.call", "root.call.inside"]


DEFAULTS = ("wait", "transmitFailed")
RECORDED = ("generateFlowGraph", "generateFlowGraph.subflows", "generateFlowGraph.subflows-bare-id")


@pytest.mark.parametrize("name", RECORDED)
def test_a_graph_has_the_members_that_are_recorded(api: Api, shared: Path, name: str) -> None:
    folder = shared / "conformance" / "golden" / "api"
    for flow in ("fail", "child", "parent"):
        source = Recording(folder, f"createFlow.{flow}").request["body"]
        api.ask("POST", "/flows", content=source.replace("golden.api", api.namespace), headers=YAML)
    recording = Recording(folder, name)
    path = recording.request["path"].removeprefix("/api/v1/main").replace("golden.api", api.namespace)
    ours = api.get(path, **recording.request.get("query", {}))
    theirs = json.loads(json.dumps(recording.response["body"]).replace("golden.api", api.namespace))
    assert topology.recorded(ours) == topology.recorded(theirs)
    assert [members(node) for node in ours["nodes"]] == [members(node) for node in theirs["nodes"]]


def members(node: Any) -> Any:
    """A node without what is random; a subflow that is drawn shows its task as any other does.

    Ours shows what the author wrote, also where that is the default.
    """
    task = node.get("task", {})
    written = {name: value for name, value in task.get("subflowTask", task).items() if name not in DEFAULTS}
    return {**node, "uid": node["uid"].partition("-")[0], "task": written}
