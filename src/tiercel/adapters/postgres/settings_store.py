"""The server's own small settings as rows."""

from tiercel.adapters.postgres.connection import Pool
from tiercel.adapters.postgres.sql import query


class PostgresSettingsStore:
    """Bytes by name."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def get(self, name: str) -> bytes | None:
        return await self._pool.fetchval(query("settings/get"), name)

    async def put(self, name: str, value: bytes) -> None:
        await self._pool.execute(query("settings/put"), name, value)

    async def put_new(self, name: str, value: bytes) -> bool:
        return await self._pool.fetchval(query("settings/put_new"), name, value) is not None

    async def delete(self, name: str) -> bool:
        return await self._pool.fetchval(query("settings/delete"), name) is not None
