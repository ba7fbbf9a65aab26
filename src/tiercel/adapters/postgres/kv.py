"""The key-value store as rows, one a revision."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import asyncpg
import msgspec

from tiercel.adapters.postgres.connection import Borrowed, Pool
from tiercel.adapters.postgres.numbers import namespace_number
from tiercel.adapters.postgres.sql import query
from tiercel.model.kv import KvEntry, KvType, KvValue
from tiercel.ports.kv import KeyExists

_PAGE = 500


class PostgresKvStore:
    """Writes of one key wait for one another, so that revisions have no gap and none is lost."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def get(
        self, *, tenant: str, namespaces: Sequence[str], key: str, at: datetime, revision: int | None = None
    ) -> KvEntry | None:
        row = await self._pool.fetchrow(query("kv/get"), tenant, list(namespaces), key, at, revision)
        return None if row is None else _entry(row)

    async def put(
        self,
        value: KvValue,
        *,
        tenant: str,
        namespace: str,
        key: str,
        at: datetime,
        expires: datetime | None = None,
        description: str | None = None,
        overwrite: bool = True,
    ) -> KvEntry:
        async with self._pool.acquire() as connection, connection.transaction():
            place = await namespace_number(connection, tenant, namespace)
            await connection.execute(query("registry/lock_key"), place, key)
            last = await connection.fetchrow(query("kv/latest"), place, key)
            if last is not None and not overwrite and (last["expires"] is None or last["expires"] > at):
                raise KeyExists(namespace, key)
            entry = KvEntry(
                namespace=namespace,
                key=key,
                revision=last["revision"] + 1 if last else 1,
                type=value.type,
                value=value.value,
                description=description if description is not None or last is None else last["description"],
                created=last["created"] if last else at,
                updated=at,
                expires=expires,
            )
            await _add(connection, place, entry)
        return entry

    async def delete(self, *, tenant: str, namespace: str, key: str, at: datetime) -> bool:
        return await self._pool.fetchval(query("kv/delete"), tenant, namespace, key, at)

    async def entries(
        self, *, tenant: str, namespace: str | None = None, prefix: str = "", at: datetime, expired: bool = False
    ) -> AsyncIterator[KvEntry]:
        after = ("", "")
        while True:
            rows = await self._pool.fetch(query("kv/entries"), tenant, namespace, prefix, at, expired, *after, _PAGE)
            for row in rows:
                yield _entry(row)
            if len(rows) < _PAGE:
                return
            after = (rows[-1]["namespace"], rows[-1]["key"])

    async def purge_revisions(
        self,
        *,
        tenant: str,
        namespace: str,
        key: str,
        before: datetime | None = None,
        keep: int | None = None,
    ) -> int:
        return await self._pool.fetchval(query("kv/purge"), tenant, namespace, key, before, keep)


async def _add(connection: Borrowed, place: int, entry: KvEntry) -> None:
    await connection.execute(
        query("kv/add"), place, entry.key, entry.revision, entry.type.value, msgspec.json.encode(entry.value),
        entry.description, entry.created, entry.updated, entry.expires,
    )  # fmt: skip


def _entry(row: asyncpg.Record) -> KvEntry:
    return KvEntry(
        namespace=row["namespace"],
        key=row["key"],
        revision=row["revision"],
        type=KvType(row["type"]),
        value=msgspec.json.decode(row["value"]),
        description=row["description"],
        created=row["created"],
        updated=row["updated"],
        expires=row["expires"],
    )
