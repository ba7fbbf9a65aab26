"""Triggers for workers as rows: claimed in batches with SKIP LOCKED, answered in the same row.

A claim holds as long as the session of its worker has a lease. A worker that was given up for lost registers anew and
drops what it had, as with jobs of tasks.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from types import TracebackType
from typing import TypeVar

import msgspec

from tiercel.adapters.postgres.connection import LOST, Pool
from tiercel.adapters.postgres.lease import PostgresLease, PostgresLeases
from tiercel.adapters.postgres.listener import Hint, Listener
from tiercel.adapters.postgres.sql import query
from tiercel.engine.commands import Job
from tiercel.model.trigger import Finding
from tiercel.ports.leases import Role
from tiercel.ports.outage import Outage
from tiercel.ports.trigger_jobs import ClaimedTrigger

T = TypeVar("T")

_LONGEST_WAIT = 5.0
_job = msgspec.json.Decoder(Job)


class PostgresTriggerJobs:
    """One worker's view. `name` is what the API shows as the trigger's worker."""

    def __init__(self, pool: Pool, listener: Listener, leases: PostgresLeases, *, name: str) -> None:
        self._pool, self._listener, self._leases, self._name = pool, listener, leases, name
        self._lease: PostgresLease | None = None
        self._held: set[int] = set()
        self._kills: asyncio.Queue[int] = asyncio.Queue()
        self._looks: set[asyncio.Task[None]] = set()
        self._hint = Hint(listener, "trigger_jobs")

    async def __aenter__(self) -> "PostgresTriggerJobs":
        await self._hint.__aenter__()
        await self._register()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._hint.__aexit__(kind, error, trace)
        for look in self._looks:
            look.cancel()
        if self._lease is not None:
            self._listener.forget(self._channel(self._lease), self._look)
            await self._lease.close()

    async def claim(self, limit: int) -> list[ClaimedTrigger]:
        while True:
            claimed = await self._until_stored(lambda: self._claim_or_give_back(limit))
            if claimed:
                return claimed
            await self._hint.wait()

    async def answer(self, claimed: ClaimedTrigger, finding: Finding) -> None:
        body = msgspec.json.encode(finding)
        await self._until_stored(lambda: self._change("answer", claimed.id, body))
        self._held.discard(claimed.id)

    async def release(self, claimed: ClaimedTrigger) -> None:
        await self._until_stored(lambda: self._change("release", claimed.id))
        self._held.discard(claimed.id)

    async def kills(self) -> AsyncGenerator[int]:
        while True:
            yield await self._kills.get()

    async def beat(self) -> None:
        """Also looks for what was taken away: the notice may have been lost."""
        lease = self._lease
        try:
            if lease is not None and await lease.beat():
                await self._pool.execute(query("trigger_jobs/free"))
                return await self._look_for_kills()
        except (Outage, *LOST):
            pass
        await self._until_stored(self._register)
        return None

    async def _claim_or_give_back(self, limit: int) -> list[ClaimedTrigger]:
        """A claim that was broken off may have taken some already: nobody else would ever look at them."""
        claiming = asyncio.ensure_future(self._claim(limit))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            for each in await claiming:
                await self.release(each)
            raise

    async def _claim(self, limit: int) -> list[ClaimedTrigger]:
        if self._lease is None:
            return []
        records = await self._pool.fetch(query("trigger_jobs/claim"), self._lease.epoch, limit, self._name)
        claimed = [ClaimedTrigger(record["id"], _job.decode(record["body"])) for record in records]
        self._held.update(each.id for each in claimed)
        return claimed

    async def _change(self, name: str, *arguments: object) -> None:
        """Write to a row that is still ours."""
        if self._lease is not None:
            first, *others = arguments
            await self._pool.execute(query(f"trigger_jobs/{name}"), first, self._lease.epoch, *others)

    async def _register(self) -> None:
        """A new session. What the old one had was given to others, or will be: it is to stop here."""
        if self._lease is not None:
            self._listener.forget(self._channel(self._lease), self._look)
            self._lease.drop()
        for number in self._held:
            self._kills.put_nowait(number)
        self._held.clear()
        self._lease = await self._leases.register(Role.WORKER)
        await self._listener.hear(self._channel(self._lease), self._look)
        await self._pool.execute(query("trigger_jobs/free"))

    def _look(self, payload: str | None) -> None:
        look = asyncio.ensure_future(self._look_for_kills())
        self._looks.add(look)
        look.add_done_callback(self._looked)

    def _looked(self, look: asyncio.Task[None]) -> None:
        """A look that failed is made up for by the next beat."""
        self._looks.discard(look)
        if not look.cancelled():
            look.exception()

    async def _look_for_kills(self) -> None:
        # What is held must be known before the look: a trigger claimed meanwhile is not missing.
        held, lease = frozenset(self._held), self._lease
        records = await self._pool.fetch(query("trigger_jobs/mine"), lease.epoch) if lease else []
        for number in held - {record["id"] for record in records}:
            self._held.discard(number)
            self._kills.put_nowait(number)

    async def _until_stored(self, work: Callable[[], Awaitable[T]]) -> T:
        wait = 0.0
        while True:
            try:
                return await work()
            except (Outage, *LOST):
                wait = min(wait * 2 + 0.1, _LONGEST_WAIT)
                await asyncio.sleep(wait)

    @staticmethod
    def _channel(lease: PostgresLease) -> str:
        return f"triggers_of_{lease.epoch}"
