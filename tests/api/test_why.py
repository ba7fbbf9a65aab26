"""Why an execution is as it is: what failed first, what is waited for, what differs from when it went well."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from tests.adapters.postgres.server import Server as Postgres
from tests.adapters.postgres.server import open_folder
from tests.api.client import YAML, Api, good
from tests.server import Served, database, settings_for, threaded

RETURN, FAIL, FLOW = ("io.kestra.plugin.core." + name for name in ("debug.Return", "execution.Fail", "flow."))
BROKEN = f"""
inputs: [{{id: word, type: STRING, defaults: hush}}, {{id: hidden, type: SECRET, defaults: "very-secret"}}]
tasks:
  - {{id: first, type: {RETURN}, format: "{{{{ inputs.word }}}}!"}}
  - id: check
    type: {FAIL}
    # why it fails
    errorMessage: "{{{{ outputs.first.value }}}} {{{{ inputs.hidden }}}}"
  - {{id: last, type: {RETURN}, format: done}}
"""
SCRIPT = """
tasks:
  - id: s
    type: io.kestra.plugin.scripts.shell.Script
    script: |
      echo 'Traceback (most recent call last):' >&2
      echo '  File "script.py", line 1' >&2
      echo 'ValueError: deep' >&2
      exit 1
"""
GOOD = BROKEN.replace(FAIL, RETURN).replace("errorMessage", "format")


@pytest.fixture(scope="module")
def shared_server(postgres: Postgres) -> Iterator[Served]:
    """A server that can encrypt."""
    key = base64.b64encode(bytes(range(32))).decode()
    with (
        open_folder() as home,
        database(postgres) as dsn,
        threaded(settings_for(dsn, home, kestra={"encryption": {"secret-key": key}})) as server,
    ):
        yield server


def why(api: Api, execution: Any) -> Any:
    return api.get(f"/executions/{execution['id']}/why")


def update(api: Api, flow_id: str, body: str) -> None:
    text = f"id: {flow_id}\nnamespace: {api.namespace}\n{body}"
    good(api.ask("PUT", f"/flows/{api.namespace}/{flow_id}", content=text, headers=YAML))


@pytest.fixture
def failed(api: Api) -> Any:
    api.deploy("flow", GOOD)
    assert api.run("flow")["state"]["current"] == "SUCCESS"
    update(api, "flow", BROKEN)
    return api.run("flow", inputs={"word": "loud"})


def test_a_failure_has_its_task_error_lines_and_place(api: Api, failed: Any) -> None:
    failure = why(api, failed)["failure"]
    assert [hop["taskId"] for hop in failure["path"]] == ["check"]
    assert (failure["type"], len(failure["attempts"])) == (FAIL, 1)
    assert failure["error"].startswith("loud! ")
    assert failure["lines"][-1]["level"] == "ERROR"
    source = failure["source"]
    assert (source["line"], source["lines"][0]) == (7, "  - id: check")
    assert source["lines"][2:] == [
        "    # why it fails",
        '    errorMessage: "{{ outputs.first.value }} {{ inputs.hidden }}"',
    ]


def test_the_error_of_a_script_is_the_end_of_its_traceback(api: Api) -> None:
    api.deploy("script", SCRIPT)
    told = why(api, api.run("script"))
    assert told["failure"]["error"] == "ValueError: deep"
    assert told["summary"] == "FAILED: task s ended as FAILED: ValueError: deep"


def test_its_properties_are_shown_as_they_were_rendered_and_secrets_are_not(api: Api, failed: Any) -> None:
    properties = {each["name"]: each for each in why(api, failed)["failure"]["properties"]}
    assert "notRendered" not in why(api, failed)["failure"]
    assert properties["errorMessage"]["value"].startswith("loud! ")
    assert "very-secret" not in str(why(api, failed))


def test_what_differs_from_the_last_good_one_is_told(api: Api, failed: Any) -> None:
    [comparison] = why(api, failed)["comparisons"]
    assert {each["what"]: (each["before"], each["now"]) for each in comparison["differences"]} == {
        "revision": (1, 2),
        "inputs.word": ("hush", "loud"),
    }
    changed = [line for line in comparison["diff"] if line[0] in "+-" and line[:3] not in ("+++", "---")]
    assert changed[0] == f"-    type: {RETURN}"


def test_a_property_that_cannot_be_rendered_says_why(api: Api) -> None:
    api.deploy("odd", f"tasks: [{{id: odd, type: {RETURN}, format: '{{{{ outputs.nothing.value }}}}'}}]")
    failure = why(api, api.run("odd"))["failure"]
    [given] = failure["properties"]
    assert (given["name"], "nothing" in given["error"]) == ("format", True)


def test_a_failure_in_a_subflow_of_an_iteration_is_found(api: Api) -> None:
    api.deploy("child", f"tasks: [{{id: leaf, type: {FAIL}, errorMessage: deep}}]")
    loop = f"""
tasks:
  - id: loop
    type: {FLOW}Loop
    values: [a, b]
    tasks: [{{id: call, type: {FLOW}Subflow, namespace: {api.namespace}, flowId: child}}]
"""
    api.deploy("parent", loop)
    told = why(api, api.run("parent"))
    assert [(hop["flowId"], hop["taskId"]) for hop in told["failure"]["path"]] == [
        ("parent", "loop"),
        ("parent", "call"),
        ("child", "leaf"),
    ]
    assert (told["failure"]["path"][1]["item"], told["failure"]["error"]) == (0, "deep")
    assert told["summary"] == "FAILED: task leaf ended as FAILED: deep"


def test_a_replay_is_explained_from_its_rows(api: Api, failed: Any) -> None:
    copy = good(api.ask("POST", f"/executions/{failed['id']}/actions/replay")).json()
    api.over(copy["id"])
    properties = why(api, copy)["failure"]["properties"]
    assert [each["value"].startswith("loud! ") for each in properties] == [True]


@pytest.mark.parametrize(
    ("body", "state", "words"),
    [
        (f"tasks: [{{id: nap, type: {FLOW}Sleep, duration: PT10M}}]", "RUNNING", "it waits for its time"),
        (
            f"tasks: [{{id: ask, type: {FLOW}Pause, onResume: [{{id: reason, type: STRING}}]}}]",
            "PAUSED",
            "somebody has to resume it and give reason: `tiercel execution resume {id}`",
        ),
    ],
)
def test_what_is_not_over_says_what_it_waits_for(api: Api, body: str, state: str, words: str) -> None:
    api.deploy("slow", body)
    begun = api.until(api.start("slow")["id"], state)
    told = why(api, begun)
    assert [wait["message"] for wait in told["waits"]] == [words.format(id=begun["id"])]
    assert "failure" not in told
    good(api.ask("DELETE", f"/executions/{begun['id']}/actions/kill"))


def test_what_waits_for_another_execution_names_it(api: Api) -> None:
    api.deploy("nap", f"tasks: [{{id: nap, type: {FLOW}Sleep, duration: PT10M}}]")
    api.deploy("call", f"tasks: [{{id: call, type: {FLOW}Subflow, namespace: {api.namespace}, flowId: nap}}]")
    begun = api.until(
        api.start("call")["id"],
        lambda shown: shown.get("taskRunList", [{}])[0].get("state", {}).get("current") == "RUNNING",
    )
    [child] = api.get(
        "/executions/search", **{"filters[flowId][EQUALS]": "nap", "filters[namespace][EQUALS]": api.namespace}
    )["results"]
    [wait] = why(api, begun)["waits"]
    assert (wait["message"], wait["executionIds"]) == ("executions that it started are not over", [child["id"]])
    good(api.ask("DELETE", f"/executions/{begun['id']}/actions/kill"))


def test_a_queued_execution_says_who_has_the_slot(api: Api) -> None:
    api.deploy("limited", f"concurrency: {{limit: 1}}\ntasks: [{{id: nap, type: {FLOW}Sleep, duration: PT10M}}]")
    first = api.until(api.start("limited")["id"], "RUNNING")
    queued = api.until(api.start("limited")["id"], "QUEUED")
    [wait] = why(api, queued)["waits"]
    assert wait["executionIds"] == [first["id"]]
    for one in (queued, first):
        good(api.ask("DELETE", f"/executions/{one['id']}/actions/kill"))
    killed = why(api, api.over(first["id"]))
    nobody = "it was told to end as KILLED by somebody who was not asked who they are"
    assert killed["facts"][0]["message"] == nobody


def test_an_execution_that_was_killed_with_another_names_it_and_why(api: Api) -> None:
    api.deploy("napping", f"tasks: [{{id: nap, type: {FLOW}Sleep, duration: PT10M}}]")
    call = f"{{id: call, type: {FLOW}Subflow, namespace: {api.namespace}, flowId: napping}}"
    broken = f"{{id: seq, type: {FLOW}Sequential, tasks: [{{id: soon, type: {FLOW}Sleep, duration: PT0.5S}}, {{id: broken, type: {FAIL}}}]}}"
    api.deploy("parallel", f"tasks: [{{id: par, type: {FLOW}Parallel, tasks: [{call}, {broken}]}}]")
    parent = api.run("parallel")
    [started] = api.get("/executions/search", **{"filters[triggerExecutionId][EQUALS]": parent["id"]})["results"]
    told = why(api, api.over(started["id"]))["facts"][0]["message"]
    with_it = f"it was told to end as KILLED with execution {parent['id']}, which started it"
    assert told == f"{with_it}: task `seq` failed beside the task that waits for it"


def test_an_agreement_that_was_violated_is_told(api: Api) -> None:
    sla = "sla: [{id: always, type: EXECUTION_ASSERTION, assert: 'false', behavior: FAIL}]"
    api.deploy("agreed", f"{sla}\ntasks: [{{id: a, type: {RETURN}, format: x}}]")
    told = why(api, api.run("agreed"))
    assert "'always'" in str(told["facts"])
    assert "'always'" in told["summary"]


def test_an_execution_that_went_well_says_so(api: Api) -> None:
    api.log_flow()
    assert why(api, api.run("hello"))["summary"] == "SUCCESS: nothing went wrong"
    assert api.ask("GET", "/executions/nobody/why").status_code == 404
