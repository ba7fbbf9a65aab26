"""Who may ask: nobody is asked on loopback; elsewhere name and password, by header or by cookie."""

import base64
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.adapters.postgres.server import Server as Postgres
from tests.adapters.postgres.server import open_folder
from tests.api.client import LOG, Api
from tests.server import Served, database, settings_for, threaded

USER, PASSWORD = "admin@tiercel.test", "Secret: größer1"
AUTH = (USER, PASSWORD)
SEARCH = "/api/v1/main/flows/search"


@pytest.fixture(scope="module")
def guarded(postgres: Postgres) -> Any:
    """A server with an account, below a path of its own."""
    tree: dict[str, Any] = {
        "kestra": {
            "server": {"basic-auth": {"username": USER, "password": PASSWORD, "open-urls": ["/api/v1/main/open"]}}
        },
        "micronaut": {"server": {"context-path": "/deep/down"}},
    }
    with open_folder() as home, database(postgres) as dsn, threaded(settings_for(dsn, home, **tree)) as server:
        yield server


@pytest.fixture
def http(guarded: Served) -> Any:
    with httpx2.Client(base_url=f"{guarded.url}/deep/down", trust_env=False, verify=False) as client:
        yield client


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_whoever_says_nothing_is_asked(http: httpx2.Client) -> None:
    refused = http.get(SEARCH)
    assert (refused.status_code, refused.content) == (401, b"")
    assert refused.headers["www-authenticate"] == "Basic"


@pytest.mark.parametrize(
    "header",
    [
        basic(USER, "wrong"),
        basic("other", PASSWORD),
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic"},
        {"Authorization": "Bearer abc"},
        {"Cookie": "BASIC_AUTH=nonsense"},
        {"Cookie": '"; BASIC_AUTH'},
    ],
)
def test_whoever_says_something_wrong_is_refused(http: httpx2.Client, header: dict[str, str]) -> None:
    assert http.get(SEARCH, headers=header).status_code == 401


def test_name_and_password_let_in(http: httpx2.Client) -> None:
    assert http.get(SEARCH, headers=basic(*AUTH)).status_code == 200
    assert http.get(SEARCH, headers=basic(*AUTH)).status_code == 200


def test_signing_in_sets_a_cookie_and_signing_out_takes_it(http: httpx2.Client) -> None:
    assert http.post("/api/v1/login", json={"username": USER, "password": "wrong"}).status_code == 401
    answer = http.post("/api/v1/login", json={"username": USER, "password": PASSWORD})
    assert answer.status_code == 204
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("BASIC_AUTH="))
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert http.get(SEARCH).status_code == 200
    http.post("/api/v1/logout")
    assert http.get(SEARCH).status_code == 401


@pytest.mark.parametrize(
    "path", ["/health", "/ping", "/api/v1/configs", "/ui/", "/api/v1/main/executions/webhook/a/b/c"]
)
def test_some_paths_are_open(http: httpx2.Client, path: str) -> None:
    assert http.get(path).status_code != 401


@pytest.mark.parametrize(
    "path", ["/api/v1/main/flows/a/b", "/api/v1/main/executions/search", "/api/v1/flows/search", "/x"]
)
def test_all_others_are_not(http: httpx2.Client, path: str) -> None:
    assert http.get(path).status_code == 401


def test_the_configuration_says_that_a_login_is_needed(http: httpx2.Client) -> None:
    assert http.get("/api/v1/configs").json()["isLoginRequired"] is True


def test_everything_is_below_the_context_path(guarded: Served, http: httpx2.Client) -> None:
    assert http.get("/ping").text == "pong"
    with httpx2.Client(base_url=guarded.url, trust_env=False, verify=False) as outside:
        assert outside.get("/ping").status_code == 404
        assert outside.get("/deep/downer/ping").status_code == 404
        assert outside.get("/deep/down").headers["location"] == "/deep/down/ui/"


def test_who_saved_a_flow_is_kept(http: httpx2.Client, guarded: Served) -> None:
    text = f"id: mine\nnamespace: api.access\ntasks: [{{id: log, type: {LOG}, message: x}}]"
    headers = {"Content-Type": "application/x-yaml", **basic(*AUTH)}
    assert http.post("/api/v1/main/flows", content=text, headers=headers).status_code == 200
    stored = guarded.base.foundation.registry.latest("main", "api.access", "mine")
    assert stored is not None
    assert stored.updated_by == USER


def test_who_killed_an_execution_is_kept(http: httpx2.Client) -> None:
    text = "id: napping\nnamespace: api.access\ntasks: [{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT10M}]"
    headers = {"Content-Type": "application/x-yaml", **basic(*AUTH)}
    assert http.post("/api/v1/main/flows", content=text, headers=headers).status_code == 200
    main = "/api/v1/main/executions/"
    started = http.post(main + "api.access/napping", headers=basic(*AUTH)).json()
    assert http.delete(f"{main}{started['id']}/actions/kill", headers=basic(*AUTH)).status_code == 200
    told = http.get(f"{main}{started['id']}/why", headers=basic(*AUTH)).json()
    assert told["facts"][0]["message"] == f"it was told to end as KILLED by user {USER}"


def test_nobody_is_asked_on_loopback(api: Api) -> None:
    assert api.ask("GET", "/flows/search").status_code == 200
    assert api.http.get("/api/v1/configs").json()["isLoginRequired"] is False


def test_an_account_that_is_made_is_told_once_and_kept(dsn: str, home: Path) -> None:
    settings = settings_for(dsn, home, micronaut={"server": {"host": "0.0.0.0"}})
    with threaded(settings) as server:
        made = server.made
        assert made is not None
        assert httpx2.get(server.url + SEARCH, trust_env=False).status_code == 401
    with threaded(settings) as server:
        assert server.made is None
        assert httpx2.get(server.url + SEARCH, auth=(made.username, made.password), trust_env=False).status_code == 200
