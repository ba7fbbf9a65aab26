"""States of triggers as rows. The scheduler writes them in its commits, people's wishes come here; a version parts the two."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

import asyncpg
import msgspec

from tiercel.adapters.postgres.conditions import Conditions
from tiercel.adapters.postgres.connection import Pool
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.sql import query as sql
from tiercel.adapters.postgres.where import TRIGGERS
from tiercel.model.ids import SHARDS
from tiercel.model.trigger import Backfill, Evaluation, Finding, TriggerId, TriggerRecord, TriggerState
from tiercel.ports.filters import Filters
from tiercel.ports.flows import StoredFlow, TriggerDraft

_CHANNEL = "triggers"
_ORDERS = {
    "triggerId": "r.trigger_id {}, r.key",
    "flowId": "f.id {}, r.trigger_id",
    "namespace": "n.name {}, f.id, r.trigger_id",
    "nextExecutionDate": "r.next_at {} NULLS LAST, r.key",
}
_backfill = msgspec.json.Decoder(Backfill)
_record = msgspec.json.Decoder(TriggerRecord)
_finding = msgspec.json.Decoder(Finding)


class PostgresTriggerStore:
    """States by flow and trigger."""

    def __init__(self, pool: Pool, listener: Listener) -> None:
        self._pool, self._listener = pool, listener

    async def get(self, tenant: str, trigger: TriggerId) -> TriggerState | None:
        conditions = Conditions()
        conditions.add("t.name = {}", tenant)
        conditions.add("n.name = {} AND f.id = {}", trigger.namespace, trigger.flow_id)
        conditions.add("r.trigger_id = {}", trigger.trigger_id)
        return next(iter(await self._listed(conditions, "r.key")), None)

    async def change(self, state: TriggerState) -> TriggerState | None:
        changed = await self._pool.fetchrow(
            sql("triggers/change"), state.key, state.version, state.next_at, state.disabled, state.execution_id,
            None if state.backfill is None else msgspec.json.encode(state.backfill), msgspec.json.encode(state.record),
            state.evaluation is not None, state.freed, list(state.watched),
        )  # fmt: skip
        if changed is None:
            return None
        # Not read again: the scheduler may have gone on with it by now.
        return msgspec.structs.replace(state, version=changed["version"], updated=changed["updated"])

    async def delete(self, tenant: str, trigger: TriggerId) -> bool:
        state = await self.get(tenant, trigger)
        return state is not None and await self._pool.fetchrow(sql("triggers/delete"), state.key) is not None

    async def search(
        self, tenant: str, filters: Filters, *, order: str, descending: bool, page: int, size: int
    ) -> tuple[list[TriggerState], int]:
        conditions = Conditions()
        conditions.add("t.name = {}", tenant)
        TRIGGERS.demand(filters, conditions)
        total: int = await self._pool.fetchval(
            sql("triggers/count").replace("{where}", conditions.text), *conditions.arguments
        )
        ordered = _ORDERS[order].format("DESC" if descending else "ASC")
        return await self._listed(conditions, f"{ordered} LIMIT {size:d} OFFSET {(page - 1) * size:d}"), total

    async def changes(self) -> AsyncGenerator[int]:
        heard: asyncio.Queue[str | None] = asyncio.Queue()
        await self._listener.hear(_CHANNEL, heard.put_nowait)
        try:
            while True:
                yield int(await heard.get() or 0)
        finally:
            self._listener.forget(_CHANNEL, heard.put_nowait)

    async def numbers(self) -> dict[int, int]:
        return {record["flow"]: record["states"] for record in await self._pool.fetch(sql("triggers/numbers"))}

    async def enrol(self, flow: StoredFlow, drafts: Sequence[TriggerDraft], *, at: datetime) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            made = await connection.fetch(
                sql("triggers/enrol"),
                flow.place.flow,
                [each.id for each in drafts],
                [each.kind for each in drafts],
                [_shard(flow, each.id) for each in drafts],
                [each.definition for each in drafts],
                [each.next_at for each in drafts],
                at,
            )
            await connection.execute(sql("triggers/tell"), [record["key"] for record in made])

    async def _listed(self, conditions: Conditions, order: str) -> list[TriggerState]:
        records = await self._pool.fetch(listed(conditions.text, order), *conditions.arguments)
        return [state_of(record) for record in records]


def listed(where: str, order: str) -> str:
    """The query of states that fulfil a condition."""
    return sql("triggers/listed").replace("{where}", where).replace("{order}", order)


def _shard(flow: StoredFlow, trigger_id: str) -> int:
    return zlib.crc32(f"{flow.tenant}/{flow.namespace}/{flow.id}/{trigger_id}".encode()) % SHARDS


def state_of(record: asyncpg.Record) -> TriggerState:
    return TriggerState(
        key=record["key"],
        version=record["version"],
        shard=record["shard"],
        tenant=record["tenant"],
        namespace=record["namespace"],
        flow_id=record["flow_id"],
        trigger_id=record["trigger_id"],
        kind=record["kind"],
        next_at=record["next_at"],
        disabled=record["disabled"],
        execution_id=record["execution_id"],
        backfill=None if record["backfill"] is None else _backfill.decode(record["backfill"]),
        record=_record.decode(record["record"]),
        updated=record["updated"],
        freed=record["freed"],
        evaluation=_evaluation(record),
    )


def _evaluation(record: asyncpg.Record) -> Evaluation | None:
    if record["since"] is None:
        return None
    finding = None if record["finding"] is None else _finding.decode(record["finding"])
    return Evaluation(record["since"], record["worker_name"], finding)
