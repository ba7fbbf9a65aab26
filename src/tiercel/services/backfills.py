"""Backfills as people ask for them: written into a trigger's state, which the scheduler acts on."""

from datetime import datetime

from msgspec.structs import replace

from tiercel.model.errors import TiercelError
from tiercel.model.trigger import Backfill, TriggerId, TriggerState
from tiercel.ports.clock import Clock
from tiercel.ports.triggers import TriggerStore
from tiercel.services.schedules import SCHEDULE, NotScheduled
from tiercel.services.switches import Dates, changed


class BadBackfill(TiercelError):
    """A backfill that would run nothing."""


class NoBackfill(TiercelError):
    def __init__(self, state: TriggerState) -> None:
        super().__init__(f"trigger {state.namespace}.{state.flow_id}.{state.trigger_id} has no backfill under way")
        self.state = state


class BackfillUnderWay(TiercelError):
    """Another one was asked for: the dates that the first one has not come to would never run."""

    def __init__(self, state: TriggerState) -> None:
        super().__init__(
            f"trigger {state.namespace}.{state.flow_id}.{state.trigger_id} has a backfill under way: "
            "wait until it is over, or delete it, and create this one then"
        )
        self.state = state


class Backfills:
    """Answers with the state as it is stored then. Raises NoSuchTrigger, BadBackfill, BackfillUnderWay, NoBackfill."""

    def __init__(self, store: TriggerStore, *, dates: Dates, clock: Clock) -> None:
        self._store = store
        self._dates = dates
        self._clock = clock

    async def create(self, tenant: str, trigger: TriggerId, wish: Backfill) -> TriggerState:
        """Begin a backfill; the date that would have come next is kept until it is over."""
        end = wish.end or self._clock.now()
        if end <= wish.start:
            raise BadBackfill(f"the end {end.isoformat()} is not after the start {wish.start.isoformat()}")
        return await changed(self._store, tenant, trigger, lambda state: self._begun(state, wish, end))

    async def pause(self, tenant: str, trigger: TriggerId) -> TriggerState:
        """Start no more of its dates until it goes on."""
        return await changed(self._store, tenant, trigger, lambda state: _paused(state, paused=True))

    async def unpause(self, tenant: str, trigger: TriggerId) -> TriggerState:
        return await changed(self._store, tenant, trigger, lambda state: _paused(state, paused=False))

    async def delete(self, tenant: str, trigger: TriggerId) -> TriggerState:
        """Give it up; the schedule goes on with the date that was kept."""
        return await changed(self._store, tenant, trigger, _without)

    def _begun(self, state: TriggerState, wish: Backfill, end: datetime) -> TriggerState:
        if state.kind != SCHEDULE:
            raise BadBackfill(
                f"trigger {state.trigger_id} has no dates: what it looks at now was not there in the past"
            )
        if state.backfill is not None:
            raise BackfillUnderWay(state)
        first = self._first(state, wish.start)
        if first is None or first > end:
            raise BadBackfill(f"the schedule has no date from {wish.start.isoformat()} to {end.isoformat()}")
        backfill = replace(wish, end=end, current_date=first, paused=False, previous_next_execution_date=state.next_at)
        return replace(state, next_at=first, backfill=backfill)

    def _first(self, state: TriggerState, start: datetime) -> datetime | None:
        try:
            return self._dates.first_date(state, start)
        except NotScheduled as error:
            raise BadBackfill(str(error)) from error


def _paused(state: TriggerState, *, paused: bool) -> TriggerState:
    return replace(state, backfill=replace(_under_way(state), paused=paused))


def _without(state: TriggerState) -> TriggerState:
    return replace(state, next_at=_under_way(state).previous_next_execution_date, backfill=None)


def _under_way(state: TriggerState) -> Backfill:
    if state.backfill is None:
        raise NoBackfill(state)
    return state.backfill
