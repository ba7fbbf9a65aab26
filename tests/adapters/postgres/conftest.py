"""Databases for the tests of this folder."""

from collections.abc import AsyncIterator, Iterator

import pytest
from tests.adapters.postgres.server import Server, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One PostgreSQL for the whole run."""
    with running_server() as server:
        yield server


@pytest.fixture
async def dsn(server: Server) -> AsyncIterator[str]:
    """The address of a fresh database."""
    async with server.database() as dsn:
        yield dsn
