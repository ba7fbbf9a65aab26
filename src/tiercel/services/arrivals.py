"""How executions come into memory: read from their rows, or made as the copy of another, while their events wait."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from msgspec.structs import replace

from tiercel.engine.events import AddLabels, AnyEvent, ChildEnded, Recovered, Replay
from tiercel.engine.replays import REPLAYED
from tiercel.engine.verbs import RECALLING
from tiercel.model.errors import TiercelError
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.journal import JournalError
from tiercel.services.departures import Departures
from tiercel.services.loader import Loader
from tiercel.services.replayer import Replayer
from tiercel.services.residents import Item, NoSuchExecution, Resident, Residents, Work, go_on
from tiercel.services.suspects import Suspects, Unreadable


class Desk(Protocol):
    """What is needed of services.desk."""

    def tell(self, identifier: str, event: AnyEvent, *, by: Resident) -> None: ...
    def queue(self, resident: Resident) -> None: ...
    def pump(self) -> None: ...


class Arrivals:
    """Works for the one desk that has it."""

    def __init__(
        self,
        *,
        residents: Residents,
        departures: Departures,
        loader: Loader,
        replayer: Replayer,
        clock: Clock,
        dice: Dice,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        suspects: Suspects,
    ) -> None:
        self._residents = residents
        self._departures = departures
        self._loader = loader
        self._replayer = replayer
        self._clock = clock
        self._dice = dice
        self._spawn = spawn
        self._suspects = suspects

    def resident(self, desk: Desk, identifier: str) -> Resident:
        """The resident; one that is not in memory is loaded once, and its events wait in its line."""
        resident = self._residents.get(identifier)
        if resident is None:
            resident = Resident(identifier)
            resident.is_loading = True
            self._residents.add(resident)
            self._spawn(self._load(desk, resident))
        return resident

    def recall(self, desk: Desk, resident: Resident, work: Work) -> bool:
        """Whether a piece of work has to wait for all task runs of an ended execution: they are read for it."""
        event = work.event if isinstance(work, Item) else work
        execution = resident.execution
        is_ready = execution is None or execution.live or execution.recalled is not None
        if type(event) not in RECALLING or is_ready or resident.context is None:
            return False
        resident.todo.appendleft(work)
        resident.urgent += 1
        resident.is_loading = True
        self._spawn(self._read_all(desk, resident))
        return True

    async def _load(self, desk: Desk, resident: Resident) -> None:
        is_left_alone = self._suspects.is_left_alone(resident.id)
        found = not is_left_alone and (await self._read(resident) or await self._replay(desk, resident))
        _arrived(resident)
        if resident.is_marked:
            resident.todo.appendleft(Recovered(self._clock.now(), self._dice.roll()))
            resident.urgent += 1
        if found:
            # Even one that has nothing to do may have ended for want of its flow.
            desk.queue(resident)
            self._tell_parent(desk, resident)
        else:
            self._turn_away(resident, self._suspects.verdict(resident.id) or NoSuchExecution(resident.id))
        desk.pump()

    async def _read(self, resident: Resident) -> bool:
        try:
            return await self._loader.load(resident)
        except JournalError:
            raise
        except Exception as error:
            raise Unreadable(resident.id) from error

    async def _replay(self, desk: Desk, resident: Resident) -> bool:
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
        desk.tell(item.event.source, AddLabels(self._clock.now(), self._dice.roll(), (REPLAYED,)), by=resident)
        return True

    async def _read_all(self, desk: Desk, resident: Resident) -> None:
        runs = await self._loader.recall(resident)
        _arrived(resident)
        # A loop that is opened again may get other values than those that are stored.
        resident.valued.clear()
        if resident.execution is not None:
            resident.execution = replace(resident.execution, recalled=runs)
        desk.queue(resident)
        desk.pump()

    def _tell_parent(self, desk: Desk, resident: Resident) -> None:
        """One that ended while it was loaded cannot decide to tell the task run that waits for it."""
        execution = resident.execution
        if execution is None or execution.live or not resident.live or execution.waits is None:
            return
        link, at, seed = execution.waits, self._clock.now(), self._dice.roll()
        item = None if execution.iteration is None else execution.iteration.item
        ended = ChildEnded(at, seed, link.ord, link.attempt, execution.state.current, child=execution.id, item=item)
        desk.tell(link.execution_id, ended, by=resident)

    def _turn_away(self, resident: Resident, refusal: TiercelError) -> None:
        """Nobody of that name, or nobody to talk to: tell those who ask, and let the letters be deleted."""
        items = [work for work in resident.todo if isinstance(work, Item)]
        resident.todo.clear()
        resident.urgent = 0
        for item in items:
            item.refusal = item.refusal or refusal
            if item.answer is not None and not item.answer.done():
                item.answer.set_exception(item.refusal)
        resident.outgoing.items = [item for item in items if item.letter is not None]
        self._departures.add(resident)
        self._departures.wake()


def _arrived(resident: Resident) -> None:
    """Its rows are there: the groups that waited for them do so no longer."""
    resident.is_loading = False
    for _ in range(resident.loading_needs):
        go_on(resident)
    resident.loading_needs = 0
