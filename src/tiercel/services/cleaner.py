"""Keeps the database tidy: makes room for the months to come, forgets processes and, where that is wished, old rows.

Nothing is deleted by default.
"""

import logging
from datetime import datetime, timedelta

import msgspec

from tiercel.model.errors import TiercelError
from tiercel.ports.clock import Clock
from tiercel.ports.leases import Roster
from tiercel.ports.logs import LogStore
from tiercel.ports.upkeep import Upkeep

log = logging.getLogger(__name__)


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long things are kept; None is for ever."""

    executions: timedelta | None = None
    logs: timedelta | None = None
    services: timedelta = timedelta(days=1)
    """What is remembered of processes that ended."""


class Cleaner:
    """One a cluster is enough; several do no harm."""

    def __init__(
        self,
        upkeep: Upkeep,
        roster: Roster,
        logs: LogStore,
        *,
        clock: Clock,
        retention: Retention | None = None,
        pace: timedelta = timedelta(hours=1),
    ) -> None:
        self._upkeep, self._roster, self._logs, self._clock = upkeep, roster, logs, clock
        self._retention, self._pace = retention or Retention(), pace

    async def run(self) -> None:
        """Tidy up each hour until cancelled. What fails is tried again in the next."""
        while True:
            await self._clock.sleep_until(self._clock.now() + self._pace)
            try:
                await self.tidy(self._clock.now())
            except (TiercelError, OSError) as error:
                log.warning("tidying up failed and is tried again later: %s", error)

    async def tidy(self, now: datetime) -> None:
        """Do all of it once."""
        await self._upkeep.make_room(now)
        await self._roster.forget(before=now - self._retention.services)
        if self._retention.logs is not None:
            await self._upkeep.drop_logs(now - self._retention.logs)
            await self._logs.delete_before(now - self._retention.logs)
        if self._retention.executions is not None:
            await self._upkeep.drop_executions(now - self._retention.executions)
