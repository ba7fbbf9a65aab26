"""A worker takes jobs as it has room, brings their results back, kills what it is told to, and stops in order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.services.jobs import Place, a_job, a_place
from tests.services.tasks import PREFIX, a_catalog, working_folders

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.dice import CountedDice
from tiercel.adapters.memory.jobs import MemoryJobs
from tiercel.engine.events import AnyEvent, Done, Started
from tiercel.model.states import State
from tiercel.ports.jobs import Claimed, JobKey
from tiercel.services.run_folders import RunFolders
from tiercel.services.worker import BEAT_EVERY, DISK_WAIT, Worker

GRACE = timedelta(seconds=30)


class Told:
    """What executions were told, in order."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []

    def note(self, execution_id: str, event: AnyEvent) -> None:
        self.events.append(event)

    async def tell(self, execution_id: str, event: AnyEvent) -> None:
        self.note(execution_id, event)

    def of(self, kind: type[AnyEvent]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class Queue(MemoryJobs):
    """Remembers what was given back: in one process the executor stops too, and the next one finds the rows."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.released: list[JobKey] = []

    async def release(self, claimed: Claimed) -> None:
        await super().release(claimed)
        self.released.append(claimed.key)


class Shift:
    """A worker at work, its queue, and everything it reports."""

    def __init__(self, worker: Worker, jobs: Queue, told: Told, clock: ManualClock, place: Place) -> None:
        self.worker, self.jobs, self.told, self.clock, self.place = worker, jobs, told, clock, place
        self.serving: asyncio.Task[None] | None = None

    def push(self, type: str, *, ord: int = 0, **properties: Any) -> JobKey:
        job = a_job(PREFIX + type, properties, ord=ord, task_run_id=f"taskrun{ord}", task_id=f"work{ord}")
        self.jobs.push(job)
        return JobKey(job.execution_id, ord, 1)

    async def until(self, condition: Callable[[], object]) -> None:
        for _ in range(100_000):
            if condition():
                return
            await asyncio.sleep(0)
        pytest.fail("it never came to be")

    async def settle(self) -> None:
        """Let everything happen that waits for nothing."""
        for _ in range(50):
            await asyncio.sleep(0)

    async def began(self, ord: int = 0) -> None:
        """Wait until a Patient task is under way."""
        runs = self.place.folder / "runs"
        await self.until(lambda: any(runs.glob(f"taskrun{ord}-1-*/work/began")))

    async def ended(self) -> None:
        """Wait until the worker has stopped by itself."""
        assert self.serving is not None
        await asyncio.wait([self.serving])
        self.serving.result()

    async def done(self, number: int = 1) -> list[Done]:
        await self.until(lambda: len(self.told.of(Done)) >= number)
        return self.told.of(Done)


@asynccontextmanager
async def a_shift(folder: Path, **options: Any) -> AsyncIterator[Shift]:
    clock, told = ManualClock(), Told()
    jobs = Queue(tell=told.tell, note=told.note, moment=lambda: (START, 1), worker="w1")
    async with a_place(folder, catalog=a_catalog()) as place:
        worker = Worker(jobs, place.runner, clock=clock, dice=CountedDice(), name="w1", **{"grace": GRACE, **options})
        shift = Shift(worker, jobs, told, clock, place)
        shift.serving = asyncio.create_task(worker.run())
        try:
            yield shift
        finally:
            shift.serving.cancel()
            await asyncio.wait([shift.serving])


async def test_a_job_is_run_and_its_result_brought_back(tmp_path: Path) -> None:
    async with a_shift(tmp_path) as shift:
        shift.push("Everything", text="hello")
        (done,) = await shift.done()
        assert (done.state, done.outputs, done.worker) == (State.SUCCESS, {"seen": {"text": "hello"}}, "w1")
        assert [type(event) for event in shift.told.events] == [Started, Done]


async def test_lines_are_stored_before_the_result_is_told(tmp_path: Path) -> None:
    async with a_shift(tmp_path) as shift:
        stored: list[int] = []
        tell = shift.told.tell

        async def look(execution_id: str, event: AnyEvent) -> None:
            stored.append(len(await shift.place.lines()))
            await tell(execution_id, event)

        shift.jobs._tell = look  # pyright: ignore[reportPrivateUsage]
        shift.push("Talkative", lines=100)
        await shift.done()
        assert stored == [100]


async def test_a_mistake_of_the_worker_fails_one_job_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("the folder is not ours")

    async with a_shift(tmp_path) as shift:
        monkeypatch.setattr(RunFolders, "remove", refuse)
        shift.push("Filing")
        (first,) = await shift.done()
        assert (first.state, first.error) == (
            State.FAILED,
            "the worker could not carry it out: PermissionError: the folder is not ours",
        )
        shift.push("Everything", ord=1)
        assert (await shift.done(2))[1].state is State.SUCCESS


async def test_many_jobs_run_at_once_but_no_more_than_there_is_room(tmp_path: Path) -> None:
    async with a_shift(tmp_path, room=2) as shift:
        keys = [shift.push("Patient", ord=ord) for ord in range(3)]
        await shift.began(0)
        await shift.began(1)
        assert shift.worker.running == 2
        assert len(shift.told.of(Started)) == 2
        shift.jobs.kill(keys[0])
        await shift.began(2)
        assert shift.worker.running == 2


async def test_a_kill_ends_the_job_that_is_meant(tmp_path: Path) -> None:
    async with a_shift(tmp_path) as shift:
        keys = [shift.push("Patient", ord=ord) for ord in range(2)]
        await shift.began(0)
        await shift.began(1)
        shift.jobs.kill(JobKey("another", 0, 1))
        shift.jobs.kill(keys[1])
        (done,) = await shift.done()
        assert (done.ord, done.state) == (1, State.KILLED)
        assert shift.worker.running == 1


async def test_a_kill_that_overtakes_its_job_is_not_lost(tmp_path: Path) -> None:
    async with a_shift(tmp_path) as shift:
        key = shift.push("Patient")
        claimed = await shift.jobs.claim(1)
        shift.jobs.kill(key)
        await shift.settle()
        shift.jobs.push(claimed[0].job)
        (done,) = await shift.done()
        assert done.state is State.KILLED


async def test_a_stopping_worker_claims_nothing_and_lets_jobs_end(tmp_path: Path) -> None:
    async with a_shift(tmp_path) as shift:
        key = shift.push("Patient")
        await shift.began()
        shift.worker.stop()
        await shift.settle()
        shift.push("Everything", ord=1)
        shift.jobs.kill(key)
        await shift.ended()
        assert [done.state for done in shift.told.of(Done)] == [State.KILLED]
        assert len(shift.told.of(Started)) == 1


async def test_what_outlasts_the_grace_is_given_back(tmp_path: Path) -> None:
    async with a_shift(tmp_path) as shift:
        shift.push("Patient")
        await shift.began()
        shift.worker.stop()
        await shift.settle()
        shift.clock.move(GRACE)
        await shift.ended()
        assert shift.told.of(Done) == []
        assert [key.ord for key in shift.jobs.released] == [0]
        assert working_folders(shift.place.folder) == []


async def test_a_cancelled_worker_gives_its_jobs_back(tmp_path: Path) -> None:
    async with a_shift(tmp_path) as shift:
        shift.push("Patient")
        await shift.began()
        assert shift.serving is not None
        shift.serving.cancel()
        await asyncio.wait([shift.serving])
        assert [key.ord for key in shift.jobs.released] == [0]


async def test_an_idle_worker_stops_at_once(tmp_path: Path) -> None:
    async with a_shift(tmp_path) as shift:
        await asyncio.sleep(0)
        shift.worker.stop()
        await shift.ended()


async def test_nothing_is_claimed_while_the_disk_is_full(tmp_path: Path) -> None:
    free = 0.01
    async with a_shift(tmp_path, free_disk=lambda: free) as shift:
        shift.push("Everything")
        await shift.until(lambda: shift.clock.next_due() is not None)
        await shift.settle()
        assert shift.told.events == []
        free = 0.5
        shift.clock.move(DISK_WAIT)
        assert len(await shift.done()) == 1


async def test_a_worker_beats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beats = 0

    async def beat(_: MemoryJobs) -> None:
        nonlocal beats
        beats += 1

    monkeypatch.setattr(MemoryJobs, "beat", beat)
    async with a_shift(tmp_path) as shift:
        for expected in (1, 2, 3):
            await shift.settle()
            assert beats == expected
            shift.clock.move(BEAT_EVERY)
