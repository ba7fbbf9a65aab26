"""Where residents are worked on: each in its turn, event by event, a slice at a time, until it is quiescent.

Loads what is not in memory, keeps together what belongs into one commit, and says what a commit may take. When to commit
is the executor's, what a command means the carrier's.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from msgspec.structs import replace

from tiercel.engine import decide
from tiercel.engine.messages import (
    AnyEvent,
    ChildEnded,
    Continue,
    Done,
    Kill,
    Recovered,
    RunInstant,
    Started,
    TimerFired,
    WorkerLost,
)
from tiercel.model.execution import Execution
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.services.carrier import Carrier
from tiercel.services.creator import Made
from tiercel.services.loader import Loader
from tiercel.services.residents import (
    Due,
    Item,
    NoSuchExecution,
    Resident,
    Residents,
    Told,
    Work,
    go_on,
    join,
    wait_for,
)
from tiercel.services.slices import Slices

FULL = 4096
"""About as many rows close a batch: more waits for the next one."""
PATIENCE = 0.02
"""Seconds that a commit waits for an answer of the world, or for the end of a job just begun, before it goes without."""

Spawn = Callable[[Coroutine[Any, Any, None]], object]


class Desk:
    """The residents in work."""

    def __init__(
        self,
        *,
        loader: Loader,
        carrier: Carrier,
        clock: Clock,
        dice: Dice,
        spawn: Spawn,
        wake: Callable[[], None],
        fail: Callable[[Exception], None],
    ) -> None:
        self.residents = Residents()
        self._loader = loader
        self._carrier = carrier
        self._clock = clock
        self._dice = dice
        self._spawn = spawn
        """Runs what has to wait for something; whoever gave it cancels all of that when memory is dropped."""
        self._wake = wake
        """Called when there is something to commit."""
        self._fail = fail
        """Called when memory can no longer be trusted."""
        self._is_hurrying = False
        self._slices = Slices()
        self._line: deque[Resident] = deque()
        self._dirty: dict[str, Resident] = {}
        self._rows = 0
        self._is_pumping = False

    @property
    def waiting(self) -> int:
        """About how many rows and residents wait for a commit to come."""
        return self._rows + len(self._line)

    # What comes in ---------------------------------------------------------------------------------------------------

    def accept(self, item: Item) -> None:
        """An event from outside."""
        self._slices.note(item.execution_id, asyncio.get_running_loop().time())
        resident = self._resident(item.execution_id) if item.made is None else self._begin(item, item.made)
        self._put(resident, item, urgent=isinstance(item.event, Kill))
        self.pump()

    def _begin(self, item: Item, made: Made) -> Resident:
        """A new execution whose first event this is."""
        resident = Resident(item.execution_id)
        resident.execution = made.execution
        resident.context, resident.place = made.deployed.context, made.deployed.stored.place
        self.residents.add(resident)
        return resident

    def adopt(self, resident: Resident, first: Work) -> None:
        """An execution that another one made, with its first event."""
        self.residents.add(resident)
        self._put(resident, first)

    def put(self, resident: Resident, work: Work) -> None:
        """Something for a resident that waited for it."""
        self._put(resident, work)

    def tell(self, identifier: str, event: AnyEvent, *, by: Resident) -> None:
        """An event from one resident to another: what both make of it is committed together."""
        resident = self._resident(identifier)
        join(by, resident)
        if resident.is_loading:
            wait_for(resident)
            resident.loading_needs += 1
        self._put(resident, event, urgent=True)

    def wake(self, identifier: str) -> None:
        """Let an execution that is marked go on."""
        self._resident(identifier)

    def fire(self, identifier: str, due: Due) -> None:
        """A timer is due."""
        self._put(self._resident(identifier), due)
        self.pump()

    def _put(self, resident: Resident, work: Work, *, urgent: bool = False) -> None:
        self.residents.wake(resident)
        if urgent:
            resident.todo.insert(resident.urgent, work)
            resident.urgent += 1
        else:
            resident.todo.append(work)
        self._queue(resident)

    def _queue(self, resident: Resident) -> None:
        if resident.ready or resident.is_loading:
            return
        resident.ready = True
        if resident.urgent:
            self._line.appendleft(resident)
        else:
            self._line.append(resident)

    # Loading ---------------------------------------------------------------------------------------------------------

    def _resident(self, identifier: str) -> Resident:
        """The resident; one that is not in memory is loaded once, and its events wait in its line."""
        resident = self.residents.get(identifier)
        if resident is None:
            resident = Resident(identifier)
            resident.is_loading = True
            self.residents.add(resident)
            self._spawn(self._load(resident))
        return resident

    async def _load(self, resident: Resident) -> None:
        found = await self._loader.load(resident)
        resident.is_loading = False
        for _ in range(resident.loading_needs):
            go_on(resident)
        if resident.is_marked:
            resident.todo.appendleft(Recovered(self._clock.now(), self._dice.roll()))
            resident.urgent += 1
        if found:
            # Even one that has nothing to do may have ended for want of its flow.
            self._queue(resident)
            self._tell_parent(resident)
        else:
            self._turn_away(resident)
        self.pump()

    def _tell_parent(self, resident: Resident) -> None:
        """One that ended while it was loaded cannot decide to tell the task run that waits for it."""
        execution = resident.execution
        if execution is None or execution.live or not resident.live or execution.waits is None:
            return
        link, at, seed = execution.waits, self._clock.now(), self._dice.roll()
        ended = ChildEnded(at, seed, link.ord, link.attempt, execution.state.current, child=execution.id)
        self.tell(link.execution_id, ended, by=resident)

    def _turn_away(self, resident: Resident) -> None:
        """Nobody of that name: tell those who ask, and let the letters be deleted."""
        items = [work for work in resident.todo if isinstance(work, Item)]
        resident.todo.clear()
        resident.urgent = 0
        for item in items:
            if item.answer is not None and not item.answer.done():
                item.answer.set_exception(NoSuchExecution(resident.id))
        resident.outgoing.items = [item for item in items if item.letter is not None]
        self._dirty[resident.id] = resident
        self._wake()

    # Work ------------------------------------------------------------------------------------------------------------

    def pump(self) -> None:
        """Work on those who have something to do, as long as the batch has room."""
        if self._is_pumping:
            return
        self._is_pumping = True
        try:
            while self._line and (self._rows < FULL or self._line[0].urgent):
                self._work(self._line.popleft())
        except Exception as error:  # noqa: BLE001 – half of a decision may be carried out: begin again from the rows
            self._fail(error)
        finally:
            self._is_pumping = False
        if self._dirty:
            self._wake()

    def _work(self, resident: Resident) -> None:
        resident.ready = False
        limit = self._slices.size(resident.id, asyncio.get_running_loop().time())
        if resident.more:
            resident.more = False
            resident.todo.append(Continue(self._clock.now(), self._dice.roll()))
        todo = resident.todo
        while todo and (resident.urgent or not _is_full(resident, limit)):
            if resident.urgent:
                resident.urgent -= 1
            self._step(resident, todo.popleft(), limit)
        self._release(resident)
        self._dirty[resident.id] = resident

    def _step(self, resident: Resident, work: Work, limit: int) -> None:
        event = self._event(resident, work)
        execution, context = resident.execution, resident.context
        if event is None or execution is None:
            return
        if context is None:
            self._refuse(work, execution)
            return
        decision = decide(context, execution, event, limit=limit)
        resident.execution = decision.execution
        if isinstance(work, Item):
            work.told = Told(decision.execution, decision.ignored)
        if decision.ignored is None and not isinstance(work, RunInstant):
            resident.outgoing.events.append(event)
        self._count(resident, 1 + len(decision.commands))
        for command in decision.commands:
            self._carrier.carry_out(self, resident, command)
        resident.more = resident.more or decision.unfinished

    def _refuse(self, work: Work, execution: Execution) -> None:
        """Nothing can be decided without the flow."""
        if isinstance(work, Item):
            work.told = Told(execution, f"the flow of execution {execution.id} is gone")

    def _event(self, resident: Resident, work: Work) -> AnyEvent | None:
        """The event that a piece of work comes to. Times within one execution never go back."""
        match work:
            case RunInstant():
                event = self._carrier.run_instant(self, resident, work)
            case Due():
                event = self._timer(resident, work)
            case Item():
                event = work.event
                resident.outgoing.items.append(work)
                self._note_job(resident, event)
            case _:
                event = work
        if event is None:
            return None
        if resident.latest is not None and event.at < resident.latest:
            event = replace(event, at=resident.latest)
        resident.latest = event.at
        return event

    def _timer(self, resident: Resident, timer: Due) -> TimerFired | None:
        execution = resident.execution
        due = None if execution is None else execution.timers.get(timer.name)
        if due is not None and due != timer.due:
            return None
        resident.outgoing.timers.pop(timer.name, None)
        resident.outgoing.untimed.add(timer.name)
        if due is None:
            # Nobody waits for it any more: only its row is left.
            return None
        return TimerFired(self._clock.now(), self._dice.roll(), timer.name)

    def _note_job(self, resident: Resident, event: AnyEvent) -> None:
        match event:
            case Done() | WorkerLost():
                resident.jobs.discard((event.ord, event.attempt))
                resident.outgoing.dropped.add((event.ord, event.attempt))
            case Started():
                # A short job ends before it is worth a commit of its own that it began.
                self.hold(resident)
            case _:
                pass

    def _count(self, resident: Resident, rows: int) -> None:
        resident.outgoing.rows += rows
        self._rows += rows

    def children(self, identifier: str) -> list[str]:
        """Those in memory that an execution started and that are not over."""
        return [
            resident.id
            for resident in self.residents
            if resident.execution is not None and resident.execution.cause_id == identifier and resident.execution.live
        ]

    # What goes out ---------------------------------------------------------------------------------------------------

    def hold(self, resident: Resident) -> None:
        """Let the commit of a resident wait a little, unless others are committed with it."""
        if resident.held is None:
            resident.held = asyncio.get_running_loop().call_later(PATIENCE, self._let_go, resident)

    def _release(self, resident: Resident) -> None:
        """What its commit was held back for has come."""
        if resident.held is not None and not (resident.asked or resident.underway or resident.jobs):
            resident.held.cancel()
            resident.held = None

    def _let_go(self, resident: Resident) -> None:
        resident.held = None
        self._wake()

    def take(self) -> list[Resident]:
        """Those whose changes may be committed now. Whatever is decided from now on belongs to the next commit."""
        taken = [resident for resident in self._dirty.values() if self._may_go(resident)]
        for resident in taken:
            del self._dirty[resident.id]
            self._rows -= resident.outgoing.rows
            resident.group = None
            if resident.held is not None:
                resident.held.cancel()
                resident.held = None
        return taken

    def _may_go(self, resident: Resident) -> bool:
        if resident.group is not None:
            return resident.group.is_complete
        return resident.held is None or self._is_hurrying

    def hurry(self) -> None:
        """From now on nothing is held back: the executor stops."""
        self._is_hurrying = True

    def taken(self, residents: list[Resident]) -> None:
        """Their changes are written down: full slices may go on, after the others."""
        for resident in residents:
            if resident.todo or resident.more:
                self._queue(resident)

    def stored(self, residents: list[Resident]) -> None:
        """Their rows are durable: the idle ones may leave memory."""
        for resident in residents:
            if resident.is_idle and resident.id not in self._dirty and not resident.ready:
                self.residents.rest(resident)

    def forget(self) -> list[Item]:
        """Drop everything, and return the events from outside that are not durable, in no matter which order."""
        lost = [item for resident in self.residents for item in _unstored(resident)]
        for resident in self.residents:
            if resident.held is not None:
                resident.held.cancel()
        self.residents.clear()
        self._line.clear()
        self._dirty.clear()
        self._rows = 0
        return lost


def _is_full(resident: Resident, limit: int) -> bool:
    return resident.execution is not None and len(resident.execution.changes.runs) >= limit


def _unstored(resident: Resident) -> Iterator[Item]:
    yield from resident.outgoing.items
    yield from (work for work in resident.todo if isinstance(work, Item))
