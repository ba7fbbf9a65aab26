"""The executor's commits on PostgreSQL: one prepared statement each, on the connection whose session is the lease."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg

from tiercel.adapters.postgres import rows as to
from tiercel.adapters.postgres.commit import notices_of, parts_of, statement, updated_numbers
from tiercel.adapters.postgres.connection import LOST, ROWS_BY_KEY, Connection, Statement, connect
from tiercel.adapters.postgres.lease import PostgresLease
from tiercel.adapters.postgres.partitions import Partitions, read_partitions
from tiercel.adapters.postgres.parts import Part
from tiercel.adapters.postgres.sql import query
from tiercel.model.execution import Kind
from tiercel.model.states import State
from tiercel.ports.journal import (
    Batch,
    ExecutionRow,
    Fenced,
    JobRow,
    JournalError,
    LiveRow,
    Loaded,
    Refused,
    TaskRunRow,
    TimerRow,
    WindowRow,
)
from tiercel.services.shards import Shards

_REFUSALS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
"""Errors that are about the rows."""
_NOT_OURS = "another process has taken over the shards of this one"


class PostgresJournal:
    """One writer. A second connection reads, so that a load does not wait for a commit in flight."""

    def __init__(self, dsn: str, shards: Shards[PostgresLease]) -> None:
        self._dsn, self._shards = dsn, shards
        self._lease: PostgresLease | None = None
        self._reader: Connection | None = None
        self._reading = asyncio.Lock()
        self._registered = asyncio.Event()
        self._beating: asyncio.Task[None] | None = None
        self._partitions = Partitions()
        self._prepared: dict[str, Statement] = {}

    @property
    def epoch(self) -> int:
        """Of the session there is; 0 while there is none."""
        return 0 if self._lease is None else self._lease.epoch

    @property
    def lease(self) -> PostgresLease:
        """The session; Fenced when there is none."""
        if self._lease is None:
            raise Fenced(_NOT_OURS)
        return self._lease

    async def register(self) -> int:
        await self._forget()
        try:
            self._lease = await self._shards.own()
            self._beating = asyncio.create_task(self._shards.keep(self._lease), name="beating")
            self._reader = await connect(self._dsn, purpose="loader", settings=ROWS_BY_KEY)
            self._partitions = await read_partitions(self._reader)
        except (asyncpg.PostgresError, *LOST) as error:
            raise JournalError(f"the database cannot be reached: {error}") from error
        self._registered.set()
        return self._lease.epoch

    async def commit(self, batch: Batch) -> None:
        lease = self.lease
        parts = await self._parts(batch, lease.epoch)
        notices = notices_of(batch)
        text = statement(tuple(part.key for part in parts), notices=bool(notices))
        arguments = [argument for part in parts for argument in part.arguments]
        arguments += updated_numbers(parts)
        arguments += list(zip(*notices, strict=True)) if notices else []
        try:
            async with lease.turn, _failures_told("store a commit"):
                await (await self._statement(lease, text)).fetchval(*arguments)
        except JournalError as error:
            if lease.connection.is_closed() and await self._has_lost(lease):
                raise Fenced(_NOT_OURS) from error
            raise

    async def _parts(self, batch: Batch, epoch: int) -> list[Part]:
        parts = parts_of(batch, self._partitions, epoch=epoch)
        if self._partitions.is_outdated and self._reader is not None:
            async with self._reading, _failures_told("read"):
                self._partitions = await read_partitions(self._reader)
            parts = parts_of(batch, self._partitions, epoch=epoch)
        return parts

    async def _statement(self, lease: PostgresLease, text: str) -> Statement:
        prepared = self._prepared.get(text)
        if prepared is None:
            prepared = self._prepared[text] = await lease.connection.prepare(text)
        return prepared

    async def load(self, ids: Sequence[str]) -> list[Loaded]:
        found: list[Loaded] = []
        for partition, some in to.by_partition([(identifier,) for identifier in ids], self._partitions).items():
            found += await self._load([identifier for (identifier,) in some], partition)
        return found

    async def _load(self, ids: list[str], partition: str) -> list[Loaded]:
        headers = await self._read("journal/load", ids, partition=partition)
        runs: dict[str, list[TaskRunRow]] = {}
        for record in await self._read("journal/load_runs", ids, partition=partition):
            runs.setdefault(record["execution_id"], []).append(to.run_row(record))
        return [Loaded(to.execution_row(record), runs.get(record["id"], [])) for record in headers]

    async def ended_runs(self, execution_id: str, task_ids: Sequence[str] | None = None) -> list[TaskRunRow]:
        partition = self._partitions.of(execution_id)
        wanted = None if task_ids is None else list(task_ids)
        records = await self._read("journal/ended_runs", execution_id, wanted, partition=partition)
        return [to.run_row(record) for record in records]

    async def pending(self) -> list[str]:
        return [record["id"] for record in await self._read("journal/pending")]

    async def children(self, ids: Sequence[str]) -> list[str]:
        return [record["id"] for record in await self._read("journal/children", list(ids))]

    async def iterations(self, parent_id: str) -> list[ExecutionRow]:
        return [to.execution_row(record) for record in await self._read("journal/iterations", parent_id)]

    async def window(self, flow: int, trigger_id: str) -> WindowRow | None:
        records = await self._read("journal/window", flow, trigger_id)
        return WindowRow(*records[0]) if records else None

    async def live(self, flow: int) -> list[LiveRow]:
        return [LiveRow(*record) for record in await self._read("journal/live", flow, Kind.LOOP.number)]

    async def live_in(self, namespaces: Sequence[int]) -> list[LiveRow]:
        return [LiveRow(*record) for record in await self._read("journal/live_in", list(namespaces), Kind.LOOP.number)]

    async def queued(self) -> list[ExecutionRow]:
        return [to.execution_row(record) for record in await self._read("journal/queued", State.QUEUED.number)]

    async def due_timers(self, until: datetime) -> list[TimerRow]:
        return [TimerRow(*record) for record in await self._read("journal/due_timers", until)]

    async def orphaned_jobs(self) -> list[JobRow]:
        return [JobRow(*record) for record in await self._read("journal/orphaned_jobs")]

    async def close(self) -> None:
        """Leave in good order: whoever waits for the shards takes them at once."""
        await self._stop_beating()
        if self._lease is not None:
            await self._lease.close()
        await self._forget()
        self._registered.set()

    async def _read(self, name: str, *arguments: object, partition: str = "") -> list[asyncpg.Record]:
        """Ask the loader. Whoever asks while the process registers anew, or was asking then, is answered afterwards."""
        text = query(name).replace("{partition}", partition)
        while True:
            await self._registered.wait()
            reader = self._reader
            if reader is None:
                raise Fenced(_NOT_OURS)
            try:
                async with self._reading, _failures_told("read"):
                    return await reader.fetch(text, *arguments)
            except JournalError:
                if reader is self._reader:
                    raise

    async def _stop_beating(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])
            self._beating = None

    async def _has_lost(self, lease: PostgresLease) -> bool:
        """Whether someone took the session away; one that merely broke still has its lease."""
        try:
            return not await self._read("leases/has", lease.epoch)
        except JournalError:
            return False

    async def _forget(self) -> None:
        """Drop both connections: after a failure nobody knows what state they are in."""
        self._registered.clear()
        await self._stop_beating()
        if self._lease is not None:
            self._lease.drop()
        if self._reader is not None:
            self._reader.terminate()
        self._lease = self._reader = None
        self._prepared.clear()


@asynccontextmanager
async def _failures_told(work: str) -> AsyncGenerator[None]:
    try:
        yield
    except asyncpg.DivisionByZeroError as error:
        raise Fenced(_NOT_OURS) from error
    except asyncpg.UniqueViolationError as error:
        raise Refused(f"rows are there already, so there are two writers: {error.detail}") from error
    except _REFUSALS as error:
        raise Refused(f"the database did not {work}: {error}") from error
    except (asyncpg.PostgresError, *LOST) as error:
        raise JournalError(f"the database did not {work}: {error}") from error
