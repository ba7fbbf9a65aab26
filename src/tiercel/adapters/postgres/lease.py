"""Sessions with an epoch: an advisory lock that ends with the connection, and a row that fences (executor.md §7)."""

import asyncio
import os
import socket
from collections.abc import Sequence
from datetime import timedelta
from types import TracebackType

import asyncpg

from tiercel.adapters.postgres.connection import LOST, ROWS_BY_KEY, Borrowed, Connection, connect
from tiercel.adapters.postgres.sql import query
from tiercel.model.ids import SHARDS
from tiercel.ports.leases import Role, ServiceState

_CLASS = 0x71E2
"""The first half of every advisory lock of a session; the second half is its epoch."""


class PostgresLeases:
    """Begins sessions."""

    def __init__(self, dsn: str, *, version: str) -> None:
        self._dsn, self._version = dsn, version

    async def register(self, role: Role) -> "PostgresLease":
        """A new connection of its own, with settings that suit a writer."""
        connection = await connect(self._dsn, purpose=role.name.lower(), settings=ROWS_BY_KEY)
        try:
            epoch: int = await connection.fetchval(query("leases/register"), role)
            await connection.execute("SELECT pg_advisory_lock($1::int4, $2::int4)", _CLASS, _half(epoch))
            facts = (epoch, role, ServiceState.RUNNING, socket.gethostname(), self._version, os.getpid())
            await connection.execute(query("leases/introduce"), *facts)
        except BaseException:
            connection.terminate()
            raise
        return PostgresLease(connection, role, epoch)


class PostgresLease:
    """One session. Its connection is the writer's: the lease cannot outlive it, nor it the lease."""

    def __init__(self, connection: Connection, role: Role, epoch: int) -> None:
        self.connection = connection
        self.turn = asyncio.Lock()
        """Held by whoever uses the connection: commits and beats come from different tasks."""
        self._role, self._epoch = role, epoch

    @property
    def epoch(self) -> int:
        return self._epoch

    async def claim(self) -> list[int]:
        # Only the one task that waits for its place uses the session until then.
        await self.connection.execute(query("leases/claim"), self._role, self._epoch, SHARDS)
        return [row["owner"] for row in await self.connection.fetch(query("leases/owners"), self._role, self._epoch)]

    async def is_gone(self, epoch: int, *, patience: timedelta) -> bool:
        lately: bool | None = await self.connection.fetchval(query("leases/beaten_since"), epoch, patience)
        return not lately or await has_ended(self.connection, epoch)

    async def take_over(self, epoch: int) -> None:
        async with self.connection.transaction():
            fenced = await self.connection.fetch(query("leases/fence"), [epoch])
            await self.connection.execute(query("leases/inherit"), self._role, epoch, self._epoch)
            await self.connection.execute(query("leases/change_state"), [epoch], ServiceState.NOT_RUNNING)
        await end_sessions(self.connection, fenced)

    async def beat(self) -> bool:
        try:
            async with self.turn:
                return await self.connection.fetchval(query("leases/beat"), self._epoch) is not None
        except LOST:
            return False

    async def close(self) -> None:
        if self.connection.is_closed():
            return
        try:
            async with self.turn:
                await self.connection.execute(query("leases/fence"), [self._epoch])
                await self.connection.execute(query("leases/change_state"), [self._epoch], ServiceState.NOT_RUNNING)
                await self.connection.close()
        except LOST:
            self.drop()

    def drop(self) -> None:
        """Without a farewell: the connection is in an unknown state."""
        self.connection.terminate()

    async def __aenter__(self) -> "PostgresLease":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def end_sessions(connection: Borrowed, fenced: Sequence[asyncpg.Record]) -> None:
    """Close the connections of those whose leases were taken away."""
    backends, since = [row["backend"] for row in fenced], [row["backend_since"] for row in fenced]
    await connection.execute(query("leases/end_sessions"), backends, since)


async def has_ended(connection: Borrowed, epoch: int) -> bool:
    """Whether nobody holds the lock of a session: it dies with the process's socket."""
    probe = "SELECT pg_try_advisory_lock($1::int4, $2::int4)"
    if not await connection.fetchval(probe, _CLASS, _half(epoch)):
        return False
    await connection.execute("SELECT pg_advisory_unlock($1::int4, $2::int4)", _CLASS, _half(epoch))
    return True


def _half(epoch: int) -> int:
    """An epoch as the signed 32 bits of a lock; two that are 4 billion apart do not live at the same time."""
    return (epoch + 2**31) % 2**32 - 2**31
