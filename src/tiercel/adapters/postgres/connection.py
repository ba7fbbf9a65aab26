"""How connections to the database are made: each loop has its own, named, with the settings that suit what it does."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from asyncpg.prepared_stmt import PreparedStatement

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
    Statement = PreparedStatement[asyncpg.Record]
    Borrowed = PoolConnectionProxy[asyncpg.Record] | Connection
else:
    # Generic for the type checker only.
    Connection, Pool, Statement, Borrowed = asyncpg.Connection, asyncpg.Pool, PreparedStatement, PoolConnectionProxy

_COMMON = {"timezone": "UTC", "jit": "off", "search_path": "public", "client_min_messages": "warning"}
ROWS_BY_KEY = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""For the writer, the mailbox and the loader: a young partition is small, and the plan made for it would stay."""
LAZY = {"synchronous_commit": "off"}
"""For log lines: the next commit of the journal makes them durable too, since there is one write-ahead log."""


async def connect(dsn: str, *, purpose: str, settings: Mapping[str, str] | None = None) -> Connection:
    """One connection. `purpose` is what the database's administrator sees of it."""
    return await asyncpg.connect(
        dsn,
        server_settings={**_COMMON, "application_name": f"tiercel {purpose}", **(settings or {})},
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
        timeout=10,
    )


def pool(dsn: str, *, size: int, pooled_elsewhere: bool = False) -> Pool:
    """Connections for reads and small writes. `pooled_elsewhere`: a transaction pooler stands in front of the database."""
    return asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        max_inactive_connection_lifetime=60,
        statement_cache_size=0 if pooled_elsewhere else 100,
        server_settings={**_COMMON, "application_name": "tiercel reader"},
        timeout=10,
    )
