"""Which execution a trigger with dates starts, and when it is to be looked at next: one date a decision, pure."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol

import msgspec
from msgspec.structs import replace

from tiercel.engine.conditions import can_be_foreseen
from tiercel.engine.firing import Fired, Occasion, Wording, heeded, is_due, is_locked, locked, refused
from tiercel.engine.plan import FlowContext
from tiercel.engine.whens import FORESIGHT, When
from tiercel.expression import ExpressionError
from tiercel.model.conditions import Condition
from tiercel.model.flow import Trigger
from tiercel.model.ids import caused_execution_id
from tiercel.model.trigger import Backfill, TriggerState

Missed = Literal["ALL", "LAST", "NONE"]
"""Which of the dates that passed while no scheduler ran are made up for."""

Overlap = Literal["QUEUE", "LATEST", "SKIP"]
"""Which of the dates that came while an execution held the trigger are run when it is over: all, the last, none."""

_INSTANT = timedelta(microseconds=1)
MOST_LEFT_OUT = 200
"""So many dates are passed over in one decision; the next one goes on from there."""


class Schedule(Protocol):
    """The dates of a trigger, as its plugin computes them."""

    is_date_shown: ClassVar[bool]

    @property
    def late_maximum_delay(self) -> timedelta | None: ...
    @property
    def overlap(self) -> Overlap: ...

    def next_date(self, after: datetime, *, zone: Any) -> datetime | None: ...
    def previous_date(self, before: datetime, *, zone: Any) -> datetime | None: ...
    def variables(self, date: datetime, *, zone: Any) -> dict[str, Any]: ...


class Step(Protocol):
    """From one date of a schedule to another."""

    def __call__(self, date: datetime, /, *, zone: Any) -> datetime | None: ...


class TriggerContext(msgspec.Struct, frozen=True):
    """What of a trigger does not change from date to date."""

    flow: FlowContext
    trigger: Trigger
    schedule: Schedule
    conditions: tuple[Condition, ...] = ()
    """Of 1.x: they must hold beside `when`."""


def fire(context: TriggerContext, state: TriggerState, occasion: Occasion) -> Fired:
    """Look at the date that is due, and at those behind it as long as they are left out."""
    state = heeded(context.trigger, state, occasion.ended)
    if not is_due(state, occasion.at) or is_locked(context.trigger, state):
        return Fired(state)
    if context.trigger.disabled is True:
        # Another definition begins anew, so nothing is lost by forgetting the date.
        return Fired(replace(state, next_at=None))
    return _Dates(context, occasion).decide(state)


def next_date(context: TriggerContext, after: datetime) -> datetime | None:
    """The first date after an instant; where conditions can be known beforehand, the first one for which they hold."""
    return _Dates(context, Occasion(at=after, seed=0)).next(after)


def caught_up(context: TriggerContext, state: TriggerState, *, at: datetime, missed: Missed) -> TriggerState:
    """The state when a scheduler begins its work: which of the dates that have passed meanwhile are left."""
    if missed == "ALL" or state.backfill is not None or state.next_at is None or not is_due(state, at):
        return state
    dates = _Dates(context, Occasion(at=at, seed=0))
    if missed == "NONE":
        return _moved_on(state, dates.next(at))
    last = dates.previous(at + _INSTANT)
    return state if last is None else _moved_on(state, max(last, state.next_at))


class _Dates:
    """One decision over the dates of one trigger."""

    def __init__(self, context: TriggerContext, occasion: Occasion) -> None:
        self._context = context
        self._schedule = context.schedule
        self._zone = context.flow.world.zone
        self._at = occasion.at
        self._wording = Wording(context, occasion)
        self._foresight = _foresight(When(context.trigger.when), context.conditions)

    def decide(self, state: TriggerState) -> Fired:
        date = self._first_in_time(self._let_go(state))
        for _ in range(MOST_LEFT_OUT):
            if date is None or date > self._at or _is_beyond(state.backfill, date):
                break
            try:
                if self._is_meant(date):
                    return self._fired(state, date)
            except ExpressionError as error:
                return refused(
                    self._context.trigger, self._fired(state, date), f"its condition cannot be rendered: {error}"
                )
            state = _looked_at(state, date)
            date = self._schedule.next_date(date, zone=self._zone)
        return Fired(_moved_on(state, self._fitting(date, self._schedule.next_date)))

    def _let_go(self, state: TriggerState) -> TriggerState:
        """The state without those dates that came while an execution held it and that nobody wants after that."""
        date, freed, overlap = state.next_at, state.freed, self._schedule.overlap
        if date is None or freed is None or date > freed or overlap == "QUEUE" or state.backfill is not None:
            return state
        if overlap == "SKIP":
            return replace(state, next_at=self._schedule.next_date(freed, zone=self._zone))
        last = self._schedule.previous_date(freed + _INSTANT, zone=self._zone)
        return state if last is None else replace(state, next_at=max(date, last))

    def _first_in_time(self, state: TriggerState) -> datetime | None:
        """The date that is due, or the first one that is not too late."""
        date, delay = state.next_at, self._schedule.late_maximum_delay
        if date is None or state.backfill is not None or delay is None or self._at - date <= delay:
            return date
        return self._schedule.next_date(self._at - delay - _INSTANT, zone=self._zone)

    def _is_meant(self, date: datetime) -> bool:
        return self._wording.is_meant(self._seen(date))

    def _seen(self, date: datetime) -> dict[str, Any]:
        """What conditions see as `trigger`."""
        return self._schedule.variables(date, zone=self._zone)

    def _fired(self, state: TriggerState, date: datetime) -> Fired:
        following = self.next(date)
        after = _moved_on(_looked_at(state, date), following)
        variables = self._variables(date, following)
        firing = self._wording.firing(_execution_id(state, date, self._at), date, variables, state.backfill)
        return locked(self._context.trigger, after, firing, at=self._at)

    # Dates ----------------------------------------------------------------------------------------------------------

    def next(self, date: datetime) -> datetime | None:
        """The next date; where `when` can be known beforehand, the next one for which it holds."""
        return self._fitting(self._schedule.next_date(date, zone=self._zone), self._schedule.next_date)

    def previous(self, date: datetime) -> datetime | None:
        return self._fitting(self._schedule.previous_date(date, zone=self._zone), self._schedule.previous_date)

    def _fitting(self, date: datetime | None, beyond: Step) -> datetime | None:
        """This date, or the first one beyond it that fits, as far as that can be known."""
        for _ in range(self._foresight):
            if date is None or self._will_hold(date):
                break
            date = beyond(date, zone=self._zone)
        return date

    def _will_hold(self, date: datetime) -> bool:
        try:
            return self._wording.holds(self._seen(date))
        except ExpressionError:
            return True  # it is told when the date has come

    def _variables(self, date: datetime, following: datetime | None) -> dict[str, Any]:
        """What `trigger` is; its neighbours are dates for which `when` holds too."""
        variables = self._schedule.variables(date, zone=self._zone)
        if not self._foresight:
            return variables
        neighbours = {"next": following, "previous": self.previous(date)}
        for name, neighbour in neighbours.items():
            if neighbour is not None and name in variables:
                variables[name] = self._schedule.variables(neighbour, zone=self._zone)["date"]
        return variables


def _foresight(when: When, conditions: tuple[Condition, ...]) -> int:
    """How many dates may be looked at beforehand for one that fits."""
    if not conditions:
        return when.foresight
    return FORESIGHT if (when.is_absent or when.foresight) and can_be_foreseen(conditions) else 0


def _is_beyond(backfill: Backfill | None, date: datetime) -> bool:
    return backfill is not None and backfill.end is not None and date > backfill.end


def _looked_at(state: TriggerState, date: datetime) -> TriggerState:
    return replace(state, record=replace(state.record, evaluated=date.astimezone(UTC)))


def _moved_on(state: TriggerState, date: datetime | None) -> TriggerState:
    """The state whose next date is this one. A backfill that is at its end gives back the date it took the place of."""
    date = None if date is None else date.astimezone(UTC)
    backfill = state.backfill
    if backfill is None:
        reason = "its schedule has no further date" if date is None else None
        return replace(state, next_at=date, record=replace(state.record, reason=reason))
    if date is None or _is_beyond(backfill, date):
        return replace(state, next_at=backfill.previous_next_execution_date, backfill=None)
    return replace(state, next_at=date, backfill=replace(backfill, current_date=date))


def _execution_id(state: TriggerState, date: datetime, at: datetime) -> str:
    """Deciding twice on the same state names the same execution."""
    cause = ("schedule", state.key, state.version, date.astimezone(UTC).isoformat())
    return caused_execution_id(int(at.timestamp() * 1000), shard=state.shard, cause=cause)
