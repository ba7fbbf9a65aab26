"""The executor: the one writer of its executions. Takes events, lets the desk decide, commits, and only then answers.

Memory may run ahead of what is durable, answers never do. Whatever goes wrong with a commit is treated as a crash: all
residents are dropped, the process registers anew, and what was accepted and is not stored is handled again.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from tiercel.engine.commands import Job
from tiercel.engine.events import AnyEvent, Done, Replay, WorkerLost
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution
from tiercel.model.sealed import Cipher
from tiercel.ports.changes import notices
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.flows import StoredFlow
from tiercel.ports.jobs import JobKey
from tiercel.ports.journal import Journal, JournalError, TimerRow
from tiercel.ports.mailbox import Mailbox
from tiercel.services.background import Background
from tiercel.services.broadcaster import Broadcaster, Frame
from tiercel.services.commit import Commit, Scribe
from tiercel.services.creator import Creator, Wish
from tiercel.services.crew import Crew
from tiercel.services.desk import unstored
from tiercel.services.evaluator import Evaluator
from tiercel.services.failures import Failure, Judge
from tiercel.services.ignoring import NOTHING, Ignoring
from tiercel.services.records import read_execution, read_run
from tiercel.services.registry import Name, Registry
from tiercel.services.residents import Item, Resident, Told
from tiercel.services.run_task import TaskRunner
from tiercel.services.second_tries import SecondTries

log = logging.getLogger(__name__)

MOST_WAITING = 20_000
SLOWEST = 5.0
"""New executions are refused while more rows wait for their commit, or a commit takes more seconds."""
BREATH = timedelta(seconds=1)
"""Between two attempts to reach a journal that is down."""


class Overloaded(TiercelError):
    """More waits to be stored than can be stored soon: nothing was accepted, try again."""

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__(f"the executor has more to store than it can: try again in {retry_after} s")
        self.retry_after = retry_after


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
        clock: Clock,
        dice: Dice,
        release: str,
        is_watched: Callable[[], bool] = lambda: False,
        resubmits: bool = True,
        cipher: Cipher | None = None,
        ignoring: Ignoring = NOTHING,
    ) -> None:
        self._journal = journal
        self._creator = creator
        self._broadcaster = broadcaster
        self._clock = clock
        self._dice = dice
        self._is_watched = is_watched
        """Whether another process wants to hear which executions changed."""
        self._resubmits = resubmits
        """Whether a task runs again when the worker that had it is lost."""
        self._ignoring = ignoring
        self._scribe = Scribe(release=release)
        self._background = Background(self._fail)
        self._second_tries = SecondTries(self.accept)
        self._news = asyncio.Event()
        crew = Crew(
            journal=journal,
            registry=registry,
            creator=creator,
            runner=runner,
            evaluator=evaluator,
            clock=clock,
            dice=dice,
            cipher=cipher,
            ignoring=ignoring,
            due_timers=self._due_timers,
            spawn=self._background.spawn,
            wake=self._news.set,
            fail=self._fail,
        )
        self._desk, self._timekeeper, self._suspects = crew.desk, crew.timekeeper, crew.suspects
        self._slots, self._misses = crew.slots, crew.misses
        self._judge = Judge(crew.suspects)
        registry.watch(self._flow_saved)
        self._sink: JobSink | None = None
        self._mailbox: Mailbox | None = None
        self._running: set[JobKey] = set()
        """Jobs that the worker of this process has: they outlive the loss of the executor's memory."""
        self._flying = 0
        """How many rows the commit under way has."""
        self._storing_since: float | None = None
        """When the commit under way, or the recovery from a failed one, began, by the loop's clock."""
        self._failure: Failure | None = None
        self._is_stopping = False
        self._is_restarting = False

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
        told = await self._accepted(Item(made.execution.id, made.created(*self.moment()), made=made))
        return Creation(made.execution, told.execution, made.unknown_inputs)

    async def start(self, wish: Wish) -> Execution:
        """Like `create`, for those who want nothing but the execution as it was created."""
        return (await self.create(wish)).created

    async def tell(self, execution_id: str, event: AnyEvent) -> Told:
        """Send an event and wait until what it led to is durable. Raises NoSuchExecution."""
        return await self._accepted(Item(execution_id, event))

    async def replay(
        self,
        source: str,
        *,
        task_run: str | None = None,
        revision: int | None = None,
        inputs: dict[str, Any] | None = None,
        breakpoints: tuple[str, ...] = (),
        is_restart: bool = False,
    ) -> Told:
        """Start a copy of an execution: see `engine.events.Replay`. It is durable when this returns.

        Raises Overloaded, NoSuchExecution, NoSuchFlow, UnreadableFlow, NotReplayable.
        """
        self._refuse_overload()
        event = Replay(*self.moment(), source, task_run, revision, inputs, breakpoints, is_restart)
        return await self._accepted(Item(self._creator.mint(), event))

    def accept(self, item: Item) -> None:
        """Take an event. Never waits."""
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
        since = self._storing_since
        late = since is not None and asyncio.get_running_loop().time() - since > SLOWEST
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
        self._background.cancel()

    async def _commit_until_stopped(self) -> None:
        while not self._is_stopping:
            await self._news.wait()
            self._news.clear()
            await self._commit()
        self._desk.departures.hurry()
        await self._commit()

    async def _commit(self) -> None:
        """Store what may be stored now; start again from the rows where that fails."""
        is_alone = self._judge.isolates(asyncio.get_running_loop().time()) and not self._is_stopping
        residents = [] if self._failure else self._desk.departures.take(alone=is_alone)
        items = [item for resident in residents for item in resident.outgoing.items]
        try:
            if residents:
                await self._store(residents)
        except Exception as error:  # noqa: BLE001 – whatever it is, memory and rows no longer agree
            self._failure = Failure(error, residents if is_alone else (), items if is_alone else ())
        if self._failure is not None:
            await self._restart(self._failure, items)

    async def _store(self, residents: list[Resident]) -> None:
        loop = asyncio.get_running_loop()
        commit = self._scribe.write(residents, at=self._clock.now())
        if self._is_watched():
            commit.batch.notices += notices([execution.id for execution, _ in commit.shown])
        self._desk.taken(residents)
        self._flying, self._storing_since = commit.batch.size(), loop.time()
        # The next batch fills while this one is under way.
        loop.call_soon(self._desk.pump)
        if self._flying:
            await self._journal.commit(commit.batch)
        self._flying, self._storing_since = 0, None
        self._tell(commit)
        self._desk.stored(residents)
        self._judge.acquit(residents)
        self._second_tries.go_on()

    def _tell(self, commit: Commit) -> None:
        """What may leave now that it is durable."""
        if self._sink is not None:
            self._push(commit, self._sink)
        for item in commit.items:
            if item.answer is not None and item.told is not None and not item.answer.done():
                item.answer.set_result(item.told)
        if self._mailbox is not None and commit.batch.messages_handled:
            self._mailbox.handled(commit.batch.messages_handled)
        if self._broadcaster.followed:
            self._show(commit)

    def _show(self, commit: Commit) -> None:
        for execution, outgoing in commit.shown:
            self._broadcaster.tell(entry for entry, _ in outgoing.lines)
            if self._broadcaster.is_followed(execution.id):
                self._broadcaster.show(Frame(execution, tuple(execution.changes.runs.values())))

    def _push(self, commit: Commit, sink: JobSink) -> None:
        for resident, job in commit.pushes:
            # One that was dropped while its commit was under way is not wanted any more.
            if (job.ord, job.attempt) in resident.jobs:
                self._running.add(JobKey(job.execution_id, job.ord, job.attempt))
                sink.push(job)
        for key in commit.kills:
            sink.kill(key)

    # After a loss ----------------------------------------------------------------------------------------------------

    def _fail(self, error: BaseException, resident: Resident | None = None) -> None:
        """Memory can no longer be trusted."""
        if self._failure is None:
            known = () if resident is None else (resident,)
            self._failure = Failure(error, known, tuple(item for each in known for item in unstored(each)))
        self._news.set()

    async def _restart(self, failure: Failure, items: list[Item]) -> None:
        """Drop memory, begin again from the rows, and handle again what was accepted and is not among them."""
        self._failure = None
        log.error("a commit failed, the executor begins again from what is stored", exc_info=failure.error)
        self._judge.judge(failure, asyncio.get_running_loop().time())
        self._background.cancel()
        lost = [item for item in (*items, *self._desk.forget()) if item.letter is None]
        self._timekeeper.forget()
        self._storing_since = self._storing_since or asyncio.get_running_loop().time()
        self._is_restarting = True
        stored = await self._recovered(lost)
        self._is_restarting = False
        self._timekeeper.look_again()
        self._flying, self._storing_since = 0, None
        again = [item for item in lost if not item.creates or item.execution_id not in stored]
        self._second_tries.add(again, failure.error)

    async def _recovered(self, lost: list[Item]) -> set[str]:
        """Begin again as soon as the journal is there; the ids of lost creations that turn out to be stored."""
        while not self._is_stopping:
            try:
                await self._recover()
                await self._show_again()
                return await self._answer_stored(lost)
            except JournalError as error:
                log.warning("the journal cannot be reached: %s", error)
                self._desk.forget()
                await self._clock.sleep_until(self._clock.now() + BREATH)
        # The next process begins from the rows too.
        return set()

    async def _recover(self) -> None:
        """Become the owner, and wake what is marked. Everything else is loaded when an event names it."""
        self._scribe.epoch = await self._journal.register()
        await self._slots.begin(self._desk)
        for identifier in await self._journal.pending():
            if identifier not in self._ignoring.executions and not self._suspects.is_left_alone(identifier):
                self._desk.wake(identifier)
        for job in await self._journal.orphaned_jobs():
            if JobKey(job.execution_id, job.ord, job.attempt) not in self._running:
                at, seed = self.moment()
                lost = WorkerLost(at, seed, job.ord, job.attempt, worker=str(job.worker), resubmit=self._resubmits)
                self.accept(Item(job.execution_id, lost))
        self._background.spawn(self._misses.run(self._desk))

    async def _answer_stored(self, lost: list[Item]) -> set[str]:
        """Creations whose commit was done although nobody could say so."""
        waiting = {item.execution_id: item for item in lost if item.creates}
        loaded = await self._journal.load(list(waiting))
        for rows in loaded:
            answer = waiting[rows.execution.id].answer
            if answer is not None and not answer.done():
                answer.set_result(Told(read_execution(rows.execution)))
        return {rows.execution.id for rows in loaded}

    async def _show_again(self) -> None:
        """A commit that was done although nobody could say so was not shown either."""
        for loaded in await self._journal.load(self._broadcaster.followed):
            runs = tuple(read_run(row)[0] for row in loaded.runs)
            self._broadcaster.show(Frame(read_execution(loaded.execution), runs, has_gap=True))

    # The background --------------------------------------------------------------------------------------------------

    async def _due_timers(self, until: datetime) -> Sequence[TimerRow]:
        try:
            return await self._journal.due_timers(until)
        except JournalError as error:
            # A restart that is under way takes the reader away, and lets the timekeeper look again when it is done.
            if not self._is_restarting:
                self._fail(error)
            return ()

    def _flow_saved(self, _: Name, stored: StoredFlow | None) -> None:
        """Another limit of concurrency counts at once. At the start limits are counted when they are asked for."""
        if stored is not None and self._scribe.epoch and self._slots.minds(stored):
            self._background.spawn(self._slots.resize(self._desk, stored))
