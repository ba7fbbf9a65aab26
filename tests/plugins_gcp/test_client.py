"""Whom a task asks, for which project, and how errors are told."""

import json
import subprocess
import sys
from typing import Any

import pytest
from tests.plugins_gcp.conftest import Desk

from tiercel.model.states import State
from tiercel.sdk import TaskFailed
from tiercel_gcp.bigquery import client as module
from tiercel_gcp.bigquery.client import explained
from tiercel_gcp.bigquery.query import Query
from tiercel_gcp.bigquery.table import table_address


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BIGQUERY_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)


def a_query(**properties: Any) -> Query:
    return Query.model_validate({"sql": "SELECT 1", **properties})


def a_key(**fields: str) -> str:
    """The key of a service account, made for this."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    known = {"type": "service_account", "project_id": "keys-project", "client_email": "a@b", "private_key": pem}
    return json.dumps({**known, "token_uri": "https://localhost/token", **fields})


def test_the_emulator_is_asked_where_the_environment_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", "localhost:9050")
    client = a_query(projectId="mine").open()
    assert client._connection.API_BASE_URL == "http://localhost:9050"
    assert client.project == "mine"


def test_a_scheme_that_is_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", "https://localhost:9050")
    assert a_query(projectId="mine").open()._connection.API_BASE_URL == "https://localhost:9050"


def test_the_project_is_that_of_the_task_then_of_the_credentials_then_of_the_table() -> None:
    table = table_address("tables-project.dataset.events")
    key = a_key()
    assert a_query(serviceAccount=key, projectId="tasks-project").open(table).project == "tasks-project"
    assert a_query(serviceAccount=key).open(table).project == "keys-project"
    assert a_query(serviceAccount=a_key(project_id="")).open(table).project == "tables-project"


def test_without_any_project_the_ways_to_name_one_are_told() -> None:
    with pytest.raises(TaskFailed, match="no project: set projectId"):
        a_query(serviceAccount=a_key(project_id="")).open()


def test_another_account_can_be_acted_as() -> None:
    credentials, _ = a_query(serviceAccount=a_key(), impersonatedServiceAccount="c@d").credentials()
    assert credentials.service_account_email == "c@d"


@pytest.mark.parametrize("text", ["no json: hidden", '["hidden"]', '{"hidden": 1}'])
def test_a_key_that_is_none_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(TaskFailed, match="serviceAccount is not the") as caught:
        a_query(serviceAccount=text).open()
    assert "hidden" not in str(caught.value)


def test_a_dataset_that_bigquery_does_not_find_is_named() -> None:
    error = Exception("404 Not found: Dataset my-project:sales was not found in location EU")
    assert str(explained(error)).startswith("dataset sales does not exist in project my-project, create it")


def test_the_problems_that_bigquery_lists_are_told_once_each() -> None:
    error: Any = Exception("400 POST http://localhost/ : all of it")
    error.errors = [{"message": "row 1"}, {"message": "row 2"}, {"message": "row 1"}]
    assert str(explained(error, table="p.d.t")) == "BigQuery (p.d.t): row 1; row 2"


async def test_a_bigquery_that_does_not_answer_fails_the_task(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", "127.0.0.1:9")
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.01)
    outcome = await desk.load("a.csv", b"a\n1\n")
    assert outcome.state is State.FAILED
    assert "no good answer within 0.01 s" in (outcome.error or "")
    assert "127.0.0.1" in (outcome.error or "")


def test_googles_library_is_not_imported_before_a_task_runs() -> None:
    names = ["load", "query", "load_plan", "query_config", "formats", "columns", "job", "rows"]
    imports = "".join(f"import tiercel_gcp.bigquery.{name}\n" for name in names)
    show = "import sys; print([name for name in sys.modules if name.partition('.')[0] in ('google', 'requests')])"
    ran = subprocess.run([sys.executable, "-c", f"{imports}\n{show}"], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
