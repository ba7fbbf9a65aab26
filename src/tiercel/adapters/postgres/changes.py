"""News between processes: a webserver says that somebody follows, executors then notify which executions changed.

Hints only: whoever follows looks at the rows each second as well.
"""

import asyncio
from collections.abc import AsyncGenerator

from tiercel.adapters.postgres.connection import Pool
from tiercel.adapters.postgres.listener import Listener
from tiercel.ports.changes import CHANNEL

_WANTED = "changes_wanted"
_PACE = 5.0
"""Seconds between two times a webserver says so."""
_LASTING = 3 * _PACE


class PostgresChanges:
    """The side of a process that shows executions which others write."""

    def __init__(self, pool: Pool, listener: Listener) -> None:
        self._pool, self._listener = pool, listener
        self._said = float("-inf")

    async def want(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._said >= _PACE:
            self._said = now
            await self._pool.execute("SELECT pg_notify($1, '')", _WANTED)

    async def news(self) -> AsyncGenerator[list[str]]:
        heard: asyncio.Queue[str | None] = asyncio.Queue()
        await self._listener.hear(CHANNEL, heard.put_nowait)
        try:
            while True:
                yield (await heard.get() or "").split(",")
        finally:
            self._listener.forget(CHANNEL, heard.put_nowait)


class PostgresDemand:
    """The executor's side: whether a webserver wants news. `await demand.hear()` once."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._until = float("-inf")

    async def hear(self) -> None:
        await self._listener.hear(_WANTED, self._note)

    def is_there(self) -> bool:
        return asyncio.get_running_loop().time() < self._until

    def _note(self, payload: str | None) -> None:
        self._until = asyncio.get_running_loop().time() + _LASTING
