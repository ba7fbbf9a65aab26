"""The worker's side of the queue as rows: claimed in batches with SKIP LOCKED, results sent as letters to the owners.

A lost connection is mended here: results are sent again until they are stored, and a worker that was given up for lost
registers anew and drops what it had.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import TypeVar

import msgspec

from tiercel.adapters.postgres.connection import LOST, Pool
from tiercel.adapters.postgres.lease import PostgresLease, PostgresLeases
from tiercel.adapters.postgres.listener import Hint, Listener
from tiercel.adapters.postgres.mailbox import PostgresPostbox
from tiercel.adapters.postgres.sql import query
from tiercel.engine.commands import Job
from tiercel.engine.events import Done, Part, WorkerLost
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.jobs import Claimed, JobKey
from tiercel.ports.leases import Role
from tiercel.ports.outage import Outage

T = TypeVar("T")

_LONGEST_WAIT = 5.0
_job = msgspec.json.Decoder(Job)


class PostgresJobs:
    """One worker's view. `name` is what executions record as their worker."""

    def __init__(
        self, pool: Pool, listener: Listener, leases: PostgresLeases, *, clock: Clock, dice: Dice, name: str,
        queues: Sequence[int] = (0,),
    ) -> None:  # fmt: skip
        self._pool, self._listener, self._leases = pool, listener, leases
        self._clock, self._dice, self._name, self._queues = clock, dice, name, list(queues)
        self._postbox = PostgresPostbox(pool, listener)
        self._lease: PostgresLease | None = None
        self._held: set[JobKey] = set()
        self._kills: asyncio.Queue[JobKey] = asyncio.Queue()
        self._hint = Hint(listener, "jobs")

    async def __aenter__(self) -> "PostgresJobs":
        await self._hint.__aenter__()
        await self._register()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._hint.__aexit__(kind, error, trace)
        if self._lease is not None:
            self._listener.forget(self._channel(self._lease), self._look)
            await self._lease.close()

    async def claim(self, limit: int) -> list[Claimed]:
        while True:
            claimed = await self._until_stored(lambda: self._claim_or_give_back(limit))
            if claimed:
                return claimed
            await self._hint.wait()

    async def done(self, claimed: Claimed, result: Done) -> None:
        await self._until_stored(lambda: self._postbox.tell(claimed.job.execution_id, result))
        self._held.discard(claimed.key)

    async def tell(self, claimed: Claimed, part: Part) -> None:
        await self._until_stored(lambda: self._postbox.tell(claimed.job.execution_id, part))

    async def release(self, claimed: Claimed) -> None:
        job = claimed.job
        lost = WorkerLost(
            at=self._clock.now(), seed=self._dice.roll(), ord=job.ord, attempt=job.attempt, worker=self._name
        )
        await self._until_stored(lambda: self._postbox.tell(job.execution_id, lost))
        self._held.discard(claimed.key)

    async def kills(self) -> AsyncGenerator[JobKey]:
        while True:
            yield await self._kills.get()

    async def beat(self) -> None:
        """Also looks for jobs that are to stop: the notice may have been lost."""
        lease = self._lease
        try:
            if lease is not None and await lease.beat():
                return await self._look_for_kills()
        except (Outage, *LOST):
            pass
        await self._until_stored(self._register)
        return None

    async def _claim_or_give_back(self, limit: int) -> list[Claimed]:
        """Jobs whose claim was broken off may be ours already: nobody else would ever run them."""
        claiming = asyncio.ensure_future(self._claim(limit))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            for each in await claiming:
                await self.release(each)
            raise

    async def _claim(self, limit: int) -> list[Claimed]:
        if self._lease is None:
            return []
        at, seed = self._clock.now().isoformat(), self._dice.roll()
        records = await self._pool.fetch(
            query("jobs/claim"), self._lease.epoch, self._queues, limit, at, seed, self._name
        )
        claimed = [Claimed(record["id"], _job.decode(record["body"])) for record in records]
        self._held.update(each.key for each in claimed)
        return claimed

    async def _register(self) -> None:
        """A new session. What the old one had was given to others, or will be: it is to stop here."""
        if self._lease is not None:
            self._listener.forget(self._channel(self._lease), self._look)
            self._lease.drop()
        for key in self._held:
            self._kills.put_nowait(key)
        self._held.clear()
        self._lease = await self._leases.register(Role.WORKER)
        await self._listener.hear(self._channel(self._lease), self._look)

    def _look(self, payload: str | None) -> None:
        self._looking = asyncio.ensure_future(self._look_for_kills())

    async def _look_for_kills(self) -> None:
        # What is held must be known before the look: a job claimed meanwhile is not missing.
        held, lease = frozenset(self._held), self._lease
        records = await self._pool.fetch(query("jobs/mine"), lease.epoch) if lease else []
        wanted = {JobKey(row["execution_id"], row["ord"], row["attempt"]) for row in records if not row["killed"]}
        for key in held - wanted:
            self._held.discard(key)
            self._kills.put_nowait(key)

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
        return f"worker_{lease.epoch}"
