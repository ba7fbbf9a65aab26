"""The scheduler's commits on PostgreSQL: states of triggers and the executions they start, in one fenced statement.

One connection reads and writes: the scheduler is one loop. Its session is the lease.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache

import asyncpg
import msgspec

from tiercel.adapters.postgres import rows as to
from tiercel.adapters.postgres.connection import LOST, Statement
from tiercel.adapters.postgres.lease import PostgresLease
from tiercel.adapters.postgres.parts import Key, Part, body, chained
from tiercel.adapters.postgres.sql import query
from tiercel.adapters.postgres.triggers import listed, state_of
from tiercel.model.states import BY_NUMBER, State
from tiercel.model.trigger import TriggerState
from tiercel.ports.journal import Fenced, JournalError, LogRow
from tiercel.ports.triggers import DueRow, TriggerBatch
from tiercel.services.shards import Shards

_NOT_OURS = "another process has taken over the triggers of this one"


class PostgresTriggerJournal:
    """One writer, for as long as its session lasts."""

    def __init__(self, dsn: str, shards: Shards[PostgresLease]) -> None:
        self._dsn, self._shards = dsn, shards
        self._lease: PostgresLease | None = None
        self._prepared: dict[str, Statement] = {}

    @property
    def lease(self) -> PostgresLease:
        """The session; Fenced when there is none."""
        if self._lease is None:
            raise Fenced(_NOT_OURS)
        return self._lease

    async def register(self) -> int:
        self._forget()
        async with _failures_told():
            self._lease = await self._shards.own()
        return self._lease.epoch

    async def due(self, until: datetime) -> list[DueRow]:
        return [DueRow(*record) for record in await self._read(query("schedule/due"), until)]

    async def load(self, keys: Sequence[int]) -> list[TriggerState]:
        text = listed("r.key = ANY($1::bigint[])", "r.key")
        return [state_of(record) for record in await self._read(text, list(keys))]

    async def answered(self) -> list[int]:
        return [record["trigger_key"] for record in await self._read(query("schedule/answered"))]

    async def watching(self) -> list[int]:
        return [record["key"] for record in await self._read(query("schedule/watching"))]

    async def ended(self, ids: Sequence[str]) -> dict[str, State | None]:
        records = await self._read(query("schedule/ended"), list(ids)) if ids else []
        return {record["id"]: BY_NUMBER.get(record["state"]) for record in records}

    async def free(self) -> list[int]:
        return [record["key"] for record in await self._read(query("schedule/free"))]

    async def commit(self, batch: TriggerBatch) -> set[int]:
        async with self._session() as lease:
            parts = _parts(batch, epoch=lease.epoch)
            text = _statement(tuple(part.key for part in parts))
            arguments = [argument for part in parts for argument in part.arguments]
            written: list[int] | None = await (await self._statement(lease, text)).fetchval(*arguments)
            return set(written or ())

    async def close(self) -> None:
        """Leave in good order: whoever waits for the triggers takes them at once."""
        if self._lease is not None:
            await self._lease.close()
        self._forget()

    async def _read(self, text: str, *arguments: object) -> list[asyncpg.Record]:
        async with self._session() as lease:
            return await (await self._statement(lease, text)).fetch(*arguments)

    async def _statement(self, lease: PostgresLease, text: str) -> Statement:
        prepared = self._prepared.get(text)
        if prepared is None:
            prepared = self._prepared[text] = await lease.connection.prepare(text)
        return prepared

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[PostgresLease]:
        lease = self.lease
        async with lease.turn, _failures_told():
            yield lease

    def _forget(self) -> None:
        """Drop the connection: after a failure nobody knows what state it is in."""
        if self._lease is not None:
            self._lease.drop()
        self._lease = None
        self._prepared.clear()


def _parts(batch: TriggerBatch, *, epoch: int) -> list[Part]:
    parts = [
        Part("commit/fence", [epoch]),
        Part("schedule/states", to.columns([_row(state) for state in batch.states])),
    ]
    if batch.asked:
        parts.append(Part("schedule/asked", to.columns(batch.asked)))
    if batch.acted_on:
        parts.append(Part("schedule/acted_on", [batch.acted_on]))
    if batch.created:
        parts.append(Part("schedule/executions", to.execution_columns(batch.created)))
        parts.append(Part("schedule/counts", [epoch]))
    if batch.watches:
        parts.append(Part("schedule/watches", to.columns(batch.watches)))
    if batch.labels:
        parts.append(Part("schedule/labels", to.columns(batch.labels)))
    if batch.messages:
        parts.append(Part("schedule/messages", to.columns(batch.messages)))
    for name, lines in _lines(batch):
        parts.append(Part(f"schedule/{name}", to.log_columns(lines)))
    return parts


def _lines(batch: TriggerBatch) -> Iterator[tuple[str, list[LogRow]]]:
    """Those of executions count only with them."""
    parted = {
        "logs": [line for line in batch.logs if line.execution_id is not None],
        "trigger_logs": [line for line in batch.logs if line.execution_id is None],
    }
    return ((name, lines) for name, lines in parted.items() if lines)


def _row(state: TriggerState) -> tuple[object, ...]:
    backfill = None if state.backfill is None else msgspec.json.encode(state.backfill)
    record = msgspec.json.encode(state.record)
    return state.key, state.version, state.next_at, state.disabled, state.execution_id, backfill, record, state.freed


@lru_cache(maxsize=50)
def _statement(keys: tuple[Key, ...]) -> str:
    """The fence is computed first: fenced, the division by zero undoes everything."""
    chain, _ = chained(keys)
    aliases = {key.alias for key in keys}
    wake = f", ({body('commit/owners_woken', '').format(sent='_messages')})" if "_messages" in aliases else ""
    wake += ", (SELECT count(pg_notify('trigger_jobs', '')) FROM _asked)" if "_asked" in aliases else ""
    return f"WITH {chain}\nSELECT (SELECT array_agg(key) FROM _states), fence{wake}\nFROM _fence"


@asynccontextmanager
async def _failures_told() -> AsyncGenerator[None]:
    try:
        yield
    except asyncpg.DivisionByZeroError as error:
        raise Fenced(_NOT_OURS) from error
    except (asyncpg.PostgresError, *LOST) as error:
        raise JournalError(f"the database did not answer the scheduler: {error}") from error
