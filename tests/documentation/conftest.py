"""A server and databases for the examples of triggers: all of them on one PostgreSQL."""

from collections.abc import Iterator

import pytest
from tests.adapters.postgres.conftest import dsn, server
from tests.adapters.postgres.server import Server
from tests.api.conftest import api, shared_server

__all__ = ["api", "dsn", "server", "shared_server"]


@pytest.fixture(scope="session")
def postgres(server: Server) -> Server:
    """What the server of the API's tests stands on."""
    return server


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the examples keep between runs is not kept beside what the user keeps."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TIERCEL_HOME", str(tmp_path_factory.mktemp("home")))
        yield
