"""Log lines and metrics: listed, searched, downloaded, deleted."""

from typing import Any

import pytest
from tests.api.client import LOG, Api, good, wait_for

LEVELS = f"""
tasks:
  - {{id: a, type: {LOG}, message: one, level: DEBUG}}
  - {{id: b, type: {LOG}, message: two, level: INFO}}
  - {{id: c, type: {LOG}, message: three, level: ERROR}}
"""
FROM = "filters[level][GREATER_THAN_OR_EQUAL_TO]"


@pytest.fixture
def execution(api: Api) -> str:
    api.deploy("levels", LEVELS)
    return api.run("levels")["id"]


CASES: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["one", "two", "three"]),
    ({FROM: "INFO"}, ["two", "three"]),
    ({"filters[level][LESS_THAN_OR_EQUAL_TO]": "INFO"}, ["one", "two"]),
    ({"minLevel": "ERROR"}, ["three"]),
    ({"taskId": "b"}, ["two"]),
    ({"filters[taskId][EQUALS]": "b"}, ["two"]),
    ({"filters[taskId][IN]": "a,b"}, ["one", "two"]),
    ({"filters[q][EQUALS]": "THRE"}, ["three"]),
    ({"attempt": "0", "taskId": "a"}, ["one"]),
    ({"filters[attemptNumber][EQUALS]": "7"}, []),
    ({"filters[startDate][GREATER_THAN]": "2999-01-01T00:00:00Z"}, []),
]


@pytest.mark.parametrize(("query", "wanted"), CASES, ids=[",".join(query) or "none" for query, _ in CASES])
def test_lines_of_an_execution_are_listed(api: Api, execution: str, query: dict[str, str], wanted: list[str]) -> None:
    found = api.get(f"/logs/{execution}", **query)
    assert [line["message"] for line in found] == wanted
    assert all(line["executionId"] == execution and "tenantId" not in line for line in found)


def test_lines_of_all_executions_are_searched_newest_first(api: Api, execution: str) -> None:
    own = {"filters[namespace][EQUALS]": api.namespace}
    found = api.get("/logs/search", **own, size=2)
    assert ([line["message"] for line in found["results"]], found["total"]) == (["three", "two"], 3)
    assert [line["message"] for line in api.get("/logs/search", **own, sort="timestamp:asc")["results"]] == [
        "one",
        "two",
        "three",
    ]
    grouped = {"filters[or][0][taskId][EQUALS]": "a", "filters[or][1][q][EQUALS]": "three"}
    assert {line["message"] for line in api.get("/logs/search", **own, **grouped)["results"]} == {"one", "three"}


@pytest.mark.parametrize(
    "query",
    [{FROM: "SHOUT"}, {"filters[level][EQUALS]": "INFO"}, {"filters[nope][EQUALS]": "x"}, {"minLevel": "SHOUT"}],
)
def test_a_search_of_lines_that_means_nothing_is_refused(api: Api, execution: str, query: dict[str, Any]) -> None:
    refused = api.ask("GET", f"/logs/{execution}", params=query)
    assert refused.status_code == 400
    assert refused.json()["type"].endswith("/invalid-query-filters")


def test_lines_are_downloaded_as_text(api: Api, execution: str) -> None:
    answer = good(api.ask("GET", f"/logs/{execution}/download"))
    assert answer.headers["content-disposition"] == f'attachment; filename="{execution}.log"'
    assert [line.split(" ", 1)[1] for line in answer.text.splitlines()] == ["DEBUG one", "INFO two", "ERROR three"]


def test_lines_are_deleted_as_far_as_asked_for(api: Api, execution: str) -> None:
    good(api.ask("DELETE", f"/logs/{execution}", params={FROM: "ERROR"}))
    assert [line["message"] for line in api.get(f"/logs/{execution}")] == ["one", "two"]
    good(api.ask("DELETE", f"/logs/{execution}"))
    assert api.get(f"/logs/{execution}") == []


def test_metrics_of_an_instant_task_are_listed(api: Api) -> None:
    api.deploy("metrics", "tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: four}]")
    execution = api.run("metrics")["id"]
    found = wait_for(lambda: api.get(f"/metrics/{execution}", size=10)["results"], bool)
    values = {metric["name"]: (metric["type"], metric["value"]) for metric in found}
    assert values["length"] == ("counter", 4)
