"""Finds workers that are gone and tells the executions whose jobs they had: nothing waits for a dead worker for ever."""

import logging
from collections.abc import Callable
from datetime import timedelta

from tiercel.engine.events import AnyEvent, WorkerLost
from tiercel.model.errors import TiercelError
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.jobs import JobKey
from tiercel.ports.journal import JobRow, Journal
from tiercel.ports.leases import Role, Roster

log = logging.getLogger(__name__)


class Liveness:
    """Runs beside an executor. `tell` takes an event for one of its executions, and never waits."""

    def __init__(
        self,
        roster: Roster,
        journal: Journal,
        *,
        tell: Callable[[str, AnyEvent], None],
        clock: Clock,
        dice: Dice,
        patience: timedelta = timedelta(seconds=15),
        pace: timedelta = timedelta(seconds=1),
        resubmit: bool = True,
    ) -> None:
        self._roster, self._journal, self._tell = roster, journal, tell
        self._clock, self._dice = clock, dice
        self._patience, self._pace, self._resubmit = patience, pace, resubmit
        self._lost: set[int] = set()
        self._told: set[JobKey] = set()

    async def run(self) -> None:
        """Look each second until cancelled. A look that fails is made up for by the next."""
        while True:
            try:
                await self.look()
            except (TiercelError, OSError) as error:
                log.warning("cannot see which workers live: %s", error)
            await self._clock.sleep_until(self._clock.now() + self._pace)

    async def look(self) -> None:
        """Tell of every job whose worker is gone, once each."""
        self._lost.update(await self._roster.lost(Role.WORKER, patience=self._patience))
        if not self._lost:
            return
        jobs = [job for job in await self._journal.orphaned_jobs() if job.worker in self._lost]
        self._lost &= {job.worker for job in jobs if job.worker is not None}
        self._told &= {_key(job) for job in jobs}
        for job in jobs:
            if _key(job) not in self._told:
                self._told.add(_key(job))
                self._tell(job.execution_id, self._event(job))

    def _event(self, job: JobRow) -> WorkerLost:
        return WorkerLost(
            at=self._clock.now(),
            seed=self._dice.roll(),
            ord=job.ord,
            attempt=job.attempt,
            worker=str(job.worker),
            resubmit=self._resubmit,
        )


def _key(job: JobRow) -> JobKey:
    return JobKey(job.execution_id, job.ord, job.attempt)
