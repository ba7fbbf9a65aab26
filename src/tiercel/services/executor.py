"""The executor: the one writer of its executions. Takes events, lets the desk decide, commits, and only then answers.

Memory may run ahead of what is durable, answers never do. Whatever goes wrong with a commit is treated as a crash: all
residents are dropped, the process registers anew, and what was accepted and is not stored is handled again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from tiercel.engine.messages import AnyEvent, Created, Done, Job, WorkerLost
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.jobs import JobKey
from tiercel.ports.journal import Journal, JournalError, TimerRow
from tiercel.ports.logs import LogStore
from tiercel.ports.mailbox import Mailbox
from tiercel.services.broadcaster import Broadcaster
from tiercel.services.carrier import Carrier
from tiercel.services.commit import Commit, Scribe
from tiercel.services.creator import Creator, Wish
from tiercel.services.desk import Desk
from tiercel.services.evaluator import Evaluator
from tiercel.services.loader import Loader
from tiercel.services.records import read_execution
from tiercel.services.registry import Registry
from tiercel.services.residents import Due, Item, Resident, Told
from tiercel.services.run_task import TaskRunner
from tiercel.services.timekeeper import Timekeeper

log = logging.getLogger(__name__)

MOST_WAITING = 20_000
OLDEST = 5.0
"""Rows and seconds that may wait for their commit before new executions are refused."""
TRIES = 3
"""An event that was in as many failed commits is given up, or it would stop the others for ever."""
BREATH = timedelta(seconds=1)
"""Between two attempts to reach a journal that is down."""


class Overloaded(TiercelError):
    """More waits to be stored than can be stored soon: nothing was accepted, try again."""

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(f"the executor has more to store than it can: try again in {retry_after} s")
        self.retry_after = retry_after


class Unstorable(TiercelError):
    """What an event led to could not be stored, again and again."""

    def __init__(self, execution_id: str, cause: Exception) -> None:
        super().__init__(f"what happened to execution {execution_id} cannot be stored: {cause}")
        self.execution_id = execution_id


class JobSink(Protocol):
    """A worker of this very process: jobs are pushed to it after their commit."""

    def push(self, job: Job) -> None: ...
    def kill(self, key: JobKey) -> None: ...


class Creation(msgspec.Struct, frozen=True):
    """An execution that is durable now."""

    created: Execution
    """As it was created."""
    first: Execution
    """After its first decision."""
    unknown_inputs: tuple[str, ...] = ()


class Executor:
    """Use as `async with executor.running():`."""

    def __init__(
        self,
        *,
        journal: Journal,
        registry: Registry,
        creator: Creator,
        runner: TaskRunner,
        evaluator: Evaluator,
        broadcaster: Broadcaster,
        logs: LogStore,
        clock: Clock,
        dice: Dice,
        release: str,
    ) -> None:
        self._journal = journal
        self._creator = creator
        self._broadcaster = broadcaster
        self._clock = clock
        self._dice = dice
        self._scribe = Scribe(broadcaster, release=release)
        self._timekeeper = Timekeeper(clock=clock, due=self._due_timers, fire=self._fire)
        carrier = Carrier(
            creator=creator,
            runner=runner,
            evaluator=evaluator,
            journal=journal,
            logs=logs,
            clock=clock,
            dice=dice,
            spawn=self._spawn,
            set_timer=self._timekeeper.set,
        )
        self._news = asyncio.Event()
        self._desk = Desk(
            loader=Loader(journal, registry),
            carrier=carrier,
            clock=clock,
            dice=dice,
            spawn=self._spawn,
            wake=self._news.set,
            fail=self._fail,
        )
        self._sink: JobSink | None = None
        self._mailbox: Mailbox | None = None
        self._running: set[JobKey] = set()
        """Jobs that the worker of this process has: they outlive the loss of the executor's memory."""
        self._again: deque[Item] = deque()
        """Events of failed commits, to be tried one by one."""
        self._flying = 0
        """How many rows the commit under way has."""
        self._flying_since: float | None = None
        self._waiting_since: float | None = None
        """When the first event came that is not durable, by the loop's clock."""
        self._background: set[asyncio.Task[None]] = set()
        self._failure: Exception | None = None
        self._is_stopping = False

    def serve(self, sink: JobSink) -> None:
        """Give all jobs to a worker of this process. To be called before `running`."""
        self._sink = sink
        self._scribe.pushes_jobs = True

    # The edge --------------------------------------------------------------------------------------------------------

    def moment(self) -> tuple[datetime, int]:
        """`at` and `seed` for an event that happens now."""
        return self._clock.now(), self._dice.roll()

    async def create(self, wish: Wish) -> Creation:
        """Start an execution; it is durable when this returns.

        Raises Overloaded, and what services.creator raises: NoSuchFlow, FlowDisabled, UnreadableFlow, InvalidInputs.
        """
        self._refuse_overload()
        made = await self._creator.make(wish)
        told = await self._accepted(Item(made.execution.id, Created(*self.moment()), made=made))
        return Creation(made.execution, told.execution, made.unknown_inputs)

    async def tell(self, execution_id: str, event: AnyEvent) -> Told:
        """Send an event and wait until what it led to is durable. Raises NoSuchExecution."""
        return await self._accepted(Item(execution_id, event))

    def accept(self, item: Item) -> None:
        """Take an event. Never waits."""
        if self._waiting_since is None:
            self._waiting_since = asyncio.get_running_loop().time()
        if isinstance(item.event, Done | WorkerLost):
            self._running.discard(JobKey(item.execution_id, item.event.ord, item.event.attempt))
        self._desk.accept(item)

    async def read(self, mailbox: Mailbox) -> None:
        """Handle what other processes write, for ever."""
        self._mailbox = mailbox
        async for letters in mailbox.letters():
            for letter in letters:
                self.accept(Item(letter.execution_id, letter.event, letter=letter))

    async def _accepted(self, item: Item) -> Told:
        item.answer = asyncio.get_running_loop().create_future()
        self.accept(item)
        return await item.answer

    def _refuse_overload(self) -> None:
        oldest = self._flying_since or self._waiting_since
        late = oldest is not None and asyncio.get_running_loop().time() - oldest > OLDEST
        if late or self._desk.waiting + self._flying > MOST_WAITING:
            raise Overloaded

    # Life ------------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Executor"]:
        """Own the shards, recover, serve; at the end what was accepted is stored."""
        await self._recover()
        error: Exception | None = None
        async with asyncio.TaskGroup() as group:
            commits = group.create_task(self._commit_until_stopped())
            timers = group.create_task(self._timekeeper.run())
            try:
                yield self
            except Exception as raised:  # noqa: BLE001 – it is raised again below, not wrapped into a group
                error = raised
            await self._stop(commits)
            timers.cancel()
        if error is not None:
            raise error

    async def _stop(self, commits: asyncio.Task[None]) -> None:
        self._is_stopping = True
        self._news.set()
        await asyncio.wait([commits])
        self._cancel_background()

    async def _commit_until_stopped(self) -> None:
        while not self._is_stopping:
            await self._news.wait()
            self._news.clear()
            await self._commit()
        self._desk.hurry()
        await self._commit()

    async def _commit(self) -> None:
        """Store what may be stored now; start again from the rows where that fails."""
        residents = [] if self._failure else self._desk.take()
        items = [item for resident in residents for item in resident.outgoing.items]
        try:
            if residents:
                await self._store(residents)
        except Exception as error:  # noqa: BLE001 – whatever it is, memory and rows no longer agree
            self._failure = error
        if self._failure is not None:
            await self._restart(items)

    async def _store(self, residents: list[Resident]) -> None:
        loop = asyncio.get_running_loop()
        commit = self._scribe.write(residents, at=self._clock.now())
        self._desk.taken(residents)
        self._flying, self._flying_since = commit.batch.size(), self._waiting_since
        self._waiting_since = loop.time() if self._desk.waiting else None
        # The next batch fills while this one is under way.
        loop.call_soon(self._desk.pump)
        if self._flying:
            await self._journal.commit(commit.batch)
        self._flying, self._flying_since = 0, None
        self._tell(commit)
        self._desk.stored(residents)
        self._try_next()

    def _tell(self, commit: Commit) -> None:
        """What may leave now that it is durable."""
        if self._sink is not None:
            self._push(commit, self._sink)
        for item in commit.items:
            if item.answer is not None and item.told is not None and not item.answer.done():
                item.answer.set_result(item.told)
        if self._mailbox is not None and commit.batch.messages_handled:
            self._mailbox.handled(commit.batch.messages_handled)
        self._broadcaster.tell(commit.lines)
        for frame in commit.frames:
            self._broadcaster.show(frame)

    def _push(self, commit: Commit, sink: JobSink) -> None:
        for resident, job in commit.pushes:
            # One that was dropped while its commit was under way is not wanted any more.
            if (job.ord, job.attempt) in resident.jobs:
                self._running.add(JobKey(job.execution_id, job.ord, job.attempt))
                sink.push(job)
        for key in commit.kills:
            sink.kill(key)

    # After a loss ----------------------------------------------------------------------------------------------------

    def _fail(self, error: Exception) -> None:
        """Memory can no longer be trusted."""
        self._failure = self._failure or error
        self._news.set()

    async def _restart(self, items: list[Item]) -> None:
        """Drop memory, begin again from the rows, and handle again what was accepted and is not among them."""
        failure, self._failure = self._failure, None
        log.error("a commit failed, the executor begins again from what is stored", exc_info=failure)
        self._cancel_background()
        items = [*items, *self._desk.forget()]
        self._timekeeper.forget()
        self._flying, self._flying_since = 0, None
        while not await self._has_recovered():
            await self._clock.sleep_until(self._clock.now() + BREATH)
        await self._accept_again([item for item in items if item.letter is None], failure)

    async def _has_recovered(self) -> bool:
        try:
            await self._recover()
        except JournalError as error:
            log.warning("the journal cannot be reached: %s", error)
            return False
        return True

    async def _recover(self) -> None:
        """Become the owner, and wake what is marked. Everything else is loaded when an event names it."""
        self._scribe.epoch = await self._journal.register()
        for identifier in await self._journal.pending():
            self._desk.wake(identifier)
        for job in await self._journal.orphaned_jobs():
            if JobKey(job.execution_id, job.ord, job.attempt) not in self._running:
                at, seed = self.moment()
                lost = WorkerLost(at, seed, job.ord, job.attempt, worker=str(job.worker))
                self.accept(Item(job.execution_id, lost))

    async def _accept_again(self, items: list[Item], failure: Exception | None) -> None:
        for item in items:
            item.tries += 1
            if item.tries >= TRIES:
                self._give_up(item, failure)
            elif not await self._is_stored(item):
                self._again.append(item)
        # The first time all at once; when that fails too, one by one, so that only the culprit is given up.
        if all(item.tries < TRIES - 1 for item in self._again):
            while self._again:
                self._try_next()
        self._try_next()

    def _try_next(self) -> None:
        if self._again:
            self.accept(self._again.popleft())

    def _give_up(self, item: Item, failure: Exception | None) -> None:
        log.error("event %s of execution %s is given up", type(item.event).__name__, item.execution_id)
        if item.answer is not None and not item.answer.done():
            item.answer.set_exception(Unstorable(item.execution_id, failure or TiercelError("unknown")))

    async def _is_stored(self, item: Item) -> bool:
        """A creation whose commit was done although nobody could say so."""
        if item.made is None:
            return False
        rows = await self._journal.load([item.execution_id])
        if rows and item.answer is not None and not item.answer.done():
            item.answer.set_result(Told(read_execution(rows[0].execution)))
        return bool(rows)

    # The background --------------------------------------------------------------------------------------------------

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 – what was to come of it is missing now
            self._fail(error)

    def _cancel_background(self) -> None:
        for task in self._background:
            task.cancel()

    async def _due_timers(self, until: datetime) -> Sequence[TimerRow]:
        try:
            return await self._journal.due_timers(until)
        except JournalError as error:
            # The restart lets the timekeeper forget, and so ask again.
            self._fail(error)
            return ()

    def _fire(self, execution_id: str, name: str, due: datetime) -> None:
        self._desk.fire(execution_id, Due(name, due))
