"""Log lines and metrics as rows: written by COPY on a connection of their own, read in order of time.

Its commits do not wait for the disk: the next commit of the journal does, and there is one write-ahead log.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import asyncpg
import msgspec

from tiercel.adapters.postgres.conditions import Conditions, containing
from tiercel.adapters.postgres.connection import LAZY, Connection, Pool, connect
from tiercel.adapters.postgres.numbers import Numbers
from tiercel.adapters.postgres.rows import storable
from tiercel.adapters.postgres.sql import query as sql
from tiercel.adapters.postgres.where import LOGS
from tiercel.model.log import Level, LogEntry, MetricEntry
from tiercel.ports.logs import LogQuery, Tail

_LINE = (
    "at", "seq", "flow", "execution_id", "task_run_id", "task_id", "attempt", "trigger_id", "level", "thread", "message",
)  # fmt: skip
_METRIC = ("at", "flow", "execution_id", "task_run_id", "task_id", "type", "name", "value", "tags")
_OVERLAP = timedelta(seconds=10)
"""A follower looks back so far: lines of several workers arrive a little out of order."""
_NUMBERS = 2**31
_OF_TENANT = (
    "EXISTS (SELECT FROM flows JOIN tenants ON tenants.key = tenant WHERE flows.key = l.flow AND tenants.name = {})"
)
_Key = tuple[datetime, int, str | None]
_tags = msgspec.json.Decoder(dict[str, str])


class PostgresLogStore:
    """`close` it at the end."""

    def __init__(self, dsn: str, pool: Pool, *, pace: float = 1.0) -> None:
        self._dsn, self._pool, self._pace = dsn, pool, pace
        self._numbers = Numbers()
        self._sequence = count()
        self._writer: Connection | None = None
        self._writing = asyncio.Lock()
        self._tails: set[Tail] = set()

    async def append(self, entries: Sequence[LogEntry]) -> None:
        async with self._writing:
            writer = await self._connected()
            rows = [await self._line(writer, entry) for entry in entries]
            await writer.copy_records_to_table("logs", records=rows, columns=_LINE)
        for tail in self._tails:
            tail.hint()

    async def append_metrics(self, entries: Sequence[MetricEntry]) -> None:
        async with self._writing:
            writer = await self._connected()
            rows = [await self._metric(writer, entry) for entry in entries]
            await writer.copy_records_to_table("metrics", records=rows, columns=_METRIC)

    async def read(self, query: LogQuery) -> AsyncGenerator[LogEntry]:
        async for _, entry in self._keyed(query):
            yield entry

    async def page(self, query: LogQuery, *, page: int, size: int) -> tuple[list[LogEntry], int]:
        conditions = await self._conditions(query)
        total: int = await self._pool.fetchval(_with("logs/count", conditions), *conditions.arguments)
        text = _listing(query, conditions) + f" LIMIT {size:d} OFFSET {(page - 1) * size:d}"
        records = await self._pool.fetch(text, *conditions.arguments) if total else []
        return [_entry(record) for record in records], total

    async def follow(self, query: LogQuery, tail: Tail | None = None) -> AsyncGenerator[LogEntry]:
        tail = tail or Tail()
        self._tails.add(tail)
        try:
            async for entry in self._followed(query, tail):
                yield entry
        finally:
            self._tails.discard(tail)

    async def _followed(self, query: LogQuery, tail: Tail) -> AsyncGenerator[LogEntry]:
        # What was told lately is known by time, number and run; what is older than the overlap cannot come again.
        known: set[_Key] = set()
        latest = query.start
        while True:
            is_last = tail.is_over
            start = latest if not known or latest is None else latest - _OVERLAP
            async for key, entry in self._keyed(msgspec.structs.replace(query, start=start, newest_first=False)):
                if key not in known:
                    known.add(key)
                    latest = key[0] if latest is None else max(latest, key[0])
                    yield entry
            known = {key for key in known if latest is None or key[0] >= latest - _OVERLAP}
            if is_last:
                return
            await tail.wait(self._pace)

    async def metrics(self, execution_id: str, *, page: int, size: int) -> tuple[list[MetricEntry], int]:
        records = await self._pool.fetch(sql("logs/metrics"), execution_id, size, (page - 1) * size)
        return [_reported(record) for record in records], records[0]["total"] if records else 0

    async def delete_metrics(self, execution_ids: Sequence[str]) -> int:
        return await self._pool.fetchval(sql("logs/delete_metrics"), list(execution_ids))

    async def delete_metrics_of(self, query: LogQuery) -> int:
        flows = await self._flows(query)
        return await self._pool.fetchval(
            sql("logs/delete_metrics_of"), flows, query.execution_id, query.start, query.end
        )

    async def delete(self, query: LogQuery) -> int:
        conditions = await self._conditions(query)
        return await self._pool.fetchval(_with("logs/delete", conditions), *conditions.arguments)

    async def delete_before(self, instant: datetime) -> int:
        conditions = Conditions()
        conditions.add("l.at < {}", instant)
        return await self._pool.fetchval(_with("logs/delete", conditions), *conditions.arguments)

    async def close(self) -> None:
        async with self._writing:
            if self._writer is not None:
                await self._writer.close()

    async def _connected(self) -> Connection:
        if self._writer is None or self._writer.is_closed():
            self._writer = await connect(self._dsn, purpose="logs", settings=LAZY)
        return self._writer

    async def _line(self, writer: Connection, entry: LogEntry) -> tuple[Any, ...]:
        place = await self._numbers.place(
            writer, tenant=entry.tenant_id, namespace=entry.namespace, flow_id=entry.flow_id
        )
        return (
            entry.timestamp, next(self._sequence) % _NUMBERS, place.flow, entry.execution_id, entry.task_run_id,
            entry.task_id, entry.attempt_number, entry.trigger_id, Level[entry.level].value,
            entry.thread and storable(entry.thread), storable(entry.message),
        )  # fmt: skip

    async def _metric(self, writer: Connection, entry: MetricEntry) -> tuple[Any, ...]:
        place = await self._numbers.place(writer, tenant="main", namespace=entry.namespace, flow_id=entry.flow_id)
        tags = msgspec.json.encode(entry.tags) if entry.tags else None
        return (
            entry.timestamp, place.flow, entry.execution_id, entry.task_run_id, entry.task_id, entry.type,
            storable(entry.name), entry.value, tags,
        )  # fmt: skip

    async def _keyed(self, query: LogQuery) -> AsyncGenerator[tuple[_Key, LogEntry]]:
        conditions = await self._conditions(query)
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            async for record in connection.cursor(_listing(query, conditions), *conditions.arguments, prefetch=1000):
                yield (record["at"], record["seq"], record["task_run_id"]), _entry(record)

    async def _conditions(self, query: LogQuery) -> Conditions:
        conditions = Conditions()
        plain = (
            ("l.execution_id = {}", query.execution_id),
            ("l.task_id = {}", query.task_id),
            ("l.task_run_id = {}", query.task_run_id),
            ("l.attempt = {}", query.attempt),
            ("l.trigger_id = {}", query.trigger_id),
            ("l.at >= {}", query.start),
            ("l.at < {}", query.end),
            ("l.level >= {}", query.min_level.value or None),
            ("l.message ILIKE {}", query.text and containing(query.text)),
            ("l.task_id = ANY({}::text[])", list(query.task_ids) or None),
            ("l.level = ANY({}::int2[])", [level.value for level in query.levels] or None),
            ("(l.execution_id IS NOT NULL) = {}", query.of_execution),
        )
        for clause, value in plain:
            if value is not None:
                conditions.add(clause, value)
        LOGS.demand(query.filters, conditions)
        if query.namespace is None and query.flow_id is None:
            conditions.add(_OF_TENANT, query.tenant)
        else:
            conditions.add("l.flow = ANY({}::int[])", await self._flows(query))
        return conditions

    async def _flows(self, query: LogQuery) -> list[int]:
        return _keys(await self._pool.fetch(sql("logs/flows"), query.tenant, query.namespace, query.flow_id))


def _keys(records: Iterable[asyncpg.Record]) -> list[int]:
    return [record["key"] for record in records]


def _with(name: str, conditions: Conditions) -> str:
    return sql(name).replace("{where}", conditions.text)


def _listing(query: LogQuery, conditions: Conditions) -> str:
    return _with("logs/page", conditions).replace("{direction}", "DESC" if query.newest_first else "ASC")


def _entry(record: asyncpg.Record) -> LogEntry:
    return LogEntry(
        tenant_id=record["tenant"],
        namespace=record["namespace"],
        flow_id=record["flow"],
        timestamp=record["at"],
        level=Level(record["level"]).name,
        message=record["message"],
        execution_id=record["execution_id"],
        task_id=record["task_id"],
        task_run_id=record["task_run_id"],
        attempt_number=record["attempt"],
        trigger_id=record["trigger_id"],
        thread=record["thread"],
    )


def _reported(record: asyncpg.Record) -> MetricEntry:
    return MetricEntry(
        namespace=record["namespace"],
        flow_id=record["flow"],
        execution_id=record["execution_id"],
        task_id=record["task_id"],
        task_run_id=record["task_run_id"],
        type=record["type"],
        name=record["name"],
        value=record["value"],
        timestamp=record["at"],
        tags={} if record["tags"] is None else _tags.decode(record["tags"]),
    )
