"""A PostgreSQL for tests of commands that start servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adapters.postgres.server import Server as Postgres
from tests.adapters.postgres.server import open_folder, running_server
from tests.api.client import Api
from tests.cli.commands import Tiercel, typed
from tests.server import database, settings_for, threaded


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_server() as server:
        yield server


@pytest.fixture
def dsn(postgres: Postgres) -> Iterator[str]:
    """The address of a fresh database."""
    with database(postgres) as dsn:
        yield dsn


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for the state of servers."""
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def server_url(postgres: Postgres) -> Iterator[str]:
    """The address of one server for the commands that speak to one."""
    with open_folder() as folder, database(postgres) as dsn, threaded(settings_for(dsn, folder)) as server:
        yield server.url


@pytest.fixture
def api(server_url: str, request: pytest.FixtureRequest) -> Iterator[Api]:
    """That server, with a namespace of the test's own."""
    with Api(server_url, namespace="cli." + request.node.name.partition("[")[0].replace("_", "-")) as client:
        yield client


@pytest.fixture
def tiercel(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server_url: str) -> Tiercel:
    """Types a command that speaks to that server."""
    monkeypatch.setenv("TIERCEL_SERVER", server_url)
    return typed(monkeypatch, capsys)
