"""Secrets that people store: written and listed by the API, given to flows, shown to nobody."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.api.client import LOG, Api, good
from tests.server import settings_for, threaded

KEY = base64.b64encode(bytes(range(32))).decode()
ENVIRONMENT = {"SECRET_SHARED": base64.b64encode(b"of the server").decode(), "HOME": "/"}
USING = f"""
tasks:
  - {{id: say, type: {LOG}, message: "with {{{{ secret('TOKEN') }}}} and {{{{ secret('LOGIN', subkey='password') }}}}"}}
  - id: known
    type: io.kestra.plugin.core.flow.If
    condition: "{{{{ secret('TOKEN') == 'hunter2' }}}}"
    then: [{{id: well, type: {LOG}, message: well}}]
    else: [{{id: badly, type: io.kestra.plugin.core.execution.Fail}}]
"""


@pytest.fixture
def keyed(dsn: str, home: Path) -> Iterator[Api]:
    """A server with a key, and a secret in its environment."""
    settings = settings_for(dsn, home, kestra={"encryption": {"secret-key": KEY}})
    with threaded(settings, environment=ENVIRONMENT) as server, Api(server.url, namespace="company.team") as api:
        yield api


def put(api: Api, key: str, value: str, *, namespace: str | None = None, **given: Any) -> Any:
    path = f"/namespaces/{namespace or api.namespace}/secrets"
    return good(api.ask("PUT", path, json={"key": key, "value": value, **given})).json()


async def test_a_stored_secret_is_given_to_flows_below_its_namespace_and_shown_to_nobody(keyed: Api, dsn: str) -> None:
    put(keyed, "TOKEN", "hunter2", namespace="company")
    put(keyed, "LOGIN", '{"user": "ann", "password": "qwerty123"}')
    keyed.deploy("using", USING)
    ended = keyed.run("using")
    assert ended["state"]["current"] == "SUCCESS"
    lines = [line["message"] for line in keyed.get(f"/logs/{ended['id']}")]
    assert "with ****** and ******" in lines
    seen = keyed.ask("GET", f"/executions/{ended['id']}/events").text
    assert "hunter2" not in seen
    assert await stored_texts(dsn) == 2


async def stored_texts(dsn: str) -> int:
    """How many secrets have rows, none of them readable."""
    connection = await asyncpg.connect(dsn)
    try:
        values = [bytes(row["value"]) for row in await connection.fetch("SELECT value FROM secrets")]
    finally:
        await connection.close()
    assert not any(clear in value for value in values for clear in (b"hunter2", b"qwerty123"))
    return len(values)


def test_a_new_value_counts_from_the_next_execution_on(keyed: Api) -> None:
    keyed.deploy("using", USING)
    put(keyed, "LOGIN", '{"password": "qwerty123"}')
    put(keyed, "TOKEN", "old-value")
    assert keyed.run("using")["state"]["current"] == "FAILED"
    put(keyed, "TOKEN", "hunter2")
    assert keyed.run("using")["state"]["current"] == "SUCCESS"
    assert good(keyed.ask("DELETE", f"/namespaces/{keyed.namespace}/secrets/TOKEN")).status_code == 200
    assert keyed.run("using")["state"]["current"] == "FAILED"


def test_secrets_are_listed_in_pages_and_without_their_values(keyed: Api) -> None:
    tags = [{"key": "owner", "value": "ann"}]
    answer = put(keyed, "TOKEN", "hunter2", description="of the bank", tags=tags)
    told = {"key": "TOKEN", "namespace": "company.team", "description": "of the bank", "tags": tags}
    assert answer == [told]
    put(keyed, "OTHER_TOKEN", "x", namespace="other")
    listed = keyed.get("/secrets")
    assert listed["readOnly"] is False
    assert [(each.get("namespace"), each["key"]) for each in listed["results"]] == [
        ("company.team", "TOKEN"),
        ("other", "OTHER_TOKEN"),
        (None, "SHARED"),
    ]
    second = keyed.get("/secrets", page=2, size=2)
    assert ([each["key"] for each in second["results"]], second["total"]) == (["SHARED"], 3)
    assert keyed.get("/secrets", **{"filters[q][EQUALS]": "other"})["total"] == 1
    assert keyed.get("/secrets", **{"filters[namespace][EQUALS]": "company.team"})["results"] == [told]
    assert keyed.get("/namespaces/company.team/secrets")["results"] == [told]
    assert "hunter2" not in keyed.ask("GET", "/secrets").text
    assert keyed.ask("GET", "/secrets", params={"filters[q][STARTS_WITH]": "x"}).status_code == 400


def test_what_is_said_of_a_secret_changes_and_its_value_stays(keyed: Api) -> None:
    put(keyed, "TOKEN", "hunter2")
    path = f"/namespaces/{keyed.namespace}/secrets/TOKEN"
    [told] = good(keyed.ask("PATCH", path, json={"key": "TOKEN", "description": "new"})).json()
    assert (told["description"], told["tags"]) == ("new", [])
    put(keyed, "LOGIN", '{"password": "qwerty123"}')
    keyed.deploy("using", USING)
    assert keyed.run("using")["state"]["current"] == "SUCCESS"


def test_the_keys_that_a_namespace_sees_are_told_by_where_they_are(keyed: Api) -> None:
    put(keyed, "TOKEN", "x", namespace="company")
    put(keyed, "OWN", "x")
    seen = keyed.get("/namespaces/company.team/inherited-secrets")
    assert seen == {"company.team": ["OWN", "SHARED"], "company": ["TOKEN"]}


def test_what_is_wrong_with_a_request_is_told(keyed: Api) -> None:
    path = f"/namespaces/{keyed.namespace}/secrets"
    assert keyed.ask("PUT", path, json={"key": "", "value": "x"}).status_code == 422
    assert keyed.ask("PUT", path, json={"key": "A", "value": ""}).status_code == 422
    assert keyed.ask("PATCH", f"{path}/NONE", json={}).status_code == 404
    assert keyed.ask("DELETE", f"{path}/NONE").status_code == 404


def test_without_a_key_secrets_are_read_only_and_it_is_told_why(api: Api) -> None:
    answer = api.ask("PUT", f"/namespaces/{api.namespace}/secrets", json={"key": "A", "value": "x"})
    assert answer.status_code == 409
    assert "kestra.encryption.secret-key" in answer.json()["detail"]
    assert api.get("/secrets")["readOnly"] is True


@pytest.mark.parametrize("given", [{"key": "a\0b"}, {"key": "ab", "description": "a\0b"}], ids=["key", "description"])
def test_a_text_that_cannot_be_stored_is_refused(keyed: Api, given: dict[str, str]) -> None:
    answer = keyed.ask("PUT", f"/namespaces/{keyed.namespace}/secrets", json={"value": "x", **given})
    assert answer.status_code == 422
    assert "NUL" in answer.json()["detail"]
