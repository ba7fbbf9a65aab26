"""From an event of a stream to its execution, in the worker's own process: through whichever door that has."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from msgspec.structs import replace

from tiercel.engine.firing import Firing, Occasion
from tiercel.engine.polls import PollContext, event
from tiercel.expression import ExpressionError, Unanswered
from tiercel.model.execution import Execution
from tiercel.model.trigger import TriggerId, TriggerState
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.journal import JournalError
from tiercel.ports.outage import Outage
from tiercel.ports.triggers import TriggerStore
from tiercel.sdk import RunInfo
from tiercel.services.creator import BlockedByChecks, Creator, InvalidInputs, Wish
from tiercel.services.evaluator import Evaluator
from tiercel.services.executor import Overloaded
from tiercel.services.firings import info_of, wish_of
from tiercel.services.looks import NotStarted
from tiercel.services.registry import Registry
from tiercel.services.schedules import NotScheduled, Schedules
from tiercel.services.switches import changed

log = logging.getLogger(__name__)

BREATH = timedelta(seconds=1)
"""Between two attempts to store something."""
_LATER = (Overloaded, Outage, JournalError, OSError)


class Door(Protocol):
    """What is needed of services.door."""

    async def start(self, wish: Wish) -> Execution: ...


class StreamEvents:
    """Raises NotStarted where an event leads to nothing, NotScheduled where the trigger is to end."""

    def __init__(
        self,
        *,
        schedules: Schedules,
        registry: Registry,
        store: TriggerStore,
        creator: Creator,
        door: Door,
        evaluator: Evaluator,
        clock: Clock,
        dice: Dice,
    ) -> None:
        self._registry = registry
        self._store = store
        self._schedules = schedules
        self._creator = creator
        self._door = door
        self._evaluator = evaluator
        self._clock = clock
        self._dice = dice

    async def start(self, info: RunInfo, variables: Mapping[str, Any]) -> Sequence[str]:
        """Start the execution of an event, if the conditions hold for it; it is durable when this returns."""
        context = await self._context(info)
        firing = await self._fired(context, dict(variables))
        if firing is None:
            return ()
        await self._stored(wish_of(context, firing))
        if context.trigger.stop_after:
            await self._watched(info, firing.execution_id)
        return firing.warnings

    async def _context(self, info: RunInfo) -> PollContext:
        """The trigger by a revision no older than that by which the stream began: it may be unheard of here yet."""
        stored = self._registry.latest(info.tenant, info.namespace, info.flow_id)
        if stored is None or stored.revision < info.flow_revision:
            await self._schedules.refresh(info)
        context = self._schedules.context(info)
        if not isinstance(context, PollContext):
            raise NotScheduled(f"trigger {info.trigger_id} is no stream any more")
        return context

    async def _watched(self, info: RunInfo, execution_id: str) -> None:
        """Let the scheduler see how the execution ends."""
        trigger = TriggerId(info.namespace, info.flow_id, info.trigger_id)
        await self._until_stored(
            lambda: changed(self._store, info.tenant, trigger, lambda state: _watching(state, execution_id))
        )

    async def _fired(self, context: PollContext, variables: dict[str, Any]) -> Firing | None:
        """Asks the world as often as it takes."""
        identifier, answers = self._creator.mint(), dict[str, Any]()
        occasion = Occasion(at=self._clock.now(), seed=self._dice.roll(), answers=answers)
        while True:
            try:
                return event(context, identifier, variables, occasion)
            except Unanswered as question:
                answers[question.call.key] = await self._evaluator.answer(question.call, info_of(context))
            except ExpressionError as error:
                raise NotStarted(f"its condition cannot be rendered: {error}") from error

    async def _stored(self, wish: Wish) -> None:
        """The wish names the execution, so trying again makes no second one."""
        try:
            await self._until_stored(lambda: self._door.start(wish))
        except (InvalidInputs, ExpressionError) as error:
            await self._failed(wish, f"the inputs do not fit: {error}")
        except BlockedByChecks as error:
            await self._failed(wish, str(error))

    async def _failed(self, wish: Wish, error: str) -> None:
        """What happened is not lost: an execution shows it, with the reason why nothing of it runs."""
        failed = replace(wish, error=error)
        await self._until_stored(lambda: self._door.start(failed))

    async def _until_stored(self, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await work()
                return
            except _LATER as error:
                log.warning("an event waits to be stored: %s", error)
                await self._clock.sleep_until(self._clock.now() + BREATH)


def _watching(state: TriggerState, execution_id: str) -> TriggerState:
    return replace(state, record=replace(state.record, watched=(*state.record.watched, execution_id)))
