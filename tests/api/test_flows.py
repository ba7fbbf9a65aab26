"""Flows: saved, read, searched, checked."""

from typing import Any

import pytest
from tests.api.client import LOG, YAML, Api, good

TASKS = f"tasks: [{{id: log, type: {LOG}, message: hello}}]\n"


def test_a_flow_is_created_read_changed_and_deleted(api: Api) -> None:
    created = api.deploy("first", TASKS)
    assert (created["revision"], created["source"].splitlines()[0]) == (1, "id: first")
    path = f"/flows/{api.namespace}/first"
    assert "source" not in api.get(path)

    changed = api.ask("PUT", path, content=created["source"] + "description: second\n", headers=YAML).json()
    assert (changed["revision"], changed["description"]) == (2, "second")
    same = api.ask("PUT", path, content=changed["source"], headers=YAML).json()
    assert same["revision"] == 2
    assert [each["revision"] for each in api.get(f"{path}/revisions")] == [1, 2]
    assert "description" not in api.get(path, revision=1, source="true")

    assert api.ask("DELETE", path).status_code == 204
    assert api.ask("DELETE", path).status_code == 404
    assert api.ask("GET", path).status_code == 404
    assert api.get(path, revision=2)["description"] == "second"


def test_a_flow_that_exists_is_not_created_again(api: Api) -> None:
    api.deploy("twice", TASKS)
    refused = api.ask("POST", "/flows", content=f"id: twice\nnamespace: {api.namespace}\n{TASKS}", headers=YAML)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/entity-already-exists")


@pytest.mark.parametrize(("line", "place"), [("id: other", "flow.id"), ("namespace: elsewhere", "flow.namespace")])
def test_a_flow_is_not_saved_under_the_name_of_another(api: Api, line: str, place: str) -> None:
    source = api.deploy("own", TASKS)["source"]
    key = line.partition(":")[0]
    other = "\n".join(line if each.startswith(f"{key}:") else each for each in source.splitlines())
    refused = api.ask("PUT", f"/flows/{api.namespace}/own", content=other, headers=YAML)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == place


def test_every_problem_of_a_flow_is_told_with_its_place(api: Api) -> None:
    text = f"id: bad\nnamespace: {api.namespace}\ntasks:\n  - id: a\n    type: {LOG}\n  - id: a\n    type: {LOG}\n"
    refused = api.ask("POST", "/flows", content=text, headers=YAML)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    told = {(each["line"], each["code"]) for each in refused.json()["errors"]}
    assert {(4, "missing"), (6, "missing")} <= {(line, code) for line, code in told} or len(told) >= 3


def test_a_flow_is_sent_as_yaml(api: Api) -> None:
    assert api.ask("POST", "/flows", json={"id": "x"}).status_code == 415


@pytest.mark.parametrize("body", [b"\xff\xfe", b"\x00", b"{", b"&a [*a, *a", b"- 1", b""])
def test_a_text_that_is_no_flow_is_refused(api: Api, body: bytes) -> None:
    refused = api.ask("POST", "/flows", content=body, headers=YAML)
    assert refused.status_code == 422
    assert refused.json()["detail"]


# Search -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(api: Api) -> Api:
    """A namespace of three flows."""
    api.deploy("alpha", f"labels: {{team: data, tier: gold}}\ndescription: moves the things\n{TASKS}")
    api.deploy("beta", f"labels: {{team: ops}}\n{TASKS}")
    api.deploy("alphabet", TASKS, namespace=f"{api.namespace}.sub")
    return api


CASES: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["alpha", "alphabet", "beta"]),
    ({"filters[flowId][EQUALS]": "alpha"}, ["alpha"]),
    ({"filters[flowId][NOT_EQUALS]": "alpha"}, ["alphabet", "beta"]),
    ({"filters[flowId][IN]": "alpha,beta"}, ["alpha", "beta"]),
    ({"filters[flowId][NOT_IN]": "alpha,beta"}, ["alphabet"]),
    ({"filters[flowId][STARTS_WITH]": "alp"}, ["alpha", "alphabet"]),
    ({"filters[flowId][ENDS_WITH]": "bet"}, ["alphabet"]),
    ({"filters[flowId][CONTAINS]": "PHA"}, ["alpha", "alphabet"]),
    ({"filters[flowId][REGEX]": "^a.*a$"}, ["alpha"]),
    ({"filters[labels][EQUALS][team]": "data"}, ["alpha"]),
    ({"filters[labels][EQUALS][team]": "data", "filters[labels][EQUALS][tier]": "silver"}, []),
    ({"filters[labels][NOT_EQUALS][team]": "data"}, ["alphabet", "beta"]),
    ({"filters[labels][CONTAINS][team]": "at"}, ["alpha"]),
    ({"filters[q][EQUALS]": "THINGS"}, ["alpha"]),
    ({"filters[scope][EQUALS]": "USER"}, ["alpha", "alphabet", "beta"]),
    ({"filters[scope][EQUALS]": "SYSTEM"}, []),
    ({"filters[or][0][flowId][EQUALS]": "beta", "filters[or][1][labels][EQUALS][tier]": "gold"}, ["alpha", "beta"]),
    ({"filters[and][0][flowId][STARTS_WITH]": "a", "filters[and][1][flowId][ENDS_WITH]": "t"}, ["alphabet"]),
]


@pytest.mark.parametrize(("filters", "wanted"), CASES, ids=[",".join(filters) or "none" for filters, _ in CASES])
def test_flows_are_found_by(three: Api, filters: dict[str, str], wanted: list[str]) -> None:
    own = {"filters[namespace][PREFIX]": three.namespace}
    found = three.get("/flows/search", sort="id:asc", **own, **filters)
    assert [flow["id"] for flow in found["results"]] == wanted
    assert found["total"] == len(wanted)


def test_a_page_holds_what_was_asked_for_and_the_total_counts_all(three: Api) -> None:
    own = {"filters[namespace][PREFIX]": three.namespace, "sort": "id:desc", "size": 2}
    assert [flow["id"] for flow in three.get("/flows/search", page=1, **own)["results"]] == ["beta", "alphabet"]
    assert [flow["id"] for flow in three.get("/flows/search", page=2, **own)["results"]] == ["alpha"]
    assert three.get("/flows/search", page=3, **own) == {"results": [], "total": 3}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"filters[nope][EQUALS]": "x"}, 400),
        ({"filters[flowId][NOPE]": "x"}, 400),
        ({"filters[flowId]": "x"}, 400),
        ({"filters[level][EQUALS]": "INFO"}, 400),
        ({"page": "0"}, 422),
        ({"page": "one"}, 422),
        ({"size": "-1"}, 422),
        ({"sort": "nope:asc"}, 422),
        ({"sort": "id:sideways"}, 422),
    ],
)
def test_a_search_that_means_nothing_is_refused(api: Api, query: dict[str, str], status: int) -> None:
    refused = api.ask("GET", "/flows/search", params=query)
    assert refused.status_code == status
    assert refused.json()["detail"]


def test_all_wrong_filters_are_told_at_once(api: Api) -> None:
    query = {"filters[nope][EQUALS]": "x", "filters[flowId][NOPE]": "x"}
    assert len(api.ask("GET", "/flows/search", params=query).json()["errors"]) == 2


# Checks -----------------------------------------------------------------------------------------------------------------


def validated(api: Api, text: str) -> Any:
    return good(api.ask("POST", "/flows/validate", content=text, headers=YAML)).json()


def test_a_good_flow_has_no_constraints(api: Api) -> None:
    [found] = validated(api, f"id: good\nnamespace: {api.namespace}\n{TASKS}")
    assert "constraints" not in found
    assert (found["flow"], found["outdated"], found["warnings"], found["infos"]) == ("good", False, [], [])


def test_several_flows_are_checked_each_for_itself(api: Api) -> None:
    found = validated(api, f"id: a\nnamespace: x\n{TASKS}\n---\nid: b\nnamespace: x\n")
    assert [(each["index"], each["flow"], "constraints" in each) for each in found] == [(0, "a", False), (1, "b", True)]


def test_problems_stand_in_the_lines_of_what_was_sent(api: Api) -> None:
    flow = f"id: a\nnamespace: x\n{TASKS}\n"
    text = f"# head\n---\n{flow}---\n{flow}nope: 1\n"
    [first, second] = validated(api, text)
    assert "constraints" not in first
    assert text.splitlines()[second["problems"][0]["line"] - 1] == "nope: 1"


def test_a_flow_is_outdated_when_its_revision_is_not_the_next(api: Api) -> None:
    api.deploy("known", TASKS)
    text = f"id: known\nnamespace: {api.namespace}\n{TASKS}revision: "
    assert [validated(api, f"{text}{number}")[0]["outdated"] for number in (1, 2)] == [True, False]


def test_what_is_deprecated_is_told_by_its_path(api: Api) -> None:
    text = f"id: old\nnamespace: {api.namespace}\n{TASKS}taskDefaults: []"
    [found] = validated(api, text)
    assert "constraints" not in found
    assert found["deprecationPaths"] == ["taskDefaults"]


def test_one_task_and_one_trigger_are_checked_alone(api: Api) -> None:
    task = api.ask("POST", "/flows/validate/task", content=f"id: a\ntype: {LOG}", headers=YAML).json()
    assert task["constraints"] == "message: must not be null\n"
    trigger = {"id": "t", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "0 2 * * *"}
    assert "constraints" not in api.ask("POST", "/flows/validate/trigger", json=trigger).json()


def test_namespaces_are_those_of_flows_and_their_parents(api: Api) -> None:
    api.deploy("one", TASKS, namespace=f"{api.namespace}.deep.down")
    found = api.get("/namespaces/search", **{"filters[q][EQUALS]": api.namespace, "size": 100})["results"]
    assert {"id": f"{api.namespace}.deep"} in found
    assert f"{api.namespace}.deep.down" in api.get("/flows/distinct-namespaces", q=api.namespace)
    assert f"{api.namespace}.deep" not in api.get("/flows/distinct-namespaces", q=api.namespace)


def test_a_call_of_a_flow_that_is_not_there_is_a_warning(api: Api) -> None:
    api.deploy("there", TASKS)
    call = "tasks: [{{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: {0}, flowId: {1}}}]\n"
    for name, told in (("there", []), ("gone", [f"The subflow 'gone' not found in namespace '{api.namespace}'."])):
        [found] = validated(api, f"id: caller\nnamespace: {api.namespace}\n{call.format(api.namespace, name)}")
        assert (found["warnings"], "constraints" in found) == (told, False)


@pytest.mark.parametrize("written", ['description: "a\\0b"', 'labels: {team: "a\\0b"}'])
def test_a_text_that_cannot_be_stored_is_refused(api: Api, written: str) -> None:
    source = f"id: f\nnamespace: {api.namespace}\n{written}\ntasks: [{{id: a, type: io.kestra.plugin.core.log.Log, message: a}}]"
    answer = api.ask("POST", "/flows", content=source, headers=YAML)
    assert answer.status_code == 422
    assert "NUL" in answer.json()["detail"]
