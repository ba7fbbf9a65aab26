"""Where residents are worked on: each in its turn, event by event, a slice at a time, until it is quiescent.

Loads what is not in memory, keeps together what belongs into one commit, and says what a commit may take. When to commit
is the executor's, what a command means the carrier's.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from msgspec.structs import replace

from tiercel.engine import decide
from tiercel.engine.commands import RunInstant
from tiercel.engine.events import (
    AddLabels,
    AnyEvent,
    ChildEnded,
    Continue,
    Done,
    Kill,
    Ran,
    Recovered,
    Replay,
    Started,
    TimerFired,
    WorkerLost,
    recorded,
)
from tiercel.engine.replays import REPLAYED
from tiercel.engine.turn import EXECUTION_ROOM
from tiercel.engine.verbs import ANSWERED_FIRST, RECALLING
from tiercel.model.bounds import LimitKey
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.services.announcer import Announcer
from tiercel.services.carrier import Carrier
from tiercel.services.creator import Made
from tiercel.services.ignoring import NOTHING, Ignoring
from tiercel.services.loader import Loader
from tiercel.services.replayer import Replayer
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
    part,
    resident_of,
    wait_for,
)
from tiercel.services.slices import Slices

FULL = 4096
"""About as many rows close a batch: more waits for the next one."""
IGNORED = "the server was told to ignore this execution; start it without that option (kestra.ignore) to let it go on"
PATIENCE = 0.02
"""Seconds that a commit waits for an answer of the world, or for the end of a job just begun, before it goes without."""

_log = logging.getLogger(__name__)

Spawn = Callable[[Coroutine[Any, Any, None]], object]


class Desk:
    """The residents in work."""

    def __init__(
        self,
        *,
        loader: Loader,
        carrier: Carrier,
        replayer: Replayer,
        announcer: Announcer,
        clock: Clock,
        dice: Dice,
        spawn: Spawn,
        wake: Callable[[], None],
        fail: Callable[[Exception], None],
        ignoring: Ignoring = NOTHING,
    ) -> None:
        self.residents = Residents()
        self._ignoring = ignoring
        self._loader = loader
        self._carrier = carrier
        self._replayer = replayer
        self._announcer = announcer
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
        resident = self._resident(item.execution_id) if item.made is None else self._begin(item.made)
        self._put(resident, item, urgent=isinstance(item.event, Kill))
        self.pump()

    def _begin(self, made: Made) -> Resident:
        """A new execution whose first event this is."""
        resident = resident_of(made)
        self.residents.add(resident)
        return resident

    def adopt(self, resident: Resident, first: Work) -> None:
        """An execution that another one made, with its first event."""
        self.residents.add(resident)
        # Its row belongs into the commit of the one that made it, even when there is no time for its first event.
        self._dirty[resident.id] = resident
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

    def admit(self, identifier: str, event: AnyEvent) -> None:
        """An event of this process's own, for an execution that nobody else has anything to do with."""
        self._put(self._resident(identifier), event, urgent=True)
        self.pump()

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
        found = await self._loader.load(resident) or await self._replay(resident)
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

    async def _replay(self, resident: Resident) -> bool:
        """Make the execution that does not exist yet and whose first event is a replay of another one."""
        item = resident.todo[0] if resident.todo else None
        if not isinstance(item, Item) or not isinstance(item.event, Replay):
            return False
        try:
            made, place = await self._replayer.make(item.event, id=resident.id)
        except TiercelError as error:
            item.refusal = error
            return False
        resident.execution, resident.context, resident.place = made.execution, made.context, place
        self.tell(item.event.source, AddLabels(self._clock.now(), self._dice.roll(), (REPLAYED,)), by=resident)
        return True

    def _recall(self, resident: Resident, work: Work) -> bool:
        """Whether a piece of work has to wait for all task runs of an ended execution: they are read for it."""
        event = work.event if isinstance(work, Item) else work
        execution = resident.execution
        is_ready = execution is None or execution.live or execution.recalled is not None
        if type(event) not in RECALLING or is_ready or resident.context is None:
            return False
        resident.todo.appendleft(work)
        resident.urgent += 1
        resident.is_loading = True
        self._spawn(self._read_all(resident))
        return True

    async def _read_all(self, resident: Resident) -> None:
        runs = await self._loader.recall(resident)
        resident.is_loading = False
        # A loop that is opened again may get other values than those that are stored.
        resident.valued.clear()
        if resident.execution is not None:
            resident.execution = replace(resident.execution, recalled=runs)
        self._queue(resident)
        self.pump()

    def _tell_parent(self, resident: Resident) -> None:
        """One that ended while it was loaded cannot decide to tell the task run that waits for it."""
        execution = resident.execution
        if execution is None or execution.live or not resident.live or execution.waits is None:
            return
        link, at, seed = execution.waits, self._clock.now(), self._dice.roll()
        item = None if execution.iteration is None else execution.iteration.item
        ended = ChildEnded(at, seed, link.ord, link.attempt, execution.state.current, child=execution.id, item=item)
        self.tell(link.execution_id, ended, by=resident)

    def _turn_away(self, resident: Resident) -> None:
        """Nobody of that name: tell those who ask, and let the letters be deleted."""
        items = [work for work in resident.todo if isinstance(work, Item)]
        resident.todo.clear()
        resident.urgent = 0
        for item in items:
            item.refusal = item.refusal or NoSuchExecution(resident.id)
            if item.answer is not None and not item.answer.done():
                item.answer.set_exception(item.refusal)
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
        while todo and not resident.is_loading and _goes_on(resident, limit):
            resident.urgent = max(0, resident.urgent - 1)
            self._step(resident, todo.popleft(), _room(resident, limit))
        self._release(resident)
        self._dirty[resident.id] = resident

    def _step(self, resident: Resident, work: Work, limit: int) -> None:
        if self._ignore(resident, work) or self._recall(resident, work):
            return
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
        if decision.execution.recalled is not None:
            resident.execution = replace(decision.execution, recalled=None)
        if decision.ignored is None:
            self._record(resident, work, event, slice=limit if decision.unfinished else None)
        self.count(resident, 1 + len(decision.commands))
        for command in decision.commands:
            self._carrier.carry_out(self, resident, command)
        if decision.unfinished and type(event) in ANSWERED_FIRST:
            # What was answered and what follows from it are committed together.
            resident.todo.appendleft(Continue(self._clock.now(), self._dice.roll()))
            resident.urgent += 1
        else:
            resident.more = resident.more or decision.unfinished
        self._announcer.announce(self, resident, execution)

    def _ignore(self, resident: Resident, work: Work) -> bool:
        """Whether the server was told to leave this execution alone: who tells it something is refused."""
        execution = resident.execution
        if execution is None or not self._ignoring.covers(execution):
            return False
        event = work.event if isinstance(work, Item) else work
        _log.warning("%s of execution %s is ignored, as the server was told", type(event).__name__, resident.id)
        resident.is_ignored = True
        if isinstance(work, Item):
            work.told = Told(execution, IGNORED)
            resident.outgoing.items.append(work)
        return True

    def _record(self, resident: Resident, work: Work, event: AnyEvent, *, slice: int | None) -> None:
        """Keep for the history what cannot be computed again."""
        events = resident.outgoing.events
        if slice is not None:
            resident.outgoing.slices[len(events)] = slice
        has_run = isinstance(work, RunInstant)
        events.append(Ran(event.at, event.seed, work.ord, work.attempt) if has_run else recorded(event))

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

    def count(self, resident: Resident, rows: int) -> None:
        """Something of a resident will be so many rows of the next commit."""
        resident.outgoing.rows += rows
        self._rows += rows

    def children(self, identifier: str) -> list[str]:
        """Those in memory that an execution started and that are not over."""
        return [
            resident.id
            for resident in self.residents
            if resident.execution is not None and resident.execution.cause_id == identifier and resident.execution.live
        ]

    def known(self, identifier: str) -> Execution | None:
        """An execution, if it is in memory."""
        resident = self.residents.get(identifier)
        return None if resident is None else resident.execution

    def iterations(self, identifier: str) -> list[Execution]:
        """Those in memory that are iterations of its loops, whether they are over or not."""
        executions = (resident.execution for resident in self.residents)
        return [
            execution
            for execution in executions
            if execution is not None and execution.iteration is not None and execution.parent_id == identifier
        ]

    def within(self, limit: LimitKey) -> list[Execution]:
        """The executions in memory that a limit contains, whether they are over or not."""
        executions = (resident.execution for resident in self.residents)
        return [
            execution
            for execution in executions
            if execution is not None and limit.contains(execution.tenant, execution.namespace, execution.flow_id)
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
        complete: dict[int, bool] = {}
        taken = [resident for resident in self._dirty.values() if self._may_go(resident, complete)]
        for resident in taken:
            del self._dirty[resident.id]
            self._rows -= resident.outgoing.rows
            part(resident)
            if resident.held is not None:
                resident.held.cancel()
                resident.held = None
        return taken

    def _may_go(self, resident: Resident, complete: dict[int, bool]) -> bool:
        """`complete` remembers what was found of a group: it may be large, and all its members ask."""
        group = resident.group
        if group is not None:
            known = complete.get(id(group))
            if known is None:
                known = complete[id(group)] = group.is_complete
            return known
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
            resident.flying = None
            if resident.is_idle and resident.id not in self._dirty and not resident.ready:
                self.residents.rest(resident)

    def forget(self) -> list[Item]:
        """Drop everything, and return the events from outside that are not durable, in no matter which order."""
        lost = [item for resident in self.residents for item in _unstored(resident)]
        for resident in self.residents:
            if resident.held is not None:
                resident.held.cancel()
        self.residents.clear()
        self._announcer.forget()
        self._carrier.forget()
        self._line.clear()
        self._dirty.clear()
        self._rows = 0
        return lost


def _goes_on(resident: Resident, limit: int) -> bool:
    """A full slice runs the instant tasks it has begun, so that each is written once, and begins no others."""
    return bool(resident.urgent or isinstance(resident.todo[0], RunInstant) or _room(resident, limit))


def _room(resident: Resident, limit: int) -> int:
    """How many task runs the slice may still create."""
    changed = 0 if resident.execution is None else len(resident.execution.changes.runs)
    return max(0, limit - changed - resident.outgoing.executions * EXECUTION_ROOM)


def _unstored(resident: Resident) -> Iterator[Item]:
    yield from resident.outgoing.items
    yield from (work for work in resident.todo if isinstance(work, Item))
