"""What every process may know of the others: their services, and those whose session is gone."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import asyncpg

from tiercel.adapters.postgres.connection import Borrowed, Pool
from tiercel.adapters.postgres.lease import end_sessions, has_ended
from tiercel.adapters.postgres.sql import query
from tiercel.ports.leases import Role, ServiceRow, ServiceState


class PostgresRoster:
    """Asks on connections of the pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def services(self) -> list[ServiceRow]:
        return [_service(record) for record in await self._pool.fetch(query("leases/services"))]

    async def lost(self, role: Role, *, patience: timedelta) -> list[int]:
        async with self._pool.acquire() as connection:
            leases = await connection.fetch(query("leases/silent"), role, patience)
            gone = [row["id"] for row in leases if not row["lately"] or await has_ended(connection, row["id"])]
            await self._fence(connection, gone)
            without = await connection.fetch(query("leases/without_lease"), role)
            lost = gone + [row["id"] for row in without if row["id"] not in gone]
            await connection.execute(query("leases/change_state"), lost, ServiceState.DISCONNECTED)
        return lost

    async def forget(self, *, before: datetime) -> int:
        return _number(await self._pool.execute(query("leases/forget"), before))

    async def _fence(self, connection: Borrowed, epochs: Iterable[int]) -> None:
        fenced = await connection.fetch(query("leases/fence"), list(epochs))
        await end_sessions(connection, fenced)


def _service(record: asyncpg.Record) -> ServiceRow:
    return ServiceRow(
        id=record["id"],
        role=Role(record["role"]),
        state=ServiceState(record["state"]),
        host=record["host"],
        version=record["version"],
        pid=record["pid"],
        created=record["created"],
        changed=record["changed"],
        is_alive=record["is_alive"],
    )


def _number(tag: str) -> int:
    """How many rows a command says it changed."""
    return int(tag.rsplit(" ", 1)[-1])
