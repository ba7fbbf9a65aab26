"""Paths: with and without tenant, and what is said of those there are not."""

import pytest
from tests.api.client import Api

from tiercel.api.problems import ApiError
from tiercel.api.routing import Router


async def one(call: object) -> None: ...
async def other(call: object) -> None: ...


@pytest.fixture
def router() -> Router:
    router = Router()
    router.add("GET", "/a/{id}", one)  # pyright: ignore[reportArgumentType]
    router.add("POST", "/a/{space}/{name}", other)  # pyright: ignore[reportArgumentType]
    router.add("GET", "/a/{id}/file", one)  # pyright: ignore[reportArgumentType]
    router.add("GET", "/a/search", other)  # pyright: ignore[reportArgumentType]
    return router


def test_literal_parts_win_over_parameters(router: Router) -> None:
    assert router.find("GET", "/a/search") == (other, {})
    assert router.find("GET", "/a/else") == (one, {"id": "else"})


def test_each_route_names_its_parameters_itself(router: Router) -> None:
    assert router.find("GET", "/a/x/file") == (one, {"id": "x"})
    assert router.find("POST", "/a/x/y") == (other, {"space": "x", "name": "y"})


def test_a_name_may_be_a_word_of_another_route(router: Router) -> None:
    assert router.find("POST", "/a/x/file") == (other, {"space": "x", "name": "file"})


def test_a_head_is_answered_like_a_get(router: Router) -> None:
    assert router.find("HEAD", "/a/x") == (one, {"id": "x"})


def test_other_methods_are_told(router: Router) -> None:
    with pytest.raises(ApiError) as refused:
        router.find("PATCH", "/a/x/file")
    assert (refused.value.status, refused.value.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_what_there_is_not_is_not_found(router: Router) -> None:
    with pytest.raises(ApiError) as refused:
        router.find("GET", "/b")
    assert refused.value.status == 404


def test_the_tenant_may_be_left_out(api: Api) -> None:
    assert api.http.get("/api/v1/flows/search").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/other/flows/search", 400), ("/api/v1/main/nope", 404), ("/api/v1", 404), ("/nope", 404)],
)
def test_a_path_that_leads_nowhere_is_a_problem(api: Api, path: str, status: int) -> None:
    refused = api.http.get(path)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance", "message", "_links"} <= refused.json().keys()


def test_what_breaks_inside_is_told_without_its_insides(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("tiercel.adapters.postgres.flows.PostgresFlowStore.search", broken)
    refused = api.ask("GET", "/flows/search")
    assert refused.status_code == 500
    assert refused.json()["traceId"]
    assert "secret" not in refused.text


def test_the_ui_is_served_with_its_own_paths(api: Api) -> None:
    assert api.http.get("/").headers["location"] == "/ui/"
    page = api.http.get("/ui/executions/deep/link")
    assert page.status_code in (200, 503)
    assert page.headers["content-type"].startswith("text/html")
    assert api.http.get("/ui/../pyproject.toml").status_code in (200, 404, 503)
