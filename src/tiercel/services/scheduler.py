"""The scheduler: the one writer of its triggers. Waits for the earliest date, and starts what it means: an execution, or
the look of a worker, whose answer it acts on when it is told of it.

One heap for the dates within ten minutes, rows for all; a date is decided on the row as it is by then, and counts only if
nobody wrote the row meanwhile. So whatever is told, lost or told twice does no harm: it is a hint to look again.
"""

import asyncio
import heapq
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice

from tiercel.engine.firing import is_due, is_full, is_paused
from tiercel.expression import Unanswered
from tiercel.model.trigger import TriggerState
from tiercel.ports.clock import Clock
from tiercel.ports.journal import JournalError
from tiercel.ports.triggers import TriggerBatch, TriggerJournal
from tiercel.services.creator import FlowDisabled, NoSuchFlow, NotInMemory
from tiercel.services.firings import Ended, Firings, Prepared, broken
from tiercel.services.registry import UnreadableFlow
from tiercel.services.schedules import NotScheduled

log = logging.getLogger(__name__)

HORIZON = timedelta(minutes=10)
"""How far the heap looks ahead; when half of that has passed, the rows of the next ten minutes are read."""
LOCKS = timedelta(minutes=1)
"""How often locks are looked at whose execution ended without anybody telling."""
AT_ONCE = 100
"""So many triggers are read, decided and stored together."""
BREATH = timedelta(seconds=1)
"""Between two attempts to reach a journal that is down."""
NEVER = datetime.min.replace(tzinfo=UTC)

_NOT_NOW = (NotScheduled, NoSuchFlow, FlowDisabled, UnreadableFlow)


class Scheduler:
    """Use as `async with scheduler.running():`. `changes` tells the keys of triggers that others wrote, 0 for all."""

    def __init__(
        self, *, journal: TriggerJournal, firings: Firings, changes: Callable[[], AsyncIterator[int]], clock: Clock
    ) -> None:
        self._journal = journal
        self._firings = firings
        self._changes = changes
        self._clock = clock
        self._heap: list[tuple[datetime, int]] = []
        self._horizon = NEVER
        self._locks_seen = NEVER
        self._told: set[int] = set()
        """Keys of triggers to be looked at again."""
        self._underway: dict[int, asyncio.Task[None]] = {}
        """Decisions that ask the world."""
        self._ready: list[tuple[TriggerState, Prepared]] = []
        self._news = asyncio.Event()
        self._has_begun = False

    # Life ------------------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Scheduler"]:
        """Own the triggers, as soon as nobody else does, and fire them."""
        error: Exception | None = None
        async with asyncio.TaskGroup() as group:
            loops = [group.create_task(self._listen()), group.create_task(self._run())]
            try:
                yield self
            except Exception as raised:  # noqa: BLE001 – it is raised again below, not wrapped into a group
                error = raised
            for task in [*loops, *self._underway.values()]:
                task.cancel()
        if error is not None:
            raise error

    async def _run(self) -> None:
        while True:
            try:
                await self.begin()
                while True:
                    await self.turn()
                    await self.wait()
            except JournalError as error:
                log.warning("the scheduler begins again from what is stored: %s", error)
                await self._clock.sleep_until(self._clock.now() + BREATH)

    async def begin(self) -> None:
        """Become the owner, waiting while another process is. What is known is read again."""
        self._forget()
        await self._journal.register()
        if not self._has_begun:
            await self._catch_up()
            self._has_begun = True

    async def _listen(self) -> None:
        async for key in self._changes():
            self.note(key)

    def note(self, key: int) -> None:
        """Somebody else wrote a trigger; 0 means that nobody knows which."""
        if key:
            self._told.add(key)
        else:
            self._horizon = NEVER
        self._news.set()

    def _forget(self) -> None:
        for task in self._underway.values():
            task.cancel()
        self._underway.clear()
        self._ready.clear()
        self._heap.clear()
        self._told.clear()
        self._horizon = self._locks_seen = NEVER

    # Work ------------------------------------------------------------------------------------------------------------

    async def _catch_up(self) -> None:
        """At the start: leave out the dates missed meanwhile that nobody wants made up for."""
        keys = [row.key for row in await self._journal.due(self._clock.now())]
        for some in _chunks(keys):
            states = await self._journal.load(some)
            changed = [after for state in states if (after := self._caught_up(state)) != state]
            if changed:
                await self._journal.commit(TriggerBatch(states=changed))

    def _caught_up(self, state: TriggerState) -> TriggerState:
        try:
            return self._firings.caught_up(state)
        except _NOT_NOW:
            return state
        except Exception as error:  # noqa: BLE001 – a plugin computes the dates
            return broken(state, error).fired.state

    async def turn(self) -> None:
        """Fire all that is due now."""
        self._news.clear()
        await self._look_ahead()
        await self._look_at_locks()
        while (keys := self._next_keys()) or self._ready:
            await self._decide(await self._journal.load(keys) if keys else [])

    async def _look_ahead(self) -> None:
        now = self._clock.now()
        if self._horizon > now + HORIZON / 2:
            return
        # The horizon moves first: a trigger that is told of while the rows are read is looked at anyway.
        self._horizon = now + HORIZON
        self._heap = [(row.next_at, row.key) for row in await self._journal.due(self._horizon)]
        heapq.heapify(self._heap)
        self._told.update(await self._journal.answered())

    async def _look_at_locks(self) -> None:
        now = self._clock.now()
        if now >= self._locks_seen + LOCKS:
            self._locks_seen = now
            self._told.update(await self._journal.free(), await self._journal.watching())

    def _next_keys(self) -> list[int]:
        """Some of those that were told of, then of those that are due. What is being decided waits for its decision."""
        now = self._clock.now()
        keys = set(islice(self._told - self._underway.keys(), AT_ONCE))
        self._told -= keys
        while self._heap and self._heap[0][0] <= now and len(keys) < AT_ONCE:
            keys.add(heapq.heappop(self._heap)[1])
        return sorted(keys - self._underway.keys())

    async def _decide(self, states: list[TriggerState]) -> None:
        """Decide on some triggers and store what comes of it."""
        ended = await self._journal.ended([each for state in states for each in state.watched])
        for state in states:
            self._prepare(state, ended)
        ready, self._ready = self._ready, []
        batch = TriggerBatch()
        for _, prepared in ready:
            self._firings.write(prepared, batch)
        stored = await self._journal.commit(batch) if batch.states else set[int]()
        for state, prepared in ready:
            if state.key in stored:
                self._put(prepared.fired.state)
            else:
                self._told.add(state.key)

    def _prepare(self, state: TriggerState, ended: Ended) -> None:
        is_over = bool(ended.keys() & set(state.watched))
        if not (is_over or _is_answered(state) or is_due(state, self._clock.now())):
            self._put(state)
            return
        try:
            self._take(state, self._firings.now(state, ended))
        except (Unanswered, NotInMemory, *_NOT_NOW):
            self._underway[state.key] = asyncio.create_task(self._prepare_later(state, ended))
        except Exception as error:  # noqa: BLE001 – a plugin computes the dates: the other triggers go on
            self._take(state, broken(state, error))

    async def _prepare_later(self, state: TriggerState, ended: Ended) -> None:
        """Decide when the world has answered, or with a flow that this process had not heard of yet."""
        try:
            self._take(state, await self._firings.later(state, ended))
        except _NOT_NOW as error:
            log.info("%s", error)
        except Exception as error:  # noqa: BLE001 – as above
            self._take(state, broken(state, error))
        del self._underway[state.key]
        self._news.set()

    def _take(self, state: TriggerState, prepared: Prepared) -> None:
        if prepared.fired.state != state:
            self._ready.append((state, prepared))

    def _put(self, state: TriggerState) -> None:
        """Remember a date. One beyond the horizon is left to its row, a held one to whoever lets go of it."""
        if state.next_at is not None and state.next_at < self._horizon and not _is_held(state):
            heapq.heappush(self._heap, (state.next_at, state.key))

    async def wait(self) -> None:
        """Until the earliest date comes, something is told, or it is time to look ahead."""
        wanted = min(self._horizon - HORIZON / 2, self._locks_seen + LOCKS)
        due = min(self._heap[0][0], wanted) if self._heap else wanted
        waits = {asyncio.ensure_future(self._clock.sleep_until(due)), asyncio.ensure_future(self._news.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def _is_answered(state: TriggerState) -> bool:
    return state.evaluation is not None and state.evaluation.finding is not None


def _is_held(state: TriggerState) -> bool:
    """Whether its date has to wait for somebody."""
    is_waiting = state.execution_id is not None or state.evaluation is not None or is_full(state)
    return state.disabled or is_waiting or is_paused(state)


def _chunks(keys: list[int]) -> list[list[int]]:
    return [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]
