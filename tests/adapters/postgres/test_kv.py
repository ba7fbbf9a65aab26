"""The key-value store as rows passes the suite of the port."""

from collections.abc import AsyncIterator

import pytest
from tests.ports.kv_suite import KvSuite

from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.kv import PostgresKvStore


class TestPostgresKvStore(KvSuite):
    @pytest.fixture
    async def kv(self, dsn: str) -> AsyncIterator[PostgresKvStore]:
        async with pool(dsn, size=8) as connections:
            yield PostgresKvStore(connections)
