"""A worker of triggers: room for polls, streams beside them, and a stop in good order."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.services.jobs import a_job, a_place
from tests.services.polls import BOX, PIPE, TYPES, place, places
from tests.services.test_looks import Starts

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.engine.commands import JobTrigger
from tiercel.model.trigger import Finding
from tiercel.plugins import TYPES as CORE
from tiercel.ports.trigger_jobs import ClaimedTrigger
from tiercel.services.catalog import PluginCatalog
from tiercel.services.trigger_worker import TriggerWorker

GRACE = timedelta(minutes=5)
WAIT_SECONDS = 10


class Queue:
    """The scheduler's side of the port, and what it was told."""

    def __init__(self) -> None:
        self.waiting: asyncio.Queue[ClaimedTrigger] = asyncio.Queue()
        self.stops: asyncio.Queue[int] = asyncio.Queue()
        self.findings: dict[int, Finding] = {}
        self.released: list[int] = []
        self.limits: list[int] = []
        self.news = asyncio.Event()

    def ask(self, number: int, type: str = BOX) -> None:
        job = a_job(type, {"name": "box"}, trigger=JobTrigger(id="watch", date=START))
        self.waiting.put_nowait(ClaimedTrigger(number, job))

    async def claim(self, limit: int) -> list[ClaimedTrigger]:
        self.limits.append(limit)
        return [await self.waiting.get()]

    async def answer(self, claimed: ClaimedTrigger, finding: Finding) -> None:
        self.findings[claimed.id] = finding
        self.news.set()

    async def release(self, claimed: ClaimedTrigger) -> None:
        self.released.append(claimed.id)

    async def kills(self) -> AsyncIterator[int]:
        while True:
            yield await self.stops.get()

    async def beat(self) -> None:
        """There is nobody who would miss it."""


class Running:
    def __init__(self, queue: Queue, worker: TriggerWorker, work: "asyncio.Task[None]", clock: ManualClock) -> None:
        self.queue, self.worker, self.work, self.clock = queue, worker, work, clock

    async def stopped(self) -> None:
        self.worker.stop()
        await asyncio.wait_for(self.work, WAIT_SECONDS)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    places.clear()
    place("box").is_patient = True
    clock, queue = ManualClock(), Queue()
    async with a_place(tmp_path, catalog=PluginCatalog({**CORE, **TYPES}, built_in=CORE)) as here:
        worker = TriggerWorker(
            queue, lambda claimed: here.runner.look(claimed.job, start=Starts()), clock=clock, room=2, grace=GRACE
        )
        work = asyncio.create_task(worker.run())
        yield Running(queue, worker, work, clock)
        work.cancel()
        await asyncio.wait([work])


async def begun(number: int) -> None:
    for _ in range(number):
        await asyncio.wait_for(place("box").began.acquire(), WAIT_SECONDS)


async def test_no_more_polls_run_than_there_is_room_for_and_streams_take_none(running: Running) -> None:
    for number, type in enumerate((PIPE, PIPE, BOX, BOX, BOX)):
        running.queue.ask(number, type)
    await begun(4)
    assert running.queue.waiting.qsize() == 1
    for _ in range(3):  # the streams take one each
        place("box").contents.put_nowait("egg")
    await begun(1)


async def test_a_stop_ends_streams_at_once_and_waits_for_polls(running: Running) -> None:
    running.queue.ask(1, PIPE)
    await begun(1)
    running.queue.ask(2)
    await begun(1)
    running.worker.stop()
    await asyncio.wait_for(place("box").stopped.acquire(), WAIT_SECONDS)
    assert not running.work.done()
    place("box").contents.put_nowait("egg")
    await asyncio.wait_for(running.work, WAIT_SECONDS)
    assert (running.queue.released, list(running.queue.findings)) == ([1], [2])


async def test_a_poll_that_outlasts_the_grace_is_given_back(running: Running) -> None:
    running.queue.ask(1)
    await begun(1)
    running.worker.stop()
    while not running.work.done():
        await asyncio.sleep(0)
        running.clock.move(GRACE)
    assert (running.queue.released, running.queue.findings) == ([1], {})


async def test_what_is_stopped_before_it_has_begun_gets_no_answer(running: Running) -> None:
    running.queue.stops.put_nowait(1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.queue.ask(1)
    running.queue.ask(2)
    place("box").contents.put_nowait("egg")
    await asyncio.wait_for(running.queue.news.wait(), WAIT_SECONDS)
    assert list(running.queue.findings) == [2]
    await running.stopped()
