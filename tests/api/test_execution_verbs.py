"""Verbs on executions through a real server: again, on, away; one at a time and many at once."""

from typing import Any

import pytest
from tests.api.client import LOG, Api, good, wait_for

FAILING = """
variables: {ok: "false"}
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.attemptsCount }}"}
  - {id: check, type: io.kestra.plugin.core.execution.Fail, condition: "{{ vars.ok != 'true' }}"}
  - {id: last, type: io.kestra.plugin.core.debug.Return, format: done}
"""
PAUSED = "tasks: [{id: wait, type: io.kestra.plugin.core.flow.Pause}]"
SLEEPING = "tasks: [{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT10M}]"
READS = f"""
inputs: [{{id: file, type: FILE}}, {{id: count, type: INT, defaults: 1}}]
tasks: [{{id: show, type: {LOG}, message: "{{{{ read(inputs.file) }}}}"}}]
"""
GREETING = """
inputs: [{id: name, type: STRING}, {id: count, type: INT, defaults: 1}]
tasks: [{id: greet, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.name }} {{ inputs.count }}"}]
"""
QUEUED = f"concurrency: {{limit: 1}}\n{SLEEPING}"


def act(api: Api, execution_id: str, verb: str, **content: Any) -> Any:
    return good(api.ask("POST", f"/executions/{execution_id}/actions/{verb}", **content)).json()


def refused(api: Api, execution_id: str, verb: str, **content: Any) -> tuple[int, str]:
    answer = api.ask("POST", f"/executions/{execution_id}/actions/{verb}", **content)
    return answer.status_code, answer.json()["detail"]


def states(execution: Any) -> list[str]:
    return [moment["state"] for moment in execution["state"]["histories"]]


def labels(execution: Any) -> dict[str, str]:
    return {label["key"]: label["value"] for label in execution["labels"]}


def finished(api: Api, begun: Any) -> Any:
    """An operation when it has come to all of its executions."""
    return wait_for(lambda: api.get(f"/operations/{begun['operationId']}"), lambda found: found["isOver"])


def bulk(api: Api, verb: str, ids: list[str], method: str = "POST", **query: Any) -> Any:
    return good(api.ask(method, f"/executions/{verb}/by-ids", json=ids, params=query)).json()


def test_what_failed_is_run_again_in_place(api: Api) -> None:
    api.deploy("failing", FAILING)
    failed = api.run("failing")
    restarted = act(api, failed["id"], "restart")
    assert restarted["id"] == failed["id"]
    assert states(restarted)[:4] == ["CREATED", "RUNNING", "FAILED", "RESTARTED"]
    again = api.until(failed["id"], lambda shown: states(shown).count("FAILED") == 2)
    assert [run["taskId"] for run in again["taskRunList"]] == ["first", "check"]
    assert labels(again)["system.restarted"] == "true"


def test_a_restart_with_another_revision_is_an_execution_of_its_own(api: Api) -> None:
    api.deploy("failing", FAILING)
    failed = api.run("failing")
    mended = FAILING.replace('"false"', '"true"')
    text = f"id: failing\nnamespace: {api.namespace}\n{mended}"
    good(
        api.ask("PUT", f"/flows/{api.namespace}/failing", content=text, headers={"Content-Type": "application/x-yaml"})
    )
    restarted = act(api, failed["id"], "restart", params={"revision": 2})
    assert restarted["id"] != failed["id"]
    assert api.over(restarted["id"])["state"]["current"] == "SUCCESS"


def test_what_did_not_fail_is_not_restarted(api: Api) -> None:
    api.log_flow()
    done = api.run("hello")
    status, detail = refused(api, done["id"], "restart")
    assert (status, "current state is 'SUCCESS'" in detail) == (409, True)


def test_a_replay_is_a_copy_that_begins_where_it_is_told(api: Api) -> None:
    api.deploy("failing", FAILING.replace('"false"', '"true"'))
    done = api.run("failing")
    chosen = next(run["id"] for run in done["taskRunList"] if run["taskId"] == "last")
    replayed = act(api, done["id"], "replay", params={"taskRunId": chosen})
    assert (replayed["parentId"], replayed["originalId"]) == (done["id"], done["id"])
    ended = api.over(replayed["id"])
    restarted = [run["taskId"] for run in ended["taskRunList"] if "RESTARTED" in states(run)]
    assert (ended["state"]["current"], restarted) == ("SUCCESS", ["last"])


def test_what_a_replay_will_do_is_told_before(api: Api) -> None:
    api.deploy("failing", FAILING.replace('"false"', '"true"'))
    done = api.run("failing")
    chosen = next(run["id"] for run in done["taskRunList"] if run["taskId"] == "check")
    told = api.get(f"/executions/{done['id']}/replay/preview", taskRunId=chosen)
    named = {name: [run["taskId"] for run in told[name]] for name in ("kept", "begins", "follows")}
    assert named == {"kept": ["first"], "begins": ["check"], "follows": ["last"]}
    assert api.ask("GET", f"/executions/{done['id']}/replay/preview", params={"taskRunId": "x"}).status_code == 409
    assert api.ask("GET", f"/executions/{done['id']}/replay/preview", params={"revision": 9}).status_code == 404


def test_what_a_restart_will_do_is_told_before(api: Api) -> None:
    api.deploy("failing", FAILING)
    failed = api.run("failing")
    told = api.get(f"/executions/{failed['id']}/restart/preview")
    named = {name: [run["taskId"] for run in told[name]] for name in ("kept", "begins", "mayFollow")}
    assert named == {"kept": ["first"], "begins": ["check"], "mayFollow": ["last"]}
    assert api.get(f"/executions/{failed['id']}/restart/preview", revision=1)["begins"] == told["begins"]


def test_a_replay_takes_other_inputs_and_keeps_the_rest(api: Api) -> None:
    api.deploy("greet", GREETING)
    done = api.run("greet", inputs={"name": "Ann", "count": 7})
    parts = [("name", (None, "Zoe"))]
    replayed = act(api, done["id"], "replay-with-inputs", files=parts)
    ended = api.over(replayed["id"])
    assert ended["inputs"] == {"name": "Zoe", "count": 7}
    wrong = api.ask("POST", f"/executions/{done['id']}/actions/replay-with-inputs", files=[("count", (None, "many"))])
    assert wrong.status_code == 422


def test_a_file_that_a_replay_is_given_leaves_that_of_the_original_alone(api: Api) -> None:
    api.deploy("reads", READS)
    done = api.ask("POST", f"/executions/{api.namespace}/reads", files=a_file("one"), params={"wait": "true"}).json()
    replayed = api.over(act(api, done["id"], "replay-with-inputs", files=a_file("two"))["id"])
    refused = [*a_file("three"), ("count", (None, "many"))]
    assert api.ask("POST", f"/executions/{done['id']}/actions/replay-with-inputs", files=refused).status_code == 422
    for execution, text in ((done, "one"), (replayed, "two")):
        path = {"path": execution["inputs"]["file"]}
        assert api.ask("GET", f"/executions/{execution['id']}/file", params=path).text == text


def a_file(text: str) -> list[Any]:
    return [("file", ("rows.csv", text))]


def test_a_task_run_counts_as_ended_otherwise_and_the_rest_goes_on(api: Api) -> None:
    api.deploy("failing", FAILING)
    failed = api.run("failing")
    check = next(run["id"] for run in failed["taskRunList"] if run["taskId"] == "check")
    act(api, failed["id"], "state", json={"taskRunId": check, "state": "SUCCESS"})
    ended = api.until(failed["id"], "SUCCESS")
    assert [run["taskId"] for run in ended["taskRunList"]] == ["first", "check", "last"]


def test_an_ended_execution_counts_as_ended_otherwise(api: Api) -> None:
    api.log_flow()
    done = api.run("hello")
    assert act(api, done["id"], "change-status", params={"status": "CANCELLED"})["state"]["current"] == "CANCELLED"
    assert refused(api, done["id"], "change-status", params={"status": "RUNNING"})[0] == 422


def test_labels_of_an_ended_execution_are_replaced_but_for_those_of_the_system(api: Api) -> None:
    api.log_flow()
    done = api.run("hello", labels=["team:a"])
    changed = labels(act(api, done["id"], "labels", json=[{"key": "env", "value": "prod"}]))
    assert (changed["env"], "team" in changed, changed["system.from"]) == ("prod", False, "api")
    assert refused(api, done["id"], "labels", json=[{"key": "system.x", "value": "y"}])[0] == 422
    assert refused(api, done["id"], "labels", json=[{"key": "Team", "value": "y"}])[0] == 422


def test_a_queued_execution_is_forced_or_taken_out(api: Api) -> None:
    api.deploy("limited", QUEUED)
    first = api.until(api.start("limited")["id"], "RUNNING")
    forced, taken = (api.until(api.start("limited")["id"], "QUEUED")["id"] for _ in range(2))
    assert act(api, forced, "force-run")["state"]["current"] == "RUNNING"
    assert act(api, taken, "unqueue", params={"state": "CANCELLED"})["state"]["current"] == "CANCELLED"
    assert refused(api, first["id"], "unqueue")[0] == 409
    for execution_id in (first["id"], forced):
        good(api.ask("DELETE", f"/executions/{execution_id}/actions/kill"))


def test_an_execution_stops_at_a_breakpoint_and_goes_on(api: Api) -> None:
    api.deploy("failing", FAILING.replace('"false"', '"true"'))
    done = api.run("failing")
    replayed = act(api, done["id"], "replay", params={"breakpoints": "last"})
    stopped = api.until(replayed["id"], "BREAKPOINT")
    act(api, stopped["id"], "resume-from-breakpoint")
    assert api.over(stopped["id"])["state"]["current"] == "SUCCESS"
    assert refused(api, stopped["id"], "resume-from-breakpoint")[0] == 409


def test_a_new_execution_stops_where_its_creation_says(api: Api) -> None:
    api.deploy("failing", FAILING.replace('"false"', '"true"'))
    stopped = api.until(api.start("failing", breakpoints="check, last")["id"], "BREAKPOINT")
    assert [run["taskId"] for run in stopped["taskRunList"]] == ["first", "check"]
    act(api, stopped["id"], "resume-from-breakpoint", params={"breakpoints": ""})
    assert api.over(stopped["id"])["state"]["current"] == "SUCCESS"


@pytest.mark.parametrize("verb", ["restart", "replay", "force-run", "pause", "resume"])
def test_the_paths_of_1x_lead_to_the_same(api: Api, verb: str) -> None:
    api.deploy("failing", FAILING)
    failed = api.run("failing")
    old = api.ask("POST", f"/executions/{failed['id']}/{verb}")
    assert old.status_code == (200 if verb in ("restart", "replay") else 409)


def test_an_execution_that_is_over_is_deleted_with_all_of_it(api: Api) -> None:
    api.deploy("written", "tasks: [{id: file, type: io.kestra.plugin.core.storage.Write, content: text}]")
    done = api.run("written")
    assert api.ask("DELETE", f"/executions/{done['id']}").status_code == 204
    assert api.ask("GET", f"/executions/{done['id']}").status_code == 404
    assert api.ask("DELETE", f"/executions/{done['id']}").status_code == 404


def test_an_execution_that_runs_is_not_deleted(api: Api) -> None:
    api.deploy("paused", PAUSED)
    paused = api.until(api.start("paused")["id"], "PAUSED")
    assert api.ask("DELETE", f"/executions/{paused['id']}").status_code == 409


# Many at once


def test_many_are_asked_by_their_ids(api: Api) -> None:
    api.deploy("failing", FAILING)
    ids = [api.run("failing")["id"] for _ in range(3)]
    begun = bulk(api, "restart", ids)
    assert begun["totalItems"] == 3
    assert (finished(api, begun)["done"], finished(api, begun)["refused"]) == (3, 0)
    for identifier in ids:
        api.until(identifier, lambda shown: states(shown).count("FAILED") == 2)


def test_nothing_is_begun_where_one_of_the_ids_is_wrong(api: Api) -> None:
    api.deploy("failing", FAILING)
    api.log_flow()
    failed, done = api.run("failing"), api.run("hello")
    answer = api.ask("POST", "/executions/restart/by-ids", json=[failed["id"], done["id"], "nobody"])
    assert answer.status_code == 400
    assert {each["invalidValue"] for each in answer.json()["invalids"]} == {done["id"], "nobody"}
    assert states(api.get(f"/executions/{failed['id']}")).count("FAILED") == 1


def test_many_are_asked_by_a_search(api: Api) -> None:
    api.deploy("paused", PAUSED)
    ids = [api.until(api.start("paused")["id"], "PAUSED")["id"] for _ in range(3)]
    query = {"filters[namespace][EQUALS]": api.namespace, "filters[state][EQUALS]": "PAUSED"}
    begun = good(api.ask("POST", "/executions/resume/by-query", params=query)).json()
    assert finished(api, begun)["done"] == 3
    for identifier in ids:
        api.until(identifier, "SUCCESS")


@pytest.mark.parametrize(
    ("verb", "method", "query", "state"),
    [
        ("kill", "DELETE", {}, "KILLED"),
        ("resume", "POST", {}, "SUCCESS"),
        ("force-run", "POST", {}, "SUCCESS"),
    ],
)
def test_each_verb_has_its_form_for_many(api: Api, verb: str, method: str, query: Any, state: str) -> None:
    api.deploy("paused", PAUSED)
    paused = api.until(api.start("paused")["id"], "PAUSED")["id"]
    finished(api, bulk(api, verb, [paused], method, **query))
    assert api.until(paused, state)


def test_ended_ones_are_counted_otherwise_labelled_replayed_and_deleted(api: Api) -> None:
    api.log_flow()
    ids = [api.run("hello")["id"] for _ in range(2)]
    finished(api, bulk(api, "change-status", ids, newStatus="WARNING"))
    given = {"executionsId": ids, "executionLabels": [{"key": "a", "value": "b"}]}
    finished(api, good(api.ask("POST", "/executions/labels/by-ids", json=given)).json())
    assert finished(api, bulk(api, "replay", ids, latestRevision="true"))["done"] == 2
    shown = api.get(f"/executions/{ids[0]}")
    assert (shown["state"]["current"], labels(shown)["a"]) == ("WARNING", "b")
    assert good(api.ask("DELETE", "/executions/by-ids", json=ids)).json() == {"count": 2}
    query = {"filters[namespace][EQUALS]": api.namespace}
    wait_for(
        lambda: api.get("/executions/search", **query, **{"filters[state][EQUALS]": "SUCCESS"})["total"],
        lambda n: n == 2,
    )
    assert good(api.ask("DELETE", "/executions/by-query", params=query)).json() == {"count": 2}


def test_an_operation_that_nobody_began_is_not_found(api: Api) -> None:
    assert api.ask("GET", "/operations/nobody").status_code == 404
    assert api.ask("POST", "/executions/change-status/by-ids", json=[]).status_code == 400


@pytest.mark.parametrize(
    ("method", "verb"), [("DELETE", "/kill"), ("POST", "/restart"), ("DELETE", ""), ("POST", "/labels")]
)
def test_a_misspelt_parameter_does_not_widen_what_is_acted_on(api: Api, method: str, verb: str) -> None:
    content = {"json": [{"key": "a", "value": "b"}]} if verb == "/labels" else {}
    answer = api.ask(method, f"/executions{verb}/by-query", params={"namespac": api.namespace}, **content)
    assert answer.status_code == 400
    assert "`namespac` is no parameter of this route" in answer.text
