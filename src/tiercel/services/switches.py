"""What people change of a trigger: switch it off and on, unlock it, forget it. The scheduler acts on what it finds then.

A state that is written without its evaluation is taken away from the workers: whoever looks or streams is stopped.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from tiercel.engine.firing import is_full
from tiercel.model.errors import TiercelError
from tiercel.model.trigger import TriggerId, TriggerState
from tiercel.ports.clock import Clock
from tiercel.ports.triggers import TriggerStore
from tiercel.services.schedules import NotScheduled


class NoSuchTrigger(TiercelError):
    def __init__(self, trigger: TriggerId) -> None:
        name = f"{trigger.namespace}.{trigger.flow_id}"
        super().__init__(
            f"flow {name} has no trigger {trigger.trigger_id!r} that is looked at by itself: by its dates, or by workers"
        )
        self.trigger = trigger


class NotLocked(TiercelError):
    def __init__(self, state: TriggerState) -> None:
        super().__init__(
            f"trigger [tenant={state.tenant}, namespace={state.namespace}, flow={state.flow_id}, "
            f"trigger={state.trigger_id}] is already unlocked"
        )
        self.state = state


class Dates(Protocol):
    """What is asked of a trigger's schedule. Both raise NotScheduled."""

    def first_date(self, state: TriggerState, instant: datetime) -> datetime | None:
        """The first date at or after an instant."""
        ...

    def next_date(self, state: TriggerState, after: datetime) -> datetime | None:
        """The first date after an instant."""
        ...


class Switches:
    """Answers with the state as it is stored then. Raises NoSuchTrigger, NotLocked."""

    def __init__(self, store: TriggerStore, *, dates: Dates, clock: Clock) -> None:
        self._store = store
        self._dates = dates
        self._clock = clock

    async def disable(self, tenant: str, trigger: TriggerId) -> TriggerState:
        """No date leads to an execution any more; one that runs goes on. A stream or a look is stopped."""
        return await changed(self._store, tenant, trigger, lambda state: replace(state, disabled=True, evaluation=None))

    async def enable(self, tenant: str, trigger: TriggerId) -> TriggerState:
        """Go on with the next date from now: those that passed meanwhile are not made up for."""
        return await changed(self._store, tenant, trigger, self._enabled)

    async def unlock(self, tenant: str, trigger: TriggerId) -> TriggerState:
        """Wait neither for the execution that is running nor for the worker that looks."""
        return await changed(self._store, tenant, trigger, self._unlocked)

    async def restart(self, tenant: str, trigger: TriggerId) -> TriggerState:
        """Begin anew, as if it had just been deployed: no lock, no worker, and the next date from now."""
        return await changed(self._store, tenant, trigger, self._restarted)

    async def forget(self, tenant: str, trigger: TriggerId) -> None:
        """Drop the state; the next save of the flow, or the next start, makes it anew."""
        if not await self._store.delete(tenant, trigger):
            raise NoSuchTrigger(trigger)

    def _enabled(self, state: TriggerState) -> TriggerState:
        if not state.disabled:
            return state
        next_at = state.next_at if state.backfill is not None else self._next(state)
        return replace(state, disabled=False, next_at=next_at, record=replace(state.record, reason=None, watched=()))

    def _restarted(self, state: TriggerState) -> TriggerState:
        next_at = state.next_at if state.backfill is not None or state.disabled else self._next(state)
        record = replace(state.record, reason=None, watched=(), failures=0)
        return replace(state, execution_id=None, evaluation=None, next_at=next_at, record=record)

    def _unlocked(self, state: TriggerState) -> TriggerState:
        if state.execution_id is None and state.evaluation is None and not is_full(state):
            raise NotLocked(state)
        # What was taken from a worker is to be looked at again; a stream has no date of its own while it runs.
        next_at = state.next_at if state.evaluation is None or state.next_at is not None else self._next(state)
        backfill = None if state.backfill is None else replace(state.backfill, running=())
        freed = self._clock.now() if state.execution_id is not None else state.freed
        return replace(state, execution_id=None, evaluation=None, next_at=next_at, backfill=backfill, freed=freed)

    def _next(self, state: TriggerState) -> datetime | None:
        try:
            return self._dates.next_date(state, self._clock.now())
        except NotScheduled:
            return state.next_at


async def changed(
    store: TriggerStore, tenant: str, trigger: TriggerId, change: Callable[[TriggerState], TriggerState]
) -> TriggerState:
    """Change a state, and again as long as somebody else writes it in between."""
    while True:
        state = await store.get(tenant, trigger)
        if state is None:
            raise NoSuchTrigger(trigger)
        written = await store.change(change(state))
        if written is not None:
            return written
