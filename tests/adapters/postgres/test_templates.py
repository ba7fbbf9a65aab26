"""Templates as rows pass the suite of the port."""

from collections.abc import AsyncIterator

import pytest
from tests.ports.templates_suite import TemplatesSuite

from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.templates import PostgresTemplateStore


class TestPostgresTemplateStore(TemplatesSuite):
    @pytest.fixture
    async def templates(self, dsn: str) -> AsyncIterator[PostgresTemplateStore]:
        async with pool(dsn, size=8) as connections, Listener(dsn) as listener:
            yield PostgresTemplateStore(connections, listener)
