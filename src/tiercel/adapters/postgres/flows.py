"""Flows as rows: every revision of their source, saved together with the states of their triggers."""

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

import asyncpg
import msgspec

from tiercel.adapters.postgres.conditions import Conditions, containing
from tiercel.adapters.postgres.connection import Borrowed, Pool
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.numbers import Numbers
from tiercel.adapters.postgres.sql import query as sql
from tiercel.adapters.postgres.where import FLOWS
from tiercel.model.ids import SHARDS
from tiercel.ports.flows import FlowChange, FlowDraft, FlowExists, FlowQuery, NamespaceInfo, Place, StoredFlow
from tiercel.ports.outage import Outage

_CHANNEL = "flows"
_PAGE = 500
_BREATH = 1.0
"""Seconds between two attempts to reach a database that is away."""
_ORDERS = {"id": "f.id {}, n.name", "namespace": "n.name {}, f.id", "updated": "f.updated {}, f.key"}
_change = msgspec.json.Decoder(FlowChange)


class PostgresFlowStore:
    """What it saves is told to every process that listens, this one included."""

    def __init__(self, pool: Pool, listener: Listener) -> None:
        self._pool, self._listener = pool, listener
        self._numbers = Numbers()

    async def create(self, draft: FlowDraft) -> StoredFlow:
        return await self._save(draft, is_new=True)

    async def save(self, draft: FlowDraft) -> StoredFlow:
        return await self._save(draft, is_new=False)

    async def delete(self, *, tenant: str, namespace: str, flow_id: str, at: datetime) -> StoredFlow | None:
        flow = await self.get(tenant=tenant, namespace=namespace, flow_id=flow_id)
        if flow is None:
            return None
        async with self._pool.acquire() as connection, connection.transaction():
            latest = await connection.fetchrow(sql("flows/lock"), flow.place.flow)
            if latest is None or latest["deleted"]:
                return None
            gone = msgspec.structs.replace(flow, revision=latest["revision"] + 1, deleted=True, draft=False, updated=at)
            await self._add_revision(connection, gone)
            await connection.execute(sql("flows/mark_deleted"), flow.place.flow, gone.revision, at)
            await self._tell(connection, gone, await _forget_triggers(connection, flow.place, kept=[]))
        return gone

    async def get(
        self, *, tenant: str, namespace: str, flow_id: str, revision: int | None = None, deleted: bool = False
    ) -> StoredFlow | None:
        record = await self._pool.fetchrow(sql("flows/get"), tenant, namespace, flow_id, revision, deleted)
        return None if record is None else _stored(record)

    async def revisions(self, *, tenant: str, namespace: str, flow_id: str) -> list[StoredFlow]:
        records = await self._pool.fetch(sql("flows/revisions"), tenant, namespace, flow_id)
        return [_stored(record) for record in records]

    async def delete_revisions(self, *, tenant: str, namespace: str, flow_id: str, revisions: Sequence[int]) -> int:
        return await self._pool.fetchval(sql("flows/delete_revisions"), tenant, namespace, flow_id, list(revisions))

    async def all(self) -> AsyncGenerator[StoredFlow]:
        last = 0
        while True:
            conditions = Conditions()
            conditions.add("f.key > {}", last)
            records = await self._pool.fetch(f"{_listing(conditions, 'f.key')} LIMIT {_PAGE}", *conditions.arguments)
            for record in records:
                yield _stored(record)
            if len(records) < _PAGE:
                return
            last = records[-1]["key"]

    async def search(self, query: FlowQuery, *, page: int, size: int) -> tuple[list[StoredFlow], int]:
        conditions = _conditions(query)
        order = _ORDERS[query.order].format("DESC" if query.descending else "ASC")
        text = f"{_listing(conditions, order)} LIMIT {size:d} OFFSET {(page - 1) * size:d}"
        total: int = await self._pool.fetchval(
            sql("flows/count").replace("{where}", conditions.text), *conditions.arguments
        )
        records = await self._pool.fetch(text, *conditions.arguments)
        return [_stored(record) for record in records], total

    async def namespaces(self, *, tenant: str, text: str | None = None) -> list[NamespaceInfo]:
        records = await self._pool.fetch(sql("flows/namespaces"), tenant)
        flows = Counter({str(record["name"]): int(record["flows"]) for record in records})
        names = {parent for name in flows for parent in _with_parents(name)}
        return [
            NamespaceInfo(name, flows[name]) for name in sorted(names) if text is None or text.lower() in name.lower()
        ]

    async def changes(self) -> AsyncGenerator[FlowChange]:
        heard: asyncio.Queue[str | None] = asyncio.Queue()
        await self._listener.hear(_CHANNEL, heard.put_nowait)
        try:
            while True:
                payload = await heard.get()
                if payload is not None:
                    yield _change.decode(payload)
                    continue
                for flow in await self._all_there_are():
                    yield _changed(flow)
        finally:
            self._listener.forget(_CHANNEL, heard.put_nowait)

    async def _all_there_are(self) -> list[StoredFlow]:
        """All flows, as soon as the database is back."""
        while True:
            try:
                return [flow async for flow in self.all()]
            except Outage:
                await asyncio.sleep(_BREATH)

    async def _save(self, draft: FlowDraft, *, is_new: bool) -> StoredFlow:
        # Outside of the transaction: numbers are remembered, and must not be undone.
        place = await self._numbers.place(self._pool, tenant=draft.tenant, namespace=draft.namespace, flow_id=draft.id)
        async with self._pool.acquire() as connection, connection.transaction():
            latest = await connection.fetchrow(sql("flows/lock"), place.flow)
            revision, deleted = (latest["revision"], latest["deleted"]) if latest else (0, True)
            if is_new and not deleted:
                raise FlowExists(draft.namespace, draft.id)
            last = await connection.fetchrow(sql("flows/source"), place.flow, revision)
            if last and not deleted and (last["source"], last["draft"]) == (draft.source, draft.draft):
                if not draft.draft:
                    await _enrol_triggers(connection, draft, place)
                return _drafted(draft, place, revision)
            flow = _drafted(draft, place, revision + 1)
            await self._write(connection, draft, flow)
        return flow

    async def _write(self, connection: Borrowed, draft: FlowDraft, flow: StoredFlow) -> None:
        await self._add_revision(connection, flow)
        await connection.execute(
            sql("flows/update"), flow.place.flow, flow.revision, flow.disabled, False, list(draft.labels),
            draft.description, draft.at,
        )  # fmt: skip
        # A draft is looked at, not run: the triggers stay those of the revision that runs.
        touched = [] if draft.draft else await _save_triggers(connection, draft, flow.place)
        await self._tell(connection, flow, touched)

    async def _add_revision(self, connection: Borrowed, flow: StoredFlow) -> None:
        await connection.execute(
            sql("flows/add_revision"), flow.place.flow, flow.revision, flow.source, flow.disabled, flow.draft,
            flow.deleted, flow.updated, flow.updated_by,
        )  # fmt: skip

    async def _tell(self, connection: Borrowed, flow: StoredFlow, triggers: list[int]) -> None:
        await connection.execute(sql("flows/tell"), msgspec.json.encode(_changed(flow)).decode())
        if triggers:
            await connection.execute(sql("triggers/tell"), triggers)


async def _save_triggers(connection: Borrowed, draft: FlowDraft, place: Place) -> list[int]:
    gone = await _forget_triggers(connection, place, kept=[each.id for each in draft.triggers])
    touched = await _write_triggers(connection, "triggers/save", draft, place)
    if draft.disabled:
        await connection.execute(sql("trigger_jobs/stop_of_flow"), place.flow)
    else:
        await connection.execute(sql("trigger_jobs/stop"), touched)
    return gone + touched


async def _enrol_triggers(connection: Borrowed, draft: FlowDraft, place: Place) -> None:
    """A state that somebody deleted comes back with any save, also with one that changes nothing."""
    made = await _write_triggers(connection, "triggers/enrol", draft, place)
    await connection.execute(sql("triggers/tell"), made)


async def _write_triggers(connection: Borrowed, query: str, draft: FlowDraft, place: Place) -> list[int]:
    written = await connection.fetch(
        sql(query),
        place.flow,
        [each.id for each in draft.triggers],
        [each.kind for each in draft.triggers],
        [_shard(draft, each.id) for each in draft.triggers],
        [each.definition for each in draft.triggers],
        [each.next_at for each in draft.triggers],
        draft.at,
    )
    return [record["key"] for record in written]


async def _forget_triggers(connection: Borrowed, place: Place, *, kept: list[str]) -> list[int]:
    return [record["key"] for record in await connection.fetch(sql("triggers/forget_others"), place.flow, kept)]


def _shard(draft: FlowDraft, trigger_id: str) -> int:
    return zlib.crc32(f"{draft.tenant}/{draft.namespace}/{draft.id}/{trigger_id}".encode()) % SHARDS


def _conditions(query: FlowQuery) -> Conditions:
    conditions = Conditions()
    conditions.add("t.name = {}", query.tenant)
    if query.text:
        pattern = containing(query.text)
        conditions.add("(f.id ILIKE {} OR n.name ILIKE {} OR f.description ILIKE {})", pattern, pattern, pattern)
    if query.namespace is not None:
        conditions.add("(n.name = {} OR starts_with(n.name, {}))", query.namespace, f"{query.namespace}.")
    if query.flow_id is not None:
        conditions.add("f.id = {}", query.flow_id)
    if query.labels:
        conditions.add("f.labels @> {}", list(query.labels))
    FLOWS.demand(query.filters, conditions)
    if query.source:
        conditions.add("EXISTS (SELECT FROM flow_revisions AS s WHERE s.flow = f.key AND s.revision = f.revision "
                       "AND s.source ILIKE {})", containing(query.source))  # fmt: skip
    return conditions


def _listing(conditions: Conditions, order: str) -> str:
    return sql("flows/listed").replace("{where}", conditions.text).replace("{order}", order)


def _with_parents(namespace: str) -> list[str]:
    parts = namespace.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _changed(flow: StoredFlow) -> FlowChange:
    return FlowChange(flow.tenant, flow.namespace, flow.id, flow.revision)


def _drafted(draft: FlowDraft, place: Place, revision: int) -> StoredFlow:
    return StoredFlow(
        place=place,
        tenant=draft.tenant,
        namespace=draft.namespace,
        id=draft.id,
        revision=revision,
        source=draft.source,
        disabled=draft.disabled,
        draft=draft.draft,
        updated=draft.at,
        updated_by=draft.by,
    )


def _stored(record: asyncpg.Record) -> StoredFlow:
    return StoredFlow(
        place=Place(record["tenant_key"], record["namespace_key"], record["key"]),
        tenant=record["tenant"],
        namespace=record["namespace"],
        id=record["id"],
        revision=record["revision"],
        source=record["source"],
        disabled=record["disabled"],
        draft=record["draft"],
        deleted=record["deleted"],
        updated=record["created"],
        updated_by=record["created_by"],
    )
