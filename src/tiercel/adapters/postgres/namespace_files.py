"""The index of namespace files as rows, one a revision."""

from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg

from tiercel.adapters.postgres.connection import Pool
from tiercel.adapters.postgres.numbers import namespace_number
from tiercel.adapters.postgres.sql import query
from tiercel.model.namespace_file import NamespaceFile

_PAGE = 500


class PostgresNamespaceFileIndex:
    """Writes of one path wait for one another, so that revisions have no gap and none is lost."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def get(self, *, tenant: str, namespace: str, path: str, revision: int | None = None) -> NamespaceFile | None:
        if revision is None:
            row = await self._pool.fetchrow(query("namespace_files/latest"), tenant, namespace, path)
        else:
            row = await self._pool.fetchrow(query("namespace_files/revisions"), tenant, namespace, path, revision)
        return None if row is None else _file(row)

    async def add(self, *, tenant: str, namespace: str, path: str, size: int, uri: str, at: datetime) -> NamespaceFile:
        async with self._pool.acquire() as connection, connection.transaction():
            place = await namespace_number(connection, tenant, namespace)
            await connection.execute(query("registry/lock_key"), place, path)
            row = await connection.fetchrow(query("namespace_files/add"), place, path, size, uri, at)
        if row is None:
            raise RuntimeError("an INSERT of one row returned none")
        return NamespaceFile(
            namespace=namespace,
            path=path,
            revision=row["revision"],
            size=size,
            uri=uri,
            created=row["created"],
            updated=at,
        )

    async def delete(self, *, tenant: str, namespace: str, path: str) -> list[NamespaceFile]:
        rows = await self._pool.fetch(query("namespace_files/delete"), tenant, namespace, path, None)
        return sorted(map(_file, rows), key=lambda file: file.revision)

    async def files(
        self, *, tenant: str, namespace: str | None = None, prefix: str = ""
    ) -> AsyncIterator[NamespaceFile]:
        after = ("", "")
        while True:
            rows = await self._pool.fetch(query("namespace_files/files"), tenant, namespace, prefix, *after, _PAGE)
            for row in rows:
                yield _file(row)
            if len(rows) < _PAGE:
                return
            after = (rows[-1]["namespace"], rows[-1]["path"])

    async def revisions(self, *, tenant: str, namespace: str, path: str) -> list[NamespaceFile]:
        rows = await self._pool.fetch(query("namespace_files/revisions"), tenant, namespace, path, None)
        return [_file(row) for row in rows]

    async def forget(self, *, tenant: str, namespace: str, path: str, revisions: list[int]) -> list[NamespaceFile]:
        rows = await self._pool.fetch(query("namespace_files/delete"), tenant, namespace, path, revisions)
        return sorted(map(_file, rows), key=lambda file: file.revision)


def _file(row: asyncpg.Record) -> NamespaceFile:
    return NamespaceFile(
        namespace=row["namespace"],
        path=row["path"],
        revision=row["revision"],
        size=row["size"],
        uri=row["uri"],
        created=row["created"],
        updated=row["updated"],
    )
