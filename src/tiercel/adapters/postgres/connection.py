"""How connections to the database are made: each loop has its own, named, with the settings that suit what it does."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from asyncpg.prepared_stmt import PreparedStatement

from tiercel.ports.outage import Outage
from tiercel.ports.unwritable import Unwritable

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Statement = PreparedStatement[asyncpg.Record]
    Borrowed = PoolConnectionProxy[asyncpg.Record] | Connection
else:
    # Generic for the type checker only.
    Connection, Statement, Borrowed = asyncpg.Connection, PreparedStatement, PoolConnectionProxy

_COMMON = {"timezone": "UTC", "jit": "off", "search_path": "public", "client_min_messages": "warning"}
ROWS_BY_KEY = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""For the writer, the mailbox and the loader: a young partition is small, and the plan made for it would stay."""
LAZY = {"synchronous_commit": "off"}
"""For log lines: the next commit of the journal makes them durable too, since there is one write-ahead log."""

LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    TimeoutError,
)
"""What a lost connection, or a database that is being started, looks like: to be tried again."""
NUL = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
"""What the database says of a text with the one character that it cannot hold."""


async def connect(dsn: str, *, purpose: str, settings: Mapping[str, str] | None = None) -> Connection:
    """One connection. `purpose` is what the database's administrator sees of it."""
    return await asyncpg.connect(
        dsn,
        server_settings={**_COMMON, "application_name": f"tiercel {purpose}", **(settings or {})},
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
        timeout=10,
    )


class Pool:
    """Connections for reads and small writes, made when they are needed. A database that is away is an Outage."""

    def __init__(self, dsn: str, *, size: int, pooled_elsewhere: bool = False) -> None:
        """`pooled_elsewhere`: a transaction pooler stands in front of the database."""
        self._pool = asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=size,
            max_inactive_connection_lifetime=60,
            statement_cache_size=0 if pooled_elsewhere else 100,
            server_settings={**_COMMON, "application_name": "tiercel reader"},
            timeout=10,
        )

    async def __aenter__(self) -> "Pool":
        await self._pool
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.close()

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        async with self.acquire() as connection:
            return await connection.fetch(query, *arguments)

    async def fetchrow(self, query: str, *arguments: Any) -> asyncpg.Record | None:
        async with self.acquire() as connection:
            return await connection.fetchrow(query, *arguments)

    async def fetchval(self, query: str, *arguments: Any, timeout: float | None = None) -> Any:
        async with self.acquire() as connection:
            return await connection.fetchval(query, *arguments, timeout=timeout)

    async def execute(self, query: str, *arguments: Any) -> str:
        async with self.acquire() as connection:
            return await connection.execute(query, *arguments)

    @asynccontextmanager
    async def acquire(self) -> "AsyncGenerator[Borrowed]":
        """One connection for several statements."""
        try:
            async with self._pool.acquire() as connection:
                yield connection
        except LOST as error:
            raise Outage(str(error) or type(error).__name__) from error
        except NUL as error:
            raise Unwritable from error


def pool(dsn: str, *, size: int) -> Pool:
    """A pool, to be entered."""
    return Pool(dsn, size=size)
