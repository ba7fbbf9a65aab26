"""The index of namespace files as rows passes the suite of the port."""

from collections.abc import AsyncIterator

import pytest
from tests.ports.namespace_files_suite import NamespaceFileIndexSuite

from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.namespace_files import PostgresNamespaceFileIndex


class TestPostgresNamespaceFileIndex(NamespaceFileIndexSuite):
    @pytest.fixture
    async def index(self, dsn: str) -> AsyncIterator[PostgresNamespaceFileIndex]:
        async with pool(dsn, size=8) as connections:
            yield PostgresNamespaceFileIndex(connections)
