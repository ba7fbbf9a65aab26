"""Secrets as rows pass the suite of the port."""

from collections.abc import AsyncIterator

import pytest
from tests.ports.secrets_suite import SecretSuite

from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.secrets import PostgresSecretStore


class TestPostgresSecretStore(SecretSuite):
    @pytest.fixture
    async def secrets(self, dsn: str) -> AsyncIterator[PostgresSecretStore]:
        async with pool(dsn, size=2) as connections, Listener(dsn) as listener:
            yield PostgresSecretStore(connections, listener)
