"""The worker's side of the queue as rows: claimed in batches with SKIP LOCKED, results sent as letters to the owners."""

from collections.abc import Sequence

import msgspec

from tiercel.adapters.postgres.claims import Claims
from tiercel.adapters.postgres.connection import Pool
from tiercel.adapters.postgres.lease import PostgresLeases
from tiercel.adapters.postgres.listener import Listener
from tiercel.adapters.postgres.mailbox import PostgresPostbox
from tiercel.adapters.postgres.sql import query
from tiercel.engine.commands import Job
from tiercel.engine.events import Done, Part, WorkerLost
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.jobs import Claimed, JobKey

_job = msgspec.json.Decoder(Job)


class PostgresJobs(Claims[Claimed, JobKey]):
    """One worker's view. `name` is what executions record as their worker."""

    news = "jobs"
    stops = "worker"

    def __init__(
        self, pool: Pool, listener: Listener, leases: PostgresLeases, *, clock: Clock, dice: Dice, name: str,
        queues: Sequence[int] = (0,),
    ) -> None:  # fmt: skip
        super().__init__(pool, listener, leases, name=name)
        self._clock, self._dice, self._queues = clock, dice, list(queues)
        self._postbox = PostgresPostbox(pool, listener)

    async def done(self, claimed: Claimed, result: Done) -> None:
        await self._until_stored(lambda: self._postbox.tell(claimed.job.execution_id, result))
        self._held.discard(claimed.key)

    async def tell(self, claimed: Claimed, part: Part) -> None:
        await self._until_stored(lambda: self._postbox.tell(claimed.job.execution_id, part))

    async def release(self, claimed: Claimed) -> None:
        job, at, seed = claimed.job, self._clock.now(), self._dice.roll()
        lost = WorkerLost(at=at, seed=seed, ord=job.ord, attempt=job.attempt, worker=self._name)
        await self._until_stored(lambda: self._postbox.tell(job.execution_id, lost))
        self._held.discard(claimed.key)

    async def _rows(self, epoch: int, limit: int) -> list[Claimed]:
        at, seed = self._clock.now().isoformat(), self._dice.roll()
        records = await self._pool.fetch(query("jobs/claim"), epoch, self._queues, limit, at, seed, self._name)
        return [Claimed(record["id"], _job.decode(record["body"])) for record in records]

    async def _wanted(self, epoch: int) -> set[JobKey]:
        records = await self._pool.fetch(query("jobs/mine"), epoch)
        return {JobKey(row["execution_id"], row["ord"], row["attempt"]) for row in records if not row["killed"]}

    def _key(self, claimed: Claimed) -> JobKey:
        return claimed.key
