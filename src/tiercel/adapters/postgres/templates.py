"""Stored templates as rows, one a revision."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime

import asyncpg
import msgspec
from msgspec.structs import replace

from tiercel.adapters.postgres.connection import Borrowed, Pool
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.numbers import namespace_number
from tiercel.adapters.postgres.sql import query
from tiercel.ports.outage import Outage
from tiercel.ports.templates import StoredTemplate, TemplateDraft, TemplateExists

_CHANNEL = "templates"
_BREATH = 1.0
"""Seconds between two attempts to reach a database that is away."""


class _Name(msgspec.Struct, frozen=True):
    """Which template changed: a notice is too short for its source."""

    tenant: str
    namespace: str
    id: str
    revision: int


_name = msgspec.json.Decoder(_Name)


class PostgresTemplateStore:
    """What it saves is told to every process that listens, this one included."""

    def __init__(self, pool: Pool, listener: Listener) -> None:
        self._pool, self._listener = pool, listener

    async def create(self, draft: TemplateDraft) -> StoredTemplate:
        return await self._save(draft, is_new=True)

    async def save(self, draft: TemplateDraft) -> StoredTemplate:
        return await self._save(draft, is_new=False)

    async def delete(self, *, tenant: str, namespace: str, template_id: str, at: datetime) -> StoredTemplate | None:
        async with self._pool.acquire() as connection, connection.transaction():
            place = await namespace_number(connection, tenant, namespace)
            latest = await _latest(connection, place, template_id)
            if latest is None or latest["deleted"]:
                return None
            template = _stored({**latest, "tenant": tenant, "namespace": namespace})
            gone = replace(template, revision=template.revision + 1, deleted=True, updated=at)
            await _add(connection, place, gone)
        return gone

    async def get(
        self, *, tenant: str, namespace: str, template_id: str, revision: int | None = None
    ) -> StoredTemplate | None:
        record = await self._pool.fetchrow(query("templates/get"), tenant, namespace, template_id, revision)
        return None if record is None or (revision is None and record["deleted"]) else _stored(record)

    async def all(self, *, tenant: str | None = None) -> AsyncGenerator[StoredTemplate]:
        for record in await self._pool.fetch(query("templates/all"), tenant):
            yield _stored(record)

    async def changes(self) -> AsyncGenerator[StoredTemplate]:
        heard: asyncio.Queue[str | None] = asyncio.Queue()
        await self._listener.hear(_CHANNEL, heard.put_nowait)
        try:
            while True:
                for template in await self._meant(await heard.get()):
                    yield template
        finally:
            self._listener.forget(_CHANNEL, heard.put_nowait)

    async def _meant(self, payload: str | None) -> list[StoredTemplate]:
        """The template of a notice, or all as soon as the database is back."""
        while True:
            try:
                if payload is None:
                    return [template async for template in self.all()]
                name = _name.decode(payload)
                found = await self.get(
                    tenant=name.tenant, namespace=name.namespace, template_id=name.id, revision=name.revision
                )
                return [] if found is None else [found]
            except Outage:
                await asyncio.sleep(_BREATH)

    async def _save(self, draft: TemplateDraft, *, is_new: bool) -> StoredTemplate:
        async with self._pool.acquire() as connection, connection.transaction():
            place = await namespace_number(connection, draft.tenant, draft.namespace)
            latest = await _latest(connection, place, draft.id)
            is_there = latest is not None and not latest["deleted"]
            if is_new and is_there:
                raise TemplateExists(draft.namespace, draft.id)
            template = StoredTemplate(
                tenant=draft.tenant,
                namespace=draft.namespace,
                id=draft.id,
                revision=1 if latest is None else latest["revision"] + 1,
                source=draft.source,
                updated=draft.at,
            )
            if latest is not None and is_there and latest["source"] == draft.source:
                return replace(template, revision=latest["revision"], updated=latest["updated"])
            await _add(connection, place, template)
        return template


async def _latest(connection: Borrowed, place: int, template_id: str) -> asyncpg.Record | None:
    """The latest revision, which nobody else follows until the transaction ends."""
    await connection.execute(query("registry/lock_key"), place, template_id)
    return await connection.fetchrow(query("templates/latest"), place, template_id)


async def _add(connection: Borrowed, place: int, template: StoredTemplate) -> None:
    await connection.execute(
        query("templates/add"), place, template.id, template.revision, template.source, template.deleted,
        template.updated,
    )  # fmt: skip
    changed = _Name(template.tenant, template.namespace, template.id, template.revision)
    await connection.execute(query("templates/tell"), msgspec.json.encode(changed).decode())


def _stored(record: asyncpg.Record | dict[str, object]) -> StoredTemplate:
    return msgspec.convert(dict(record), StoredTemplate)
