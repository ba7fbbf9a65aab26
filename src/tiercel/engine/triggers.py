"""Which execution a trigger with dates starts, and when it is to be looked at next: one date a decision, pure.

Expressions that need the world raise `Unanswered`: whoever decides asks, and decides again with the answer. Storing the
state and the execution together is the scheduler's.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

import msgspec
from msgspec.structs import replace

from tiercel.engine.conditions import Scene, all_hold, can_be_foreseen
from tiercel.engine.plan import FlowContext
from tiercel.engine.whens import FORESIGHT, When
from tiercel.expression import AnsweredHost, ExpressionError, Surroundings, is_true, render, render_typed, to_text
from tiercel.model.conditions import Condition
from tiercel.model.execution import Label
from tiercel.model.flow import Trigger
from tiercel.model.ids import caused_execution_id
from tiercel.model.states import State
from tiercel.model.trigger import Backfill, TriggerState

Missed = Literal["ALL", "LAST", "NONE"]
"""Which of the dates that passed while no scheduler ran are made up for."""

_INSTANT = timedelta(microseconds=1)
MOST_LEFT_OUT = 200
"""So many dates are passed over in one decision; the next one goes on from there."""


class Schedule(Protocol):
    """The dates of a trigger, as its plugin computes them."""

    @property
    def late_maximum_delay(self) -> timedelta | None: ...

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


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """When a decision is made, and what is known of the world by then."""

    at: datetime
    seed: int
    answers: Mapping[str, Any] = {}
    """Answers to calls of expressions, by the key of the call."""
    ended: Mapping[str, State | None] = {}
    """How watched executions ended, those that did; None for one that nobody knows any more."""


class Firing(msgspec.Struct, frozen=True, kw_only=True):
    """An execution that a date starts."""

    execution_id: str
    date: datetime
    variables: dict[str, Any]
    inputs: dict[str, Any]
    labels: tuple[Label, ...]
    warnings: tuple[str, ...] = ()
    error: str | None = None
    """Why it fails before anything of it runs."""


class Fired(msgspec.Struct, frozen=True):
    """What the trigger becomes, and the execution to be created with it."""

    state: TriggerState
    firing: Firing | None = None


def fire(context: TriggerContext, state: TriggerState, occasion: Occasion) -> Fired:
    """Look at the date that is due, and at those behind it as long as they are left out."""
    state = _heeded(context.trigger, state, occasion.ended)
    if not is_due(state, occasion.at) or _is_locked(context.trigger, state):
        return Fired(state)
    if context.trigger.disabled is True:
        # Another definition begins anew, so nothing is lost by forgetting the date.
        return Fired(replace(state, next_at=None))
    return _Dates(context, occasion).decide(state)


def is_due(state: TriggerState, at: datetime) -> bool:
    """Whether a date has come. Says nothing of locks."""
    return not (state.disabled or is_paused(state) or state.next_at is None or state.next_at > at)


def is_paused(state: TriggerState) -> bool:
    """Whether its backfill is; the schedule itself cannot be."""
    return state.backfill is not None and state.backfill.paused


def refused(context: TriggerContext, fired: Fired, error: str) -> Fired:
    """The same decision where the execution cannot begin: it fails at once, so it locks nothing and is its own end."""
    if fired.firing is None:
        return fired
    identifier = fired.firing.execution_id
    state = replace(fired.state, execution_id=None)
    state = _heeded(context.trigger, state, {identifier: State.FAILED})
    return Fired(state, replace(fired.firing, error=error))


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
        self._dialect = context.flow.world.dialect
        self._at = occasion.at
        self._occasion = occasion
        self._when = When(context.trigger.when)
        self._foresight = _foresight(self._when, context.conditions)

    def decide(self, state: TriggerState) -> Fired:
        date = self._first_in_time(state)
        for _ in range(MOST_LEFT_OUT):
            if date is None or date > self._at or _is_beyond(state.backfill, date):
                break
            try:
                if self._is_meant(date):
                    return self._fired(state, date)
            except ExpressionError as error:
                return refused(self._context, self._fired(state, date), f"its condition cannot be rendered: {error}")
            state = _looked_at(state, date)
            date = self._schedule.next_date(date, zone=self._zone)
        return Fired(_moved_on(state, self._fitting(date, self._schedule.next_date)))

    def _first_in_time(self, state: TriggerState) -> datetime | None:
        """The date that is due, or the first one that is not too late."""
        date, delay = state.next_at, self._schedule.late_maximum_delay
        if date is None or state.backfill is not None or delay is None or self._at - date <= delay:
            return date
        return self._schedule.next_date(self._at - delay - _INSTANT, zone=self._zone)

    def _is_meant(self, date: datetime) -> bool:
        if isinstance(self._context.trigger.disabled, str) and is_true(
            self._text(self._context.trigger.disabled, date)
        ):
            return False
        return self._holds(date)

    def _holds(self, date: datetime) -> bool:
        if not (self._when.is_absent or is_true(self._text(self._when.text, date))):
            return False
        return not self._context.conditions or all_hold(self._context.conditions, self._scene(date))

    def _scene(self, date: datetime) -> Scene:
        flow = self._context.flow.flow
        names = self._names(self._schedule.variables(date, zone=self._zone))
        return Scene(names=names, surroundings=self._surroundings(), namespace=flow.namespace, flow_id=flow.id)

    # What the execution gets ----------------------------------------------------------------------------------------

    def _fired(self, state: TriggerState, date: datetime) -> Fired:
        trigger = self._context.trigger
        identifier = _execution_id(state, date, self._at)
        following = self.next(date)
        after = _moved_on(_looked_at(state, date), following)
        record = replace(after.record, last_triggered=self._at)
        if trigger.stop_after:
            record = replace(record, watched=(*record.watched, identifier))
        lock = None if trigger.allow_concurrent else identifier
        fired = Fired(
            replace(after, execution_id=lock, record=record), self._firing(state, date, identifier, following)
        )
        if fired.firing is not None and fired.firing.error is not None:
            return refused(self._context, fired, fired.firing.error)
        return fired

    def _firing(self, state: TriggerState, date: datetime, identifier: str, following: datetime | None) -> Firing:
        variables = self._variables(date, following)
        labels, warnings = self._labels(state.backfill, variables)
        inputs: dict[str, Any] = {}
        error: str | None = None
        try:
            inputs = self._inputs(state.backfill, variables)
        except ExpressionError as fault:
            error = f"the inputs cannot be rendered: {fault}"
        return Firing(
            execution_id=identifier,
            date=date,
            variables=variables,
            inputs=inputs,
            labels=labels,
            warnings=warnings,
            error=error,
        )

    def _inputs(self, backfill: Backfill | None, variables: dict[str, Any]) -> dict[str, Any]:
        given = {**(self._context.trigger.inputs or {}), **((backfill and backfill.inputs) or {})}
        return render_typed(given, self._names(variables), self._surroundings())

    def _labels(
        self, backfill: Backfill | None, variables: dict[str, Any]
    ) -> tuple[tuple[Label, ...], tuple[str, ...]]:
        """Rendered; one that cannot be is left out with a warning."""
        written = [(label.key, label.value) for label in self._context.trigger.labels]
        written += [(label["key"], label["value"]) for label in (backfill and backfill.labels) or ()]
        labels: list[Label] = []
        warnings: list[str] = []
        for key, value in written:
            try:
                labels.append(Label(key, to_text(render(value, self._names(variables), self._surroundings()))))
            except ExpressionError as error:
                warnings.append(f"label `{key}` is left out, it cannot be rendered: {error}")
        return tuple(labels), tuple(warnings)

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
            return self._holds(date)
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

    # Rendering ------------------------------------------------------------------------------------------------------

    def _text(self, value: str, date: datetime) -> str:
        return to_text(
            render(value, self._names(self._schedule.variables(date, zone=self._zone)), self._surroundings())
        )

    def _names(self, variables: dict[str, Any]) -> dict[str, Any]:
        flow, trigger = self._context.flow, self._context.trigger
        world = flow.world
        return {
            "trigger": {**variables, "_context": {"id": trigger.id, "type": trigger.type}},
            "flow": {
                "id": flow.flow.id,
                "namespace": flow.flow.namespace,
                "revision": flow.revision,
                "tenantId": flow.tenant,
            },
            "vars": flow.flow.variables,
            "envs": world.envs,
            "globals": world.globals,
            "kestra": {"environment": world.environment, "url": world.url},
        }

    def _surroundings(self) -> Surroundings:
        occasion = self._occasion
        return Surroundings(
            at=occasion.at,
            zone=self._zone,
            dialect=self._dialect,
            seed=occasion.seed,
            host=AnsweredHost(occasion.answers),
            stopwatch=self._context.flow.world.stopwatch,
        )


def _heeded(trigger: Trigger, state: TriggerState, ended: Mapping[str, State | None]) -> TriggerState:
    """`stopAfter`: an execution that ended in one of these states switches the trigger off."""
    over = [identifier for identifier in state.record.watched if identifier in ended]
    if not over:
        return state
    watched = tuple(identifier for identifier in state.record.watched if identifier not in ended)
    record = replace(state.record, watched=watched)
    stopping = next((each for each in over if ended[each] in trigger.stop_after), None)
    if stopping is None:
        return replace(state, record=record)
    reason = f"stopAfter: execution {stopping} ended {ended[stopping]}"
    return replace(state, disabled=True, record=replace(record, reason=reason))


def _foresight(when: When, conditions: tuple[Condition, ...]) -> int:
    """How many dates may be looked at beforehand for one that fits."""
    if not conditions:
        return when.foresight
    return FORESIGHT if (when.is_absent or when.foresight) and can_be_foreseen(conditions) else 0


def _is_locked(trigger: Trigger, state: TriggerState) -> bool:
    return state.execution_id is not None and not trigger.allow_concurrent


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
