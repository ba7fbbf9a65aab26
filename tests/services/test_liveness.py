"""Lost workers: each of their jobs is told once, whatever happens between two looks."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tests.ports.journal_rows import a_job, an_execution

from tiercel.adapters.memory.journal import MemoryJournal
from tiercel.engine.events import AnyEvent, WorkerLost
from tiercel.ports.journal import Batch, JobRow, JournalError
from tiercel.ports.leases import Role, ServiceRow
from tiercel.services.liveness import Liveness

NOW = datetime(2026, 11, 26, tzinfo=UTC)


class Roster:
    """Says who is lost, once, as the real one does."""

    def __init__(self, *lost: int) -> None:
        self.news = list(lost)

    async def lost(self, role: Role, *, patience: timedelta) -> list[int]:
        news, self.news = self.news, []
        return news

    async def services(self) -> list[ServiceRow]:
        return []

    async def forget(self, *, before: datetime) -> int:
        return 0


class Ones:
    def roll(self) -> int:
        return 1


class Looks:
    """A clock on which a number of looks is taken."""

    def __init__(self, number: int) -> None:
        self._left = number

    def now(self) -> datetime:
        return NOW

    async def sleep_until(self, due: datetime) -> None:
        self._left -= 1
        if self._left <= 0:
            raise asyncio.CancelledError


class Deaf(MemoryJournal):
    """A journal that cannot be read at first."""

    is_deaf = True

    async def orphaned_jobs(self) -> list[JobRow]:
        if self.is_deaf:
            self.is_deaf = False
            raise JournalError("away")
        return await super().orphaned_jobs()


class Ward:
    """A liveness with all around it, and what it told."""

    def __init__(self, journal: MemoryJournal, *lost: int, looks: int = 1, resubmit: bool = True) -> None:
        self.told: list[tuple[str, WorkerLost]] = []
        self.liveness = Liveness(
            Roster(*lost), journal, tell=self._tell, clock=Looks(looks), dice=Ones(), resubmit=resubmit
        )

    def _tell(self, execution_id: str, event: AnyEvent) -> None:
        assert isinstance(event, WorkerLost)
        self.told.append((execution_id, event))

    async def run(self) -> list[tuple[int, str]]:
        with pytest.raises(asyncio.CancelledError):
            await self.liveness.run()
        return [(event.ord, event.worker) for _, event in self.told]


async def with_jobs(journal: MemoryJournal) -> MemoryJournal:
    await journal.register()
    execution = an_execution()
    jobs = [
        a_job(execution, ord=ord, worker=worker) for ord, worker in ((0, 70), (1, 71), (2, None), (3, journal.epoch))
    ]
    await journal.commit(Batch(created=[execution], jobs=jobs))
    return journal


async def test_jobs_of_a_lost_worker_are_told_once() -> None:
    assert await Ward(await with_jobs(MemoryJournal()), 70, looks=5).run() == [(0, "70")]


async def test_jobs_of_an_owner_that_registered_anew_are_not_touched() -> None:
    assert await Ward(await with_jobs(MemoryJournal()), looks=2).run() == []


async def test_a_look_that_fails_is_made_up_for() -> None:
    assert await Ward(await with_jobs(Deaf()), 70, 71, looks=3).run() == [(0, "70"), (1, "71")]


async def test_an_attempt_may_be_failed_instead_of_sent_again() -> None:
    ward = Ward(await with_jobs(MemoryJournal()), 70, resubmit=False)
    await ward.run()
    assert [event.resubmit for _, event in ward.told] == [False]
