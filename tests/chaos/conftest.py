"""A PostgreSQL for tests that start and kill servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.adapters.postgres.server import Server as Postgres
from tests.adapters.postgres.server import open_folder, running_server
from tests.server import database


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
