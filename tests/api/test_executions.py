"""Executions: started in every way, read, searched, told to stop or go on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.api.client import LOG, Api, good

INPUTS = """
inputs:
  - {id: name, type: STRING, defaults: World}
  - {id: count, type: INT, required: false, max: 10}
  - {id: data, type: FILE, required: false}
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.name }} {{ inputs.count }}"}
outputs:
  - {id: said, type: STRING, value: "{{ inputs.name }}"}
"""
PAUSE = """
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.Pause
    onResume: [{id: reason, type: STRING}, {id: file, type: FILE, required: false}]
  - {id: log, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.p.onResume.reason }}"}
"""
SLEEP = "tasks: [{id: s, type: io.kestra.plugin.core.flow.Sleep, duration: PT10M}]"


def test_inputs_come_as_json(api: Api) -> None:
    api.deploy("greet", INPUTS)
    ended = api.run("greet", inputs={"name": "Ann", "count": 3})
    assert (ended["inputs"]["name"], ended["inputs"]["count"]) == ("Ann", 3)
    assert (ended["state"]["current"], ended["outputs"]) == ("SUCCESS", {"said": "Ann"})


def test_inputs_come_as_parts_with_files(api: Api) -> None:
    api.deploy("greet", INPUTS)
    parts = [("name", (None, "Bob")), ("count", (None, "4")), ("data", ("rows.csv", "a,b\n1,2\n"))]
    started = api.ask("POST", f"/executions/{api.namespace}/greet", files=parts, params={"wait": "true"}).json()
    assert started["inputs"]["count"] == 4
    uri = started["inputs"]["data"]
    assert uri.startswith("kestra:///")
    assert uri.endswith("/inputs/data/rows.csv")
    file = api.ask("GET", f"/executions/{started['id']}/file", params={"path": uri})
    assert file.text == "a,b\n1,2\n"


def test_files_come_as_older_clients_send_them(api: Api) -> None:
    api.deploy("old", INPUTS.replace("type: FILE,", "type: FILE, extension: csv,"))
    parts = [("files", ("data", "a,b\n"))]
    started = good(api.ask("POST", f"/executions/{api.namespace}/old", files=parts)).json()
    assert started["inputs"]["data"].endswith("/inputs/data/data.csv")


def test_an_input_may_be_called_files(api: Api) -> None:
    api.deploy("named", "inputs: [{id: files, type: FILE}]\ntasks: [{id: l, type: core.log.Log, message: hi}]")
    parts = [("files", ("report.csv", "a,b\n"))]
    started = good(api.ask("POST", f"/executions/{api.namespace}/named", files=parts)).json()
    assert started["inputs"]["files"].endswith("/inputs/files/report.csv")


@pytest.mark.parametrize("kind", ["JSON", "YAML", "ARRAY, itemType: INT", "MULTISELECT, values: [a]"])
def test_half_a_surrogate_pair_in_an_input_is_refused_with_a_reason(api: Api, kind: str) -> None:
    api.deploy("halves", f"inputs: [{{id: data, type: {kind}}}]\ntasks: [{{id: log, type: {LOG}, message: x}}]")
    answer = api.ask("POST", f"/executions/{api.namespace}/halves", files={"data": (None, r'["\ud83d"]')})
    assert answer.status_code == 422
    assert "data" in answer.json()["detail"]


ODD = r"""
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: "{{ fromJson('[\"a\\ud83d\"]') }}"}
  - id: each
    type: io.kestra.plugin.core.flow.Loop
    values: "{{ fromJson('[\"b\\ud83d\"]') }}"
    tasks: [{id: in, type: io.kestra.plugin.core.log.Log, message: "{{ item.value }}"}]
  - {id: kept, type: io.kestra.plugin.core.kv.Set, key: odd, value: "{{ fromJson('[\"c\\ud83d\"]') }}"}
  - {id: give, type: io.kestra.plugin.core.output.OutputValues, values: {odd: "{{ fromJson('[\"d\\ud83d\"]') }}"}}
"""


def test_half_a_surrogate_pair_that_a_task_gives_breaks_no_answer(api: Api) -> None:
    api.deploy("odd", ODD)
    execution = api.run("odd")
    assert execution["state"]["current"] == "SUCCESS"
    assert '["a?"]' in {line["message"] for line in api.get(f"/logs/{execution['id']}")}
    given = {each["taskId"]: each["taskRunId"] for each in api.get(f"/outputs/{execution['id']}")}
    assert "d?" in str(api.get(f"/outputs/{execution['id']}/{given['give']}"))


def test_files_of_a_refused_start_are_not_kept(api: Api, shared_server: Any) -> None:
    api.deploy("greet", INPUTS)
    parts = [("count", (None, "eleven")), ("data", ("rows.csv", "secret-content"))]
    assert api.ask("POST", f"/executions/{api.namespace}/greet", files=parts).status_code == 422
    storage = shared_server.base.foundation.home / "storage"
    assert not [file for file in storage.rglob("rows.csv") if api.namespace.replace(".", "/") in str(file)]


def test_an_empty_body_is_enough(api: Api) -> None:
    api.log_flow()
    assert good(api.ask("POST", f"/executions/{api.namespace}/hello")).json()["state"]["current"] == "RUNNING"


def test_a_start_is_answered_with_what_was_decided_first(api: Api) -> None:
    api.deploy("sleep", SLEEP)
    started = api.start("sleep", labels="a:b")
    assert [each["state"] for each in started["state"]["histories"]] == ["CREATED", "RUNNING"]
    assert [run["taskId"] for run in started["taskRunList"]] == ["s"]
    assert started["deleted"] is False
    assert "tenantId" not in started
    assert {"key": "a", "value": "b"} in started["labels"]
    assert started["url"] == f"http://tiercel.test/ui/main/executions/{api.namespace}/sleep/{started['id']}"


def test_a_start_of_a_later_date_waits(api: Api) -> None:
    api.log_flow()
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    started = api.start("hello", scheduleDate=later)
    assert started["state"]["current"] == "CREATED"
    assert "taskRunList" not in started


def test_an_older_revision_can_be_started(api: Api) -> None:
    api.log_flow()
    source = api.get(f"/flows/{api.namespace}/hello", source="true")["source"]
    changed = source.replace("hello}", "bye}").replace("'hello'", "'bye'")
    api.ask("PUT", f"/flows/{api.namespace}/hello", content=changed, headers={"Content-Type": "application/x-yaml"})
    assert api.run("hello")["flowRevision"] == 2
    assert api.run("hello", revision=1)["flowRevision"] == 1
    assert api.ask("POST", f"/executions/{api.namespace}/hello", params={"revision": 9}).status_code == 404


@pytest.mark.parametrize(
    ("flow", "options", "status"),
    [
        ("nope", {}, 404),
        ("switched-off", {}, 409),
        ("greet", {"json": {"count": "many"}}, 422),
        ("greet", {"json": {"count": 11}}, 422),
        ("greet", {"params": {"labels": "nocolon"}}, 422),
        ("greet", {"params": {"labels": "Team:x"}}, 422),
        ("greet", {"params": {"labels": "system.from:x"}}, 422),
        ("greet", {"params": {"scheduleDate": "tomorrow"}}, 422),
        ("greet", {"params": {"wait": "perhaps"}}, 422),
        ("greet", {"params": {"kind": "LOOP"}}, 422),
        ("greet", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 422),
        ("greet", {"content": b"[]", "headers": {"Content-Type": "application/json"}}, 422),
        ("greet", {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=none"}}, 422),
        ("greet", {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 422),
        ("greet", {"content": b"<x/>", "headers": {"Content-Type": "application/xml"}}, 415),
    ],
)
def test_a_start_that_cannot_be_is_refused(api: Api, flow: str, options: dict[str, Any], status: int) -> None:
    api.deploy("greet", INPUTS)
    api.deploy("switched-off", f"disabled: true\ntasks: [{{id: log, type: {LOG}, message: x}}]")
    refused = api.ask("POST", f"/executions/{api.namespace}/{flow}", **options)
    assert refused.status_code == status, refused.text
    assert refused.json()["status"] == status
    assert refused.json()["detail"]


def test_all_wrong_inputs_are_told_at_once(api: Api) -> None:
    api.deploy("two", "inputs: [{id: a, type: INT}, {id: b, type: BOOL}]\n" + SLEEP)
    refused = api.ask("POST", f"/executions/{api.namespace}/two", json={"a": "x", "b": "maybe"}).json()
    assert [each["path"] for each in refused["errors"]] == ["inputs.a", "inputs.b"]
    assert [each["explanation"] for each in refused["errors"]][:1] == ["`x` is no whole number"]
    first, second = (each["detail"] for each in refused["errors"])
    assert (refused["message"], refused["detail"]) == (f"Invalid entity: {first}", f"{first}, {second}")


# Told to stop or go on --------------------------------------------------------------------------------------------------


def test_a_kill_ends_an_execution_and_a_second_one_changes_nothing(api: Api) -> None:
    api.deploy("sleep", SLEEP)
    execution = api.start("sleep")["id"]
    assert api.ask("DELETE", f"/executions/{execution}/actions/kill").json()["state"]["current"] in (
        "KILLING",
        "KILLED",
    )
    assert api.over(execution)["state"]["current"] == "KILLED"
    again = good(api.ask("DELETE", f"/executions/{execution}/kill")).json()
    assert again["state"]["current"] == "KILLED"


def test_a_kill_reaches_the_children_unless_it_is_told_not_to(api: Api) -> None:
    api.deploy("child", SLEEP)
    sub = f"{{id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: {api.namespace}, flowId: child}}"
    api.deploy("parent", f"tasks: [{sub}]")
    parent = api.start("parent")["id"]
    found = api.get("/executions/search", **{"filters[triggerExecutionId][EQUALS]": parent})["results"]
    child = found[0]["id"]
    api.ask("DELETE", f"/executions/{parent}/actions/kill")
    assert api.over(parent)["state"]["current"] == api.over(child)["state"]["current"] == "KILLED"


def test_a_pause_is_resumed_with_the_inputs_it_asks_for(api: Api) -> None:
    api.deploy("ask", PAUSE)
    execution = api.start("ask")["id"]
    api.until(execution, "PAUSED")
    path = f"/executions/{execution}/actions/resume"
    assert api.ask("POST", path).status_code == 422
    assert api.get(f"/executions/{execution}")["state"]["current"] == "PAUSED"

    parts = [("reason", (None, "because")), ("file", ("proof.txt", "it is so"))]
    resumed = good(api.ask("POST", path, files=parts)).json()
    assert resumed["state"]["current"] in ("RESTARTED", "RUNNING")
    ended = api.over(execution)
    lines = [line["message"] for line in api.get(f"/logs/{execution}")]
    assert (ended["state"]["current"], lines) == ("SUCCESS", ["because"])
    outputs = api.get(f"/outputs/{execution}/{ended['taskRunList'][0]['id']}")
    assert (
        api.ask("GET", f"/executions/{execution}/file", params={"path": outputs["onResume"]["file"]}).text == "it is so"
    )


def test_a_running_execution_is_paused_and_resumed_by_hand(api: Api) -> None:
    api.deploy("sleep", SLEEP)
    execution = api.start("sleep")["id"]
    assert good(api.ask("POST", f"/executions/{execution}/actions/pause")).json()["state"]["current"] == "PAUSED"
    assert good(api.ask("POST", f"/executions/{execution}/actions/resume")).json()["state"]["current"] == "RUNNING"


def test_the_verbs_of_older_clients_are_understood(api: Api) -> None:
    api.deploy("sleep", SLEEP)
    execution = api.start("sleep")["id"]
    assert good(api.ask("POST", f"/executions/{execution}/pause")).json()["state"]["current"] == "PAUSED"
    assert good(api.ask("POST", f"/executions/{execution}/resume")).json()["state"]["current"] == "RUNNING"
    assert good(api.ask("DELETE", f"/executions/{execution}/kill")).json()["id"] == execution


def test_a_flow_may_be_called_like_a_verb(api: Api) -> None:
    api.log_flow("pause")
    assert api.start("pause")["flowId"] == "pause"


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_a_verb_is_refused_where_it_cannot_be(api: Api, verb: str) -> None:
    api.log_flow()
    execution = api.run("hello")["id"]
    refused = api.ask("POST", f"/executions/{execution}/actions/{verb}")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["explanation"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/executions/nope"),
        ("DELETE", "/executions/nope/actions/kill"),
        ("POST", "/executions/nope/actions/pause"),
        ("POST", "/executions/nope/actions/resume"),
        ("GET", "/logs/nope"),
        ("GET", "/outputs/nope"),
        ("GET", "/outputs/nope/nope"),
        ("GET", "/executions/nope/file?path=kestra:///x"),
    ],
)
def test_an_execution_that_is_not_there_is_not_found(api: Api, method: str, path: str) -> None:
    assert api.ask(method, path).status_code == 404


# Search -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(shared_server: Any) -> Any:
    """Executions of several flows in several states, by a name for each."""
    with Api(shared_server.url, namespace="api.search") as api:
        api.log_flow("good")
        api.deploy("bad", "tasks: [{id: f, type: io.kestra.plugin.core.execution.Fail}]")
        api.deploy("sleep", SLEEP)
        api.log_flow("child")
        sub = f"{{id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: {api.namespace}, flowId: child}}"
        api.deploy("parent", f"tasks: [{sub}]")
        ids = {
            "gold": api.run("good", labels="tier:gold")["id"],
            "test": api.run("good", kind="TEST")["id"],
            "failed": api.run("bad")["id"],
            "sleeping": api.start("sleep", labels="tier:silver")["id"],
            "parent": api.run("parent")["id"],
        }
        children = api.get("/executions/search", **{"filters[triggerExecutionId][EQUALS]": ids["parent"]})["results"]
        ids["child"] = children[0]["id"]
        yield api, ids
        api.ask("DELETE", f"/executions/{ids['sleeping']}/actions/kill")


SEARCHES: list[tuple[dict[str, str], set[str]]] = [
    ({}, {"gold", "failed", "sleeping", "parent", "child"}),
    ({"filters[flowId][EQUALS]": "good"}, {"gold"}),
    ({"filters[flowId][IN]": "good,bad"}, {"gold", "failed"}),
    ({"filters[state][EQUALS]": "FAILED"}, {"failed"}),
    ({"filters[state][IN]": "FAILED,RUNNING"}, {"failed", "sleeping"}),
    ({"filters[state][NOT_IN]": "SUCCESS,RUNNING"}, {"failed"}),
    ({"filters[labels][EQUALS][tier]": "gold"}, {"gold"}),
    ({"filters[labels][NOT_EQUALS][tier]": "gold"}, {"failed", "sleeping", "parent", "child"}),
    ({"filters[kind][EQUALS]": "TEST"}, {"test"}),
    ({"filters[childFilter][EQUALS]": "CHILD"}, {"child"}),
    ({"filters[childFilter][EQUALS]": "MAIN", "filters[flowId][STARTS_WITH]": "p"}, {"parent"}),
    ({"filters[startDate][LESS_THAN]": "2020-01-01T00:00:00Z"}, set()),
    ({"filters[startDate][GREATER_THAN]": "2020-01-01T00:00:00Z", "filters[flowId][EQUALS]": "bad"}, {"failed"}),
    ({"filters[timeRange][EQUALS]": "PT1H", "filters[flowId][EQUALS]": "bad"}, {"failed"}),
    ({"filters[q][EQUALS]": "slee"}, {"sleeping"}),
    ({"filters[or][0][flowId][EQUALS]": "bad", "filters[or][1][labels][EQUALS][tier]": "gold"}, {"gold", "failed"}),
    ({"state": "FAILED"}, {"failed"}),
    ({"flowId": "good"}, {"gold"}),
    ({"labels": "tier:silver"}, {"sleeping"}),
]


@pytest.mark.parametrize(("query", "wanted"), SEARCHES, ids=[",".join(query) or "none" for query, _ in SEARCHES])
def test_executions_are_found_by(told: Any, query: dict[str, str], wanted: set[str]) -> None:
    api, ids = told
    own = {"filters[namespace][EQUALS]": api.namespace, "size": 50}
    names = {identifier: name for name, identifier in ids.items()}
    found = api.get("/executions/search", **own, **query)
    seen = {names.get(each["id"], each["id"]) for each in found["results"]}
    assert seen - {"test"} == wanted - {"test"}
    assert "test" in seen or "test" not in wanted
    assert all("taskRunList" not in each and each["tenantId"] == "main" for each in found["results"])


def test_the_newest_come_first_and_pages_go_on(told: Any) -> None:
    api, _ = told
    own = {"filters[namespace][EQUALS]": api.namespace, "size": 2}
    pages = [api.get("/executions/search", page=page, **own)["results"] for page in (1, 2, 3, 4)]
    ids = [each["id"] for page in pages for each in page]
    assert ids == sorted(ids, reverse=True)
    assert pages[3] == []
    older = api.get("/executions/search", before=ids[1], **own)["results"]
    assert [each["id"] for each in older] == ids[2:4]


@pytest.mark.parametrize(
    "query",
    [
        {"filters[state][EQUALS]": "NOPE"},
        {"filters[startDate][EQUALS]": "nope"},
        {"filters[timeRange][EQUALS]": "an hour"},
        {"filters[nope][EQUALS]": "x"},
        {"filters[state][CONTAINS]": "RUN"},
        {"filters[labels][EQUALS]": "nocolon"},
        {"sort": "nope:asc"},
    ],
)
def test_a_search_of_executions_that_means_nothing_is_refused(api: Api, query: dict[str, str]) -> None:
    refused = api.ask("GET", "/executions/search", params=query)
    assert refused.status_code in (400, 422)
    assert refused.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/executions/%00", 404), ("/executions/search?filters[q][EQUALS]=%00", 400), ("/logs/search?q=a%00b", 400)],
)
def test_the_character_that_no_text_holds_is_refused(api: Api, path: str, status: int) -> None:
    assert api.ask("GET", path).status_code == status
