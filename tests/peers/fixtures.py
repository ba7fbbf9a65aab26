"""Peers as fixtures, one of each for a whole run: import those that a folder's tests want into its conftest."""

from collections.abc import Generator

import pytest
from tests.adapters.postgres.server import open_folder
from tests.peers.bigquery import BigQuery, a_bigquery
from tests.peers.environment import CannotBeHad
from tests.peers.postgres import a_postgres, programs
from tests.peers.process import free_port


@pytest.fixture(scope="session")
def bigquery() -> Generator[BigQuery]:
    """The emulator."""
    with open_folder() as folder:
        try:
            emulator = a_bigquery(folder)
            running = emulator.__enter__()
        except CannotBeHad as error:
            pytest.skip(f"the BigQuery emulator cannot be had: {error}")
        yield running
        emulator.__exit__(None, None, None)


@pytest.fixture(scope="session")
def postgres() -> Generator[str]:
    """The address of a PostgreSQL with a superuser whom nobody asks for a password."""
    if programs() is None:
        pytest.skip("Debian's package postgresql is not installed")
    with open_folder() as folder, a_postgres(folder, host="127.0.0.1", port=free_port()) as address:
        yield address
