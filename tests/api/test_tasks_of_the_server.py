"""Tasks that ask their server for something, run by a real one on a real PostgreSQL."""

from typing import Any

from tests.api.client import YAML, Api, good, wait_for

PAUSED = """
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
    onResume: [{id: reason, type: STRING}]
"""
SCHEDULED = """
tasks: [{id: log, type: io.kestra.plugin.core.log.Log, message: hello}]
triggers:
  - {id: yearly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 1 *"}
"""
LONG_AGO, SOON = "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"


def task_flow(kind: str, **properties: Any) -> str:
    written = {"id": "work", "type": f"io.kestra.plugin.core.{kind}", **properties}
    return f"tasks: [{written}]".replace("True", "true").replace("False", "false")


def outputs(api: Api, flow_id: str) -> Any:
    """What the only task of a flow gave, when it has been run."""
    ended = api.run(flow_id)
    assert ended["state"]["current"] == "SUCCESS", messages(api, ended)
    [given] = api.get(f"/outputs/{ended['id']}")
    return api.get(f"/outputs/{ended['id']}/{given['taskRunId']}")


def messages(api: Api, execution: Any) -> list[str]:
    """What the log of an execution says."""
    return [line["message"] for line in api.get(f"/logs/{execution['id']}")]


def test_executions_are_counted_by_flow_and_by_namespace(api: Api) -> None:
    api.log_flow("counted")
    for _ in range(2):
        api.run("counted")
    flows = [{"namespace": api.namespace, "flowId": name} for name in ("counted", "nobody")]
    common = {"startDate": LONG_AGO, "endDate": SOON, "states": ["SUCCESS"]}
    api.deploy("by_flow", task_flow("execution.Count", flows=flows, expression="{{ count == 0 }}", **common))
    api.deploy(
        "by_namespace",
        task_flow("execution.Count", namespaces=[api.namespace], expression="{{ count > 1 }}", **common),
    )
    none = {"namespace": api.namespace, "flowId": "nobody", "count": 0}
    assert outputs(api, "by_flow") == {"results": [none], "total": 0}
    assert outputs(api, "by_namespace")["total"] == 3


def test_executions_are_purged_with_what_belongs_to_them(api: Api) -> None:
    api.deploy("old", "tasks: [{id: file, type: io.kestra.plugin.core.storage.Write, content: text}]")
    old = api.run("old")
    which = {"namespace": api.namespace, "flowId": "old"}
    api.deploy("purge", task_flow("execution.PurgeExecutions", endDate=SOON, **which))
    given = outputs(api, "purge")
    assert (given["executionsCount"], given["taskOutputsCount"], given["storagesCount"]) == (1, 1, 1)
    assert api.ask("GET", f"/executions/{old['id']}").status_code == 404
    assert outputs(api, "purge")["executionsCount"] == 0


def test_a_purge_leaves_what_is_young_or_not_over(api: Api) -> None:
    api.deploy("paused", PAUSED)
    paused = api.start("paused")
    api.log_flow("young")
    young = api.run("young")
    which = {"namespace": api.namespace}
    api.deploy("purge_old", task_flow("execution.PurgeExecutions", endDate=LONG_AGO, **which))
    api.deploy("purge_paused", task_flow("execution.PurgeExecutions", endDate=SOON, flowId="paused", **which))
    assert outputs(api, "purge_old")["executionsCount"] == 0
    assert outputs(api, "purge_paused")["executionsCount"] == 0
    for execution in (paused, young):
        assert api.ask("GET", f"/executions/{execution['id']}").status_code == 200


def test_a_purge_of_states_that_end_nothing_deletes_nothing(api: Api) -> None:
    api.log_flow("kept")
    kept = api.run("kept")
    which = {"namespace": api.namespace, "flowId": "kept", "endDate": SOON}
    api.deploy("purge_running", task_flow("execution.PurgeExecutions", states=["RUNNING"], **which))
    assert outputs(api, "purge_running")["executionsCount"] == 0
    assert api.ask("GET", f"/executions/{kept['id']}").status_code == 200


def test_a_purge_names_a_state_that_there_is_not(api: Api) -> None:
    api.deploy(
        "purge_done", task_flow("execution.PurgeExecutions", states=["{{ 'DONE' }}"], endDate=SOON, flowId="nobody")
    )
    ended = api.run("purge_done")
    [message] = messages(api, ended)
    assert "must be one of CREATED" in message
    assert '"DONE" was given' in message


def test_metrics_are_purged_and_their_execution_stays(api: Api) -> None:
    api.deploy("reports", "tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: four}]")
    reported = api.run("reports")
    wait_for(lambda: api.get(f"/metrics/{reported['id']}")["results"], bool)
    which = {"namespace": api.namespace, "flowId": "reports"}
    api.deploy("early", task_flow("metric.PurgeMetrics", endDate=LONG_AGO, **which))
    assert outputs(api, "early") == {"count": 0}
    api.deploy("purge", task_flow("metric.PurgeMetrics", endDate=SOON, **which))
    assert outputs(api, "purge")["count"] > 0
    assert api.get(f"/metrics/{reported['id']}")["results"] == []
    assert api.get(f"/executions/{reported['id']}")["state"]["current"] == "SUCCESS"


WRITING = "{id: file, type: io.kestra.plugin.core.storage.Write, content: text}"


def test_files_of_executions_are_purged_by_their_age_and_those_of_live_ones_stay(api: Api) -> None:
    api.deploy("writes", f"tasks: [{WRITING}]")
    written = [api.run("writes")["id"] for _ in range(2)]
    api.deploy("waits", f"tasks: [{WRITING}, {{id: wait, type: io.kestra.plugin.core.flow.Pause}}]")
    live = api.start("waits")["id"]
    api.until(live, "PAUSED")
    api.ask("DELETE", f"/executions/{written[0]}", params={"deleteStorage": "false"})
    meant = {"namespace": api.namespace, "endDate": SOON}
    api.deploy("dry", task_flow("storage.PurgeStorage", **meant))
    api.deploy("early", task_flow("storage.PurgeStorage", namespace=api.namespace, endDate=LONG_AGO, dryRun=False))
    api.deploy("purge", task_flow("storage.PurgeStorage", dryRun=False, **meant))
    assert outputs(api, "dry") == {"scannedCount": 3, "purgedCount": 2, "deletedFilesCount": 0}
    assert outputs(api, "early") == {"scannedCount": 3, "purgedCount": 0, "deletedFilesCount": 0}
    assert outputs(api, "purge") == {"scannedCount": 3, "purgedCount": 2, "deletedFilesCount": 2}
    assert outputs(api, "purge") == {"scannedCount": 1, "purgedCount": 0, "deletedFilesCount": 0}


def test_the_files_of_one_flow_are_purged_alone_and_those_of_the_namespace_never(api: Api) -> None:
    uploads = f"{{id: up, type: io.kestra.plugin.core.namespace.UploadFiles, namespace: {api.namespace}, filesMap: {{executions/a.txt: '{{{{ outputs.file.uri }}}}'}}}}"
    api.deploy("writes", f"tasks: [{WRITING}]")
    api.deploy("uploads", f"tasks: [{WRITING}, {uploads}]")
    api.run("writes")
    api.run("uploads")
    meant = {"namespace": api.namespace, "endDate": SOON, "dryRun": False}
    api.deploy("one", task_flow("storage.PurgeStorage", flowId="uploads", **meant))
    api.deploy("all", task_flow("storage.PurgeStorage", **meant))
    assert outputs(api, "one") == {"scannedCount": 1, "purgedCount": 1, "deletedFilesCount": 1}
    assert outputs(api, "all") == {"scannedCount": 1, "purgedCount": 1, "deletedFilesCount": 1}
    api.deploy(
        "reads",
        "tasks: [{id: say, type: io.kestra.plugin.core.debug.Return, format: \"{{ read('executions/a.txt') }}\"}]",
    )
    assert outputs(api, "reads") == {"value": "text"}


def test_old_revisions_are_purged_and_those_of_live_executions_stay(api: Api) -> None:
    def save(number: int) -> None:
        body = f"id: changing\nnamespace: {api.namespace}\ndescription: '{number}'\n{PAUSED}"
        good(api.ask("PUT", f"/flows/{api.namespace}/changing", content=body, headers=YAML))

    api.deploy("changing", f"description: '1'\n{PAUSED}")
    save(2)
    live = api.start("changing")
    for number in range(3, 7):
        save(number)
    api.deploy(
        "purge",
        task_flow("flow.PurgeFlows", namespaces=[api.namespace], flowPattern="chang*", behavior={"keepAmount": 2}),
    )
    assert outputs(api, "purge") == {"size": 3}
    revisions = api.get(f"/flows/{api.namespace}/changing/revisions")
    assert [each["revision"] for each in revisions] == [2, 5, 6]
    parts = [("reason", (None, "fine"))]
    good(api.ask("POST", f"/executions/{live['id']}/actions/resume", files=parts))
    assert api.over(live["id"])["state"]["current"] == "SUCCESS"
    assert outputs(api, "purge") == {"size": 1}


def test_a_paused_execution_is_resumed_with_its_inputs(api: Api) -> None:
    api.deploy("paused", PAUSED)
    paused = api.until(api.start("paused")["id"], "PAUSED")
    resume = {"executionId": "{{ inputs.id }}", "inputs": {"reason": "late"}}
    api.deploy("resume", "inputs: [{id: id, type: STRING}]\n" + task_flow("execution.Resume", **resume))
    resumed = api.run("resume", inputs={"id": paused["id"]})
    assert resumed["state"]["current"] == "SUCCESS", messages(api, resumed)
    assert api.until(paused["id"], "SUCCESS")
    again = api.run("resume", inputs={"id": paused["id"]})
    assert again["state"]["current"] == "FAILED"


def test_a_trigger_is_switched_off_and_on(api: Api) -> None:
    api.deploy("scheduled", SCHEDULED)
    for enabled in (False, True):
        name = f"switch_{enabled}".lower()
        api.deploy(name, task_flow("trigger.Toggle", trigger="yearly", flowId="scheduled", enabled=enabled))
        assert api.run(name)["state"]["current"] == "SUCCESS"
        [pair] = api.get(f"/triggers/{api.namespace}/scheduled")["results"]
        assert pair["disabled"] is not enabled


def test_a_trigger_that_is_not_there_fails_the_task(api: Api) -> None:
    api.deploy("switch", task_flow("trigger.Toggle", trigger="nobody", enabled=True))
    ended = api.run("switch")
    assert ended["state"]["current"] == "FAILED"
    assert "has no trigger 'nobody'" in str(messages(api, ended))
