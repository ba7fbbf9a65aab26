"""Secrets as rows, encrypted before they come here."""

from collections.abc import Callable, Sequence
from datetime import datetime

import asyncpg
import msgspec

from tiercel.adapters.postgres.connection import Pool
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.numbers import namespace_number
from tiercel.adapters.postgres.sql import query
from tiercel.model.execution import Label
from tiercel.model.secret import SecretInfo

_CHANNEL = "secrets"
_tags = msgspec.json.Decoder(tuple[Label, ...])


class PostgresSecretStore:
    """Each write is told to all processes by a notice."""

    def __init__(self, pool: Pool, listener: Listener) -> None:
        self._pool, self._listener = pool, listener

    async def get(self, *, tenant: str, namespaces: Sequence[str], key: str) -> str | None:
        found = await self._pool.fetchval(query("secrets/get"), tenant, list(namespaces), key)
        return None if found is None else bytes(found).decode()

    async def put(
        self,
        encrypted: str,
        *,
        tenant: str,
        namespace: str,
        key: str,
        at: datetime,
        description: str | None = None,
        tags: tuple[Label, ...] | None = None,
    ) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            place = await namespace_number(connection, tenant, namespace)
            await connection.execute(
                query("secrets/put"), place, key, encrypted.encode(), description, _written(tags), at
            )

    async def describe(
        self,
        *,
        tenant: str,
        namespace: str,
        key: str,
        at: datetime,
        description: str | None,
        tags: tuple[Label, ...] | None,
    ) -> bool:
        return await self._pool.fetchval(
            query("secrets/describe"), tenant, namespace, key, description, _written(tags), at
        )

    async def delete(self, *, tenant: str, namespace: str, key: str) -> bool:
        return await self._pool.fetchval(query("secrets/delete"), tenant, namespace, key)

    async def listed(self, *, tenant: str, namespaces: Sequence[str] | None = None, text: str = "") -> list[SecretInfo]:
        wanted = None if namespaces is None else list(namespaces)
        return [_info(row) for row in await self._pool.fetch(query("secrets/listed"), tenant, wanted, text)]

    async def watch(self, changed: Callable[[], None]) -> None:
        await self._listener.hear(_CHANNEL, lambda _: changed())


def _written(tags: tuple[Label, ...] | None) -> bytes | None:
    return None if tags is None else msgspec.json.encode(tags)


def _info(row: asyncpg.Record) -> SecretInfo:
    return SecretInfo(
        namespace=row["namespace"],
        key=row["key"],
        description=row["description"],
        tags=_tags.decode(row["tags"]),
        updated=row["updated"],
    )
