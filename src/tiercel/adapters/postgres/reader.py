"""What people look at, from committed rows: executions by id and by search, task runs, outputs, history, numbers."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from tiercel.adapters.postgres.connection import Pool
from tiercel.adapters.postgres.listing import COUNTED_AT_MOST, Listing
from tiercel.adapters.postgres.rows import execution_row, run_row
from tiercel.adapters.postgres.sql import query as sql
from tiercel.model.states import BEFORE_SLOT
from tiercel.ports.filters import BadFilters
from tiercel.ports.journal import EventRow, TaskRunRow
from tiercel.ports.reader import CountLine, ExecutionQuery, OutputsOf, ReadExecution, Total
from tiercel.services.records import label_key

_PAGE = 1000
_DELETED_AT_ONCE = 5000


class PostgresReader:
    """Reads on connections of the pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def execution(self, tenant: str, execution_id: str) -> ReadExecution | None:
        return next(iter(await self.executions(tenant, [execution_id])), None)

    async def executions(self, tenant: str, ids: Sequence[str]) -> list[ReadExecution]:
        records = await self._pool.fetch(sql("reader/executions"), tenant, list(ids))
        found = {record["id"]: _read(record) for record in records}
        return [found[each] for each in ids if each in found]

    async def task_runs(self, execution_id: str) -> AsyncGenerator[TaskRunRow]:
        last = -1
        while True:
            records = await self._pool.fetch(sql("reader/task_runs"), execution_id, last, _PAGE)
            for record in records:
                yield run_row(record)
            if len(records) < _PAGE:
                return
            last = records[-1]["ord"]

    async def outputs(self, execution_id: str) -> list[OutputsOf]:
        return [OutputsOf(*record) for record in await self._pool.fetch(sql("reader/outputs"), execution_id)]

    async def outputs_of(self, execution_id: str, task_run_id: str) -> bytes | None:
        return await self._pool.fetchval(sql("reader/outputs_of"), execution_id, task_run_id)

    async def history(self, execution_id: str) -> AsyncGenerator[EventRow]:
        last = -1
        while True:
            records = await self._pool.fetch(sql("reader/history"), execution_id, last, _PAGE)
            for record in records:
                yield EventRow(*record)
            if len(records) < _PAGE:
                return
            last = records[-1]["seq"]

    async def search(self, query: ExecutionQuery) -> tuple[list[ReadExecution], Total]:
        listing = await self._listing(query)
        try:
            ids = [record["id"] for record in await self._pool.fetch(listing.page(), *listing.arguments)]
            total = await self._total(listing)
        except asyncpg.InvalidRegularExpressionError as error:
            raise BadFilters((f"no regular expression: {error}",)) from error
        return await self.executions(query.tenant, ids), total

    async def ids(self, query: ExecutionQuery) -> AsyncGenerator[str]:
        last = query.before
        while True:
            page = msgspec.structs.replace(
                query, order="state.startDate", descending=True, page=1, size=_PAGE, before=last
            )
            listing = await self._listing(page)
            found = [record["id"] for record in await self._pool.fetch(listing.page(), *listing.arguments)]
            for identifier in found:
                yield identifier
            if len(found) < _PAGE:
                return
            last = found[-1]

    async def latest(self, tenant: str, flows: Sequence[tuple[str, str]]) -> list[ReadExecution]:
        namespaces, names = [namespace for namespace, _ in flows], [name for _, name in flows]
        return [_read(record) for record in await self._pool.fetch(sql("reader/latest"), tenant, namespaces, names)]

    async def counts(
        self,
        tenant: str,
        *,
        start: datetime,
        end: datetime,
        namespace: str | None = None,
        flow_id: str | None = None,
    ) -> list[CountLine]:
        records = await self._pool.fetch(sql("reader/counts"), tenant, start, end, namespace, flow_id)
        return [CountLine(*record) for record in records]

    async def live(self, tenant: str, *, namespace: str | None = None, flow_id: str | None = None) -> dict[int, int]:
        records = await self._pool.fetch(sql("reader/live"), tenant, namespace, flow_id)
        return {record["state"]: record["n"] for record in records}

    async def running(self, tenant: str) -> dict[tuple[str, str], int]:
        records = await self._pool.fetch(sql("reader/running"), tenant, [state.number for state in BEFORE_SLOT])
        return {(record["namespace"], record["flow_id"]): record["n"] for record in records}

    async def delete(self, tenant: str, ids: Sequence[str]) -> int:
        deleted = 0
        for first in range(0, len(ids), _DELETED_AT_ONCE):
            deleted += await self._delete(tenant, list(ids[first : first + _DELETED_AT_ONCE]))
        return deleted

    async def _delete(self, tenant: str, ids: list[str]) -> int:
        async with self._pool.acquire() as connection, connection.transaction():
            records = await connection.fetch(sql("reader/over"), tenant, ids)
            labels = [
                (_label_key(record["tenant"], label), record["id"]) for record in records for label in record["labels"]
            ]
            await connection.execute(
                sql("reader/delete"),
                [record["id"] for record in records],
                [number for number, _ in labels],
                [identifier for _, identifier in labels],
            )
        return len(records)

    async def _listing(self, query: ExecutionQuery) -> Listing:
        tenant: int | None = await self._pool.fetchval("SELECT key FROM tenants WHERE name = $1", query.tenant)
        return Listing(query, tenant=tenant or 0)

    async def _total(self, listing: Listing) -> Total:
        counted: int = await self._pool.fetchval(listing.total(), *listing.arguments)
        if counted <= COUNTED_AT_MOST:
            return Total(counted, is_estimate=False)
        plan: Any = msgspec.json.decode(await self._pool.fetchval(listing.estimate(), *listing.arguments))
        return Total(max(counted, int(plan[0]["Plan"]["Plan Rows"])), is_estimate=True)


def _label_key(tenant: int, label: str) -> int:
    key, _, value = label.partition(":")
    return label_key(tenant, key, value)


def _read(record: asyncpg.Record) -> ReadExecution:
    return ReadExecution(record["tenant_name"], record["namespace_name"], record["flow_id"], execution_row(record))
