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
    AnyEvent,
    Continue,
    Done,
    Kill,
    Ran,
    Started,
    TimerFired,
    WorkerLost,
    recorded,
)
from tiercel.engine.turn import EXECUTION_ROOM
from tiercel.engine.verbs import ANSWERED_FIRST
from tiercel.model.execution import Execution
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.services.announcer import Announcer
from tiercel.services.arrivals import Arrivals
from tiercel.services.carrier import Carrier
from tiercel.services.creator import Made
from tiercel.services.departures import Departures
from tiercel.services.ignoring import NOTHING, Ignoring
from tiercel.services.loader import Loader
from tiercel.services.replayer import Replayer
from tiercel.services.residents import (
    Due,
    Item,
    Resident,
    Residents,
    Told,
    Work,
    join,
    resident_of,
    wait_for,
)
from tiercel.services.slices import Slices
from tiercel.services.suspects import Suspects

FULL = 4096
"""About as many rows close a batch: more waits for the next one."""
IGNORED = "the server was told to ignore this execution; start it without that option (kestra.ignore) to let it go on"

_log = logging.getLogger(__name__)

Spawn = Callable[[Coroutine[Any, Any, None]], object]
Fail = Callable[[Exception, Resident | None], None]


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
        fail: Fail,
        suspects: Suspects,
        ignoring: Ignoring = NOTHING,
    ) -> None:
        self.residents = Residents()
        self.departures = Departures(wake)
        self._arrivals = Arrivals(
            residents=self.residents,
            departures=self.departures,
            loader=loader,
            replayer=replayer,
            clock=clock,
            dice=dice,
            spawn=spawn,
            suspects=suspects,
        )
        self._suspects = suspects
        self._ignoring = ignoring
        self._carrier = carrier
        self._announcer = announcer
        self._clock = clock
        self._dice = dice
        self._fail = fail
        """Called when memory can no longer be trusted, with whom it was about."""
        self._slices = Slices()
        self._line: deque[Resident] = deque()
        self._is_pumping = False

    @property
    def waiting(self) -> int:
        """About how many rows and residents wait for a commit to come."""
        return self.departures.rows + len(self._line)

    # What comes in ---------------------------------------------------------------------------------------------------

    def accept(self, item: Item) -> None:
        """An event from outside."""
        self._slices.note(item.execution_id, asyncio.get_running_loop().time())
        resident = self._arrivals.resident(self, item.execution_id) if item.made is None else self._begin(item.made)
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
        self.departures.add(resident)
        self._put(resident, first)

    def put(self, resident: Resident, work: Work) -> None:
        """Something for a resident that waited for it."""
        self._put(resident, work)

    def tell(self, identifier: str, event: AnyEvent, *, by: Resident) -> None:
        """An event from one resident to another: what both make of it is committed together."""
        resident = self._arrivals.resident(self, identifier)
        join(by, resident)
        if resident.is_loading:
            wait_for(resident)
            resident.loading_needs += 1
        self._put(resident, event, urgent=True)

    def admit(self, identifier: str, event: AnyEvent) -> None:
        """An event of this process's own, for an execution that nobody else has anything to do with."""
        self._put(self._arrivals.resident(self, identifier), event, urgent=True)
        self.pump()

    def wake(self, identifier: str) -> None:
        """Let an execution that is marked go on."""
        self._arrivals.resident(self, identifier)

    def fire(self, identifier: str, due: Due) -> None:
        """A timer is due."""
        self._put(self._arrivals.resident(self, identifier), due)
        self.pump()

    def _put(self, resident: Resident, work: Work, *, urgent: bool = False) -> None:
        self.residents.wake(resident)
        if urgent:
            resident.todo.insert(resident.urgent, work)
            resident.urgent += 1
        else:
            resident.todo.append(work)
        self.queue(resident)

    def queue(self, resident: Resident) -> None:
        """It may have something to do: let it come to its turn."""
        if resident.ready or resident.is_loading:
            return
        resident.ready = True
        if resident.urgent:
            self._line.appendleft(resident)
        else:
            self._line.append(resident)

    # Work ------------------------------------------------------------------------------------------------------------

    def pump(self) -> None:
        """Work on those who have something to do, as long as the batch has room."""
        if self._is_pumping:
            return
        self._is_pumping, resident = True, None
        try:
            while self._line and (self.departures.rows < FULL or self._line[0].urgent):
                resident = self._line.popleft()
                self._work(resident)
        except Exception as error:  # noqa: BLE001 – half of a decision may be carried out: begin again from the rows
            self._fail(error, resident)
        finally:
            self._is_pumping = False
        if self.departures:
            self.departures.wake()

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
        self.departures.release(resident)
        self.departures.add(resident)

    def _step(self, resident: Resident, work: Work, limit: int) -> None:
        if self._ignore(resident, work) or self._arrivals.recall(self, resident, work):
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
        self.departures.count(resident, 1 + len(decision.commands))
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
        """Nothing can be decided without the flow, nor about what could not be stored."""
        if isinstance(work, Item):
            verdict = self._suspects.verdict(execution.id)
            work.told = Told(execution, str(verdict or f"the flow of execution {execution.id} is gone"))

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
                self.departures.hold(resident)
            case _:
                pass

    # What goes out ---------------------------------------------------------------------------------------------------

    def taken(self, residents: list[Resident]) -> None:
        """Their changes are written down: full slices may go on, after the others."""
        for resident in residents:
            if resident.todo or resident.more:
                self.queue(resident)

    def stored(self, residents: list[Resident]) -> None:
        """Their rows are durable: the idle ones may leave memory."""
        for resident in residents:
            resident.flying = None
            if resident.is_idle and resident not in self.departures and not resident.ready:
                self.residents.rest(resident)

    def forget(self) -> list[Item]:
        """Drop everything, and return the events from outside that are not durable, in no matter which order."""
        lost = [item for resident in self.residents for item in unstored(resident)]
        for resident in self.residents:
            if resident.held is not None:
                resident.held.cancel()
        self.residents.clear()
        self._announcer.forget()
        self._carrier.forget()
        self._line.clear()
        self.departures.clear()
        return lost


def _goes_on(resident: Resident, limit: int) -> bool:
    """A full slice runs the instant tasks it has begun, so that each is written once, and begins no others."""
    return bool(resident.urgent or isinstance(resident.todo[0], RunInstant) or _room(resident, limit))


def _room(resident: Resident, limit: int) -> int:
    """How many task runs the slice may still create."""
    changed = 0 if resident.execution is None else len(resident.execution.changes.runs)
    return max(0, limit - changed - resident.outgoing.executions * EXECUTION_ROOM)


def unstored(resident: Resident) -> Iterator[Item]:
    """Events from outside that a resident has, and that are not durable."""
    yield from resident.outgoing.items
    yield from (work for work in resident.todo if isinstance(work, Item))
