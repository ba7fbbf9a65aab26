"""A server and databases for the examples of triggers: all of them on one PostgreSQL."""

import pytest
from tests.adapters.postgres.conftest import dsn, server
from tests.adapters.postgres.server import Server
from tests.api.conftest import api, shared_server

__all__ = ["api", "dsn", "server", "shared_server"]


@pytest.fixture(scope="session")
def postgres(server: Server) -> Server:
    """What the server of the API's tests stands on."""
    return server
