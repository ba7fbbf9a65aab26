"""The verbs of `tiercel execution`: on one execution, on several, on all that a search finds."""

import io
import json

import pytest
from tests.api.client import LOG, YAML, Api, good
from tests.cli.commands import Tiercel

SLEEP = "tasks: [{id: s, type: io.kestra.plugin.core.flow.Sleep, duration: PT10M}]"
FAIL = "tasks: [{id: f, type: io.kestra.plugin.core.execution.Fail, errorMessage: on purpose}]"
PAUSE = "tasks: [{id: p, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: reason, type: STRING}]}]"
GREET = f"""
inputs: [{{id: name, type: STRING, defaults: World}}]
tasks:
  - {{id: first, type: {LOG}, message: "one"}}
  - {{id: second, type: {LOG}, message: "hello {{{{ inputs.name }}}}"}}
"""


def update(api: Api, flow_id: str, body: str) -> None:
    text = f"id: {flow_id}\nnamespace: {api.namespace}\n{body}"
    good(api.ask("PUT", f"/flows/{api.namespace}/{flow_id}", content=text, headers=YAML))


def failed(api: Api) -> str:
    api.deploy("fail", FAIL)
    return api.run("fail")["id"]


def test_executions_are_killed(tiercel: Tiercel, api: Api) -> None:
    api.deploy("sleep", SLEEP)
    one, other = api.start("sleep")["id"], api.start("sleep")["id"]
    assert tiercel("execution", "kill", one, other).code == 0
    assert {api.over(each)["state"]["current"] for each in (one, other)} == {"KILLED"}


def test_what_failed_is_restarted_in_place(tiercel: Tiercel, api: Api) -> None:
    execution = failed(api)
    assert tiercel("execution", "restart", execution).code == 0
    again = api.over(execution)
    assert [each["state"] for each in again["state"]["histories"]].count("RESTARTED") == 1


def test_with_another_revision_a_restart_is_an_execution_of_its_own(tiercel: Tiercel, api: Api) -> None:
    execution = failed(api)
    update(api, "fail", FAIL.replace("on purpose", "again"))
    said = tiercel("execution", "restart", execution, "--revision", "2")
    assert said.code == 0
    assert said.out.split()[0] != execution


def test_an_execution_is_replayed_from_a_task_with_other_inputs(tiercel: Tiercel, api: Api) -> None:
    api.deploy("greet", GREET)
    execution = api.run("greet")
    second = execution["taskRunList"][1]["id"]
    said = tiercel("execution", "replay", execution["id"], "--task-run", second, "-i", "name=Ann", "--json")
    copy = api.over(json.loads(said.out)["id"])
    assert copy["originalId"] == execution["id"]
    assert copy["inputs"] == {"name": "Ann"}
    assert [len(run["state"]["histories"]) > 0 for run in copy["taskRunList"]] == [True, True]


def test_a_paused_execution_goes_on_with_the_inputs_it_asks_for(tiercel: Tiercel, api: Api) -> None:
    api.deploy("pause", PAUSE)
    execution = api.start("pause")["id"]
    api.until(execution, "PAUSED")
    refused = tiercel("execution", "resume", execution)
    assert refused.code == 1
    assert "reason" in refused.err
    assert tiercel("execution", "resume", execution, "-i", "reason=fine").code == 0
    assert api.over(execution)["state"]["current"] == "SUCCESS"


def test_an_execution_stops_at_a_breakpoint_and_goes_on(tiercel: Tiercel, api: Api) -> None:
    api.deploy("greet", GREET)
    source = api.run("greet")["id"]
    said = tiercel("execution", "replay", source, "--breakpoint", "second", "--json")
    execution = json.loads(said.out)["id"]
    api.until(execution, "BREAKPOINT")
    assert tiercel("execution", "resume-from-breakpoint", execution).code == 0
    assert api.over(execution)["state"]["current"] == "SUCCESS"


def test_a_running_execution_is_paused_and_forced_on(tiercel: Tiercel, api: Api) -> None:
    api.deploy("sleep", SLEEP)
    execution = api.start("sleep")["id"]
    api.until(execution, "RUNNING")
    assert tiercel("execution", "pause", execution).code == 0
    api.until(execution, "PAUSED")
    assert tiercel("execution", "force-run", execution).code == 0
    tiercel("execution", "kill", execution)
    api.over(execution)


def test_a_queued_execution_is_let_in(tiercel: Tiercel, api: Api) -> None:
    api.deploy("limited", "concurrency: {behavior: QUEUE, limit: 1}\n" + SLEEP)
    first, queued = api.start("limited")["id"], api.start("limited")["id"]
    api.until(queued, "QUEUED")
    assert tiercel("execution", "unqueue", queued, "--to", "CANCELLED").code == 0
    assert api.over(queued)["state"]["current"] == "CANCELLED"
    tiercel("execution", "kill", first)
    api.over(first)


def test_an_execution_counts_as_ended_in_another_state_and_gets_other_labels(tiercel: Tiercel, api: Api) -> None:
    execution = failed(api)
    assert tiercel("execution", "change-state", execution, "SUCCESS").code == 0
    assert api.get(f"/executions/{execution}")["state"]["current"] == "SUCCESS"
    assert tiercel("execution", "set-labels", execution, "team:data").code == 0
    labels = api.get(f"/executions/{execution}")["labels"]
    assert {"key": "team", "value": "data"} in labels


def test_a_task_run_counts_as_ended_in_another_state(tiercel: Tiercel, api: Api) -> None:
    execution = failed(api)
    run = api.get(f"/executions/{execution}")["taskRunList"][0]["id"]
    assert tiercel("execution", "change-state", execution, "SUCCESS", "--task-run", run).code == 0
    assert api.over(execution)["state"]["current"] == "SUCCESS"


def test_a_verb_that_was_done_is_no_failure_whatever_the_state(tiercel: Tiercel, api: Api) -> None:
    execution = failed(api)
    run = api.get(f"/executions/{execution}")["taskRunList"][0]["id"]
    assert tiercel("execution", "set-labels", execution, "team=data").code == 0
    assert tiercel("execution", "change-state", execution, "WARNING").code == 0
    said = tiercel("execution", "change-state", execution, "FAILED", "--task-run", run)
    assert (said.code, said.err) == (0, "")


def test_a_state_that_is_none_is_told_with_those_that_are(tiercel: Tiercel, api: Api) -> None:
    for words in (("change-state", "nope", "FAILD"), ("unqueue", "nope", "--to", "FAILD")):
        said = tiercel("execution", *words)
        assert said.code == 2
        assert all(state in said.err + said.out for state in ("FAILD", "SUCCESS", "WARNING", "CANCELLED"))


def test_all_that_a_search_finds_are_asked(tiercel: Tiercel, api: Api) -> None:
    failed(api)
    api.run("fail")
    said = tiercel("execution", "restart", "--flow", f"{api.namespace}.fail", "--state", "FAILED")
    assert said.out.startswith("restart: 2 done, 0 refused")


def test_executions_are_deleted(tiercel: Tiercel, api: Api) -> None:
    execution = failed(api)
    assert tiercel("execution", "delete", execution).out == "deleted 1\n"
    assert tiercel("execution", "get", execution).code == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("kill",), "which executions?"),
        (("kill", "nope"), "unable to find"),
        (("restart", "one", "--namespace", "company"), "not both"),
        (("restart", "--namespace", "company", "--revision", "1"), "by their ids"),
        (("resume", "nope", "-i", "no-equals-sign"), "name=value"),
        (("set-labels", "nope", "no-colon"), "key=value"),
    ],
)
def test_what_is_unclear_or_refused_is_told_in_words(tiercel: Tiercel, words: tuple[str, ...], reason: str) -> None:
    said = tiercel("execution", *words)
    assert said.code in (1, 2)
    assert reason.lower() in said.err.lower()


def test_an_approval_is_decided(tiercel: Tiercel, api: Api) -> None:
    api.deploy("asked", "tasks: [{id: ask, type: io.kestra.plugin.core.flow.Approval}]")
    for decision, end in (("approve", "SUCCESS"), ("deny", "CANCELLED")):
        execution = api.start("asked")["id"]
        api.until(execution, "PAUSED")
        assert tiercel("execution", "review", execution, decision).code == 0
        assert api.over(execution)["state"]["current"] == end


def test_a_replay_is_shown_before_and_changes_nothing(tiercel: Tiercel, api: Api) -> None:
    api.deploy("greet", GREET)
    execution = api.run("greet")["id"]
    said = tiercel("execution", "replay", execution, "--task", "second", "--preview")
    assert said.code == 0
    assert [line.split()[:2] for line in said.out.splitlines()[:2]] == [["kept", "first"], ["again", "second"]]
    told = json.loads(tiercel("execution", "replay", execution, "--preview", "--json").out)
    assert [run["taskId"] for run in told["follows"]] == ["first", "second"]
    assert api.get("/executions/search", **{"filters[namespace][EQUALS]": api.namespace})["total"] == 1


def test_a_restart_that_goes_on_with_an_execution_says_so_before(tiercel: Tiercel, api: Api) -> None:
    api.deploy("fail", FAIL)
    api.deploy("call", f"tasks: [{{id: call, type: core.flow.Subflow, namespace: {api.namespace}, flowId: fail}}]")
    execution = api.run("call")
    started = {"filters[namespace][EQUALS]": api.namespace, "filters[flowId][EQUALS]": "fail"}
    child = api.get("/executions/search", **started)["results"][0]["id"]
    told = tiercel("execution", "restart", execution["id"], "--preview").out
    assert f"goes on with execution {child} at the revision that has, if it failed" in told


def test_a_replay_names_its_task_or_says_which_there_are(tiercel: Tiercel, api: Api) -> None:
    api.deploy("greet", GREET)
    execution = api.run("greet")["id"]
    assert "no task run" in tiercel("execution", "replay", execution, "--task", "third").err
    copy = json.loads(tiercel("execution", "replay", execution, "--task", "second", "--json").out)
    assert copy["originalId"] == execution


def test_a_person_is_asked_before_a_restart(tiercel: Tiercel, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    execution = failed(api)
    for answer, code, restarts in (("\n", 1, 0), ("y\n", 0, 1)):
        monkeypatch.setattr("sys.stdin", Person(answer))
        said = tiercel("execution", "restart", execution)
        assert said.code == code
        assert said.err.splitlines()[1].split()[:2] == ["again", "f"]
        assert [each["state"] for each in api.over(execution)["state"]["histories"]].count("RESTARTED") == restarts


def test_what_cannot_be_restarted_has_no_preview(tiercel: Tiercel, api: Api) -> None:
    api.deploy("greet", GREET)
    said = tiercel("execution", "restart", api.run("greet")["id"], "--preview")
    assert (said.code, "FAILED" in said.err) == (1, True)
    assert tiercel("execution", "restart", "--flow", "greet", "--preview").code == 2


class Person(io.StringIO):
    """Somebody at a terminal, who types this."""

    def isatty(self) -> bool:
        return True
