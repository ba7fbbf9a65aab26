"""Triggers for workers as rows: claimed in batches with SKIP LOCKED, answered in the same row.

A claim holds as long as the session of its worker has a lease.
"""

import msgspec

from tiercel.adapters.postgres.claims import Claims
from tiercel.adapters.postgres.sql import query
from tiercel.engine.commands import Job
from tiercel.model.trigger import Finding
from tiercel.ports.trigger_jobs import ClaimedTrigger

_job = msgspec.json.Decoder(Job)


class PostgresTriggerJobs(Claims[ClaimedTrigger, int]):
    """One worker's view. `name` is what the API shows as the trigger's worker."""

    news = "trigger_jobs"
    stops = "triggers_of"

    async def answer(self, claimed: ClaimedTrigger, finding: Finding) -> None:
        body = msgspec.json.encode(finding)
        await self._until_stored(lambda: self._change("answer", claimed.id, body))
        self._held.discard(claimed.id)

    async def release(self, claimed: ClaimedTrigger) -> None:
        await self._until_stored(lambda: self._change("release", claimed.id))
        self._held.discard(claimed.id)

    async def _rows(self, epoch: int, limit: int) -> list[ClaimedTrigger]:
        records = await self._pool.fetch(query("trigger_jobs/claim"), epoch, limit, self._name)
        return [ClaimedTrigger(record["id"], _job.decode(record["body"])) for record in records]

    async def _wanted(self, epoch: int) -> set[int]:
        return {record["id"] for record in await self._pool.fetch(query("trigger_jobs/mine"), epoch)}

    async def _tidy(self) -> None:
        """Free what dead sessions had."""
        await self._pool.execute(query("trigger_jobs/free"))

    def _key(self, claimed: ClaimedTrigger) -> int:
        return claimed.id

    async def _change(self, name: str, *arguments: object) -> None:
        """Write to a row that is still ours."""
        if self._lease is not None:
            first, *others = arguments
            await self._pool.execute(query(f"trigger_jobs/{name}"), first, self._lease.epoch, *others)
