"""Many templates at once: out as an archive and in again, saved for a namespace, deleted by name and by search."""

import io
import zipfile
from typing import Any

import httpx2
import pytest
from tests.api.client import YAML, Api, good

RETURN = "io.kestra.plugin.core.debug.Return"


def source(api: Api, template_id: str, says: str = "hi") -> str:
    tasks = f"tasks: [{{id: said, type: {RETURN}, format: {says}}}]"
    return f"id: {template_id}\nnamespace: {api.namespace}\n{tasks}\n"


@pytest.fixture
def three(api: Api) -> Api:
    for template_id in ("one", "two", "three"):
        good(api.ask("POST", "/templates", content=source(api, template_id), headers=YAML))
    return api


def ids(api: Api) -> list[str]:
    return sorted(each["id"] for each in api.get("/templates/search", namespace=api.namespace)["results"])


def named(api: Api, *wanted: str) -> list[dict[str, str]]:
    return [{"namespace": api.namespace, "id": each} for each in wanted]


def packed(answer: httpx2.Response) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(good(answer).content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def bring_in(api: Api, name: str, body: bytes) -> httpx2.Response:
    return api.ask("POST", "/templates/import", files={"fileUpload": (name, body)})


def test_templates_are_taken_out_by_name_and_by_search(three: Api) -> None:
    files = packed(three.ask("POST", "/templates/export/by-ids", json=named(three, "one", "nope")))
    assert files == {f"{three.namespace}.one.yml": source(three, "one")}
    found = packed(three.ask("GET", f"/templates/export/by-query?namespace={three.namespace}&q=t"))
    assert {name.removeprefix(f"{three.namespace}.") for name in found} >= {"two.yml", "three.yml"}


def test_what_was_taken_out_can_be_brought_in_again(three: Api) -> None:
    everything = good(three.ask("GET", f"/templates/export/by-query?namespace={three.namespace}")).content
    good(three.ask("DELETE", "/templates/delete/by-ids", json=named(three, "one", "two", "three")))
    assert ids(three) == []
    assert bring_in(three, "templates.zip", everything).status_code == 204
    assert ids(three) == ["one", "three", "two"]


def test_a_file_may_hold_several(api: Api) -> None:
    both = f"{source(api, 'one')}---\n{source(api, 'two')}"
    assert bring_in(api, "both.yaml", both.encode()).status_code == 204
    assert ids(api) == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "body"),
    [("t.zip", b"no archive"), ("t.yaml", b"id: one"), ("t.yaml", b"\xff")],
    ids=["zip", "yaml", "text"],
)
def test_what_is_no_template_is_not_brought_in(api: Api, name: str, body: bytes) -> None:
    assert bring_in(api, name, body).status_code == 422
    assert ids(api) == []


@pytest.mark.parametrize(("query", "left"), [("", ["four", "one", "three", "two"]), ("?delete=true", ["four", "one"])])
def test_a_namespace_is_saved_as_a_whole(three: Api, query: str, left: list[str]) -> None:
    text = f"{source(three, 'one', 'ho')}---\n{source(three, 'four')}"
    saved = good(three.ask("POST", f"/templates/{three.namespace}{query}", content=text, headers=YAML)).json()
    assert [(each["id"], each["revision"]) for each in saved] == [("one", 2), ("four", 1)]
    assert ids(three) == left


def test_a_namespace_takes_its_own_alone(three: Api) -> None:
    assert three.ask("POST", "/templates/elsewhere", content=source(three, "x"), headers=YAML).status_code == 422


def test_those_that_a_search_finds_are_deleted(three: Api) -> None:
    answer: Any = good(three.ask("DELETE", f"/templates/delete/by-query?namespace={three.namespace}&q=three")).json()
    assert (answer, ids(three)) == ({"count": 1}, ["one", "two"])
    assert three.ask("DELETE", f"/templates/delete/by-query?name={three.namespace}").status_code == 400
    assert ids(three) == ["one", "two"]
