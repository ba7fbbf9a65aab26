"""One real server for all tests of this folder, on a real PostgreSQL; each test has a namespace of its own."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from tests.adapters.postgres.server import Server as Postgres
from tests.adapters.postgres.server import open_folder, running_server
from tests.api.client import Api
from tests.server import Served, database, settings_for, threaded

NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for the whole run."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def shared_server(postgres: Postgres) -> Iterator[Served]:
    """One server for all tests that do not need it in a state of its own."""
    with open_folder() as home, database(postgres) as dsn:
        settings = settings_for(dsn, home, kestra={"url": "http://tiercel.test"})
        with threaded(settings) as server:
            yield server


@pytest.fixture
def api(shared_server: Served, request: pytest.FixtureRequest) -> Iterator[Api]:
    """A client of the shared server, with a namespace that no other test uses."""
    name = request.node.name.split("[")[0].removeprefix("test_").replace("_", "-")[:60]
    with Api(shared_server.url, namespace=f"api.{name}.n{next(NUMBERS)}") as client:
        yield client


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for the state of a server."""
    with open_folder() as folder:
        yield folder


@pytest.fixture
def dsn(postgres: Postgres) -> Iterator[str]:
    """The address of a fresh database."""
    with database(postgres) as dsn:
        yield dsn
