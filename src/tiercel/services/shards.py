"""Becoming the owner of a role's shards, and staying it: one process owns all of them, another waits and takes over whole.

A dead owner is known by its ended session, a frozen one by its missing beat, and only then after a time.
"""

from datetime import timedelta
from typing import Generic, TypeVar

import msgspec

from tiercel.ports.clock import Clock
from tiercel.ports.leases import Lease, Leases, Role

L = TypeVar("L", bound=Lease)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How often is looked, and how long is waited."""

    probe: timedelta = timedelta(milliseconds=500)
    """Between two looks at the owner while waiting for its place."""
    beat: timedelta = timedelta(seconds=3)
    patience: timedelta = timedelta(seconds=15)
    """A session that has not beaten for so long is taken for frozen."""


class Shards(Generic[L]):
    """Ownership of all shards of one role."""

    def __init__(self, leases: Leases[L], role: Role, *, clock: Clock, pace: Pace | None = None) -> None:
        self._leases, self._role, self._clock = leases, role, clock
        self._pace = pace or Pace()

    async def own(self) -> L:
        """A session that owns every shard; waits as long as a living process owns some."""
        lease = await self._leases.register(self._role)
        try:
            await self._claim_all(lease)
        except BaseException:
            await lease.close()
            raise
        return lease

    async def keep(self, lease: L) -> None:
        """Beat until the session is gone or taken over."""
        while await lease.beat():
            await self._clock.sleep_until(self._clock.now() + self._pace.beat)

    async def _claim_all(self, lease: L) -> None:
        while owners := await lease.claim():
            gone = [owner for owner in owners if await lease.is_gone(owner, patience=self._pace.patience)]
            for owner in gone:
                await lease.take_over(owner)
            if not gone:
                await lease.beat()
                await self._clock.sleep_until(self._clock.now() + self._pace.probe)
