"""From a trigger whose date has come to what is stored: its next state, and the execution that starts.

Expressions and input defaults may ask the world; then a firing has to wait. Nothing is stored here.
"""

import logging
from typing import Any

import msgspec
from msgspec.structs import replace

from tiercel.engine.firing import Context, Fired, Firing, Occasion, refused
from tiercel.engine.polls import PollContext, look
from tiercel.engine.triggers import TriggerContext, caught_up, fire
from tiercel.expression import ExpressionError, Unanswered
from tiercel.model.execution import TriggerInfo
from tiercel.model.log import Level
from tiercel.model.states import State
from tiercel.model.trigger import TriggerState
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.journal import LogRow
from tiercel.ports.mailbox import Envelope
from tiercel.ports.triggers import AskedRow, TriggerBatch, WatchRow
from tiercel.sdk import RunInfo
from tiercel.services.creator import BlockedByChecks, Creator, InvalidInputs, Made, Wish
from tiercel.services.evaluator import Evaluator
from tiercel.services.records import execution_row, job_body, label_rows, letter_row
from tiercel.services.schedules import SCHEDULE, AnyContext, Schedules

log = logging.getLogger(__name__)

Ended = dict[str, State | None]
THREAD = "scheduler"


class Prepared(msgspec.Struct, frozen=True):
    """A decision with the execution it starts, ready to be stored."""

    fired: Fired
    made: Made | None = None


class Firings:
    """Prepares what due triggers lead to. Raises NotScheduled, and what the creator raises of flows."""

    def __init__(
        self, *, schedules: Schedules, creator: Creator, evaluator: Evaluator, clock: Clock, dice: Dice
    ) -> None:
        self._schedules = schedules
        self._creator = creator
        self._evaluator = evaluator
        self._clock = clock
        self._dice = dice

    def caught_up(self, state: TriggerState) -> TriggerState:
        """The state without the missed dates that nobody wants made up for."""
        context = self._schedules.context(state)
        if isinstance(context, PollContext):
            return state
        return caught_up(context, state, at=self._clock.now(), missed=self._schedules.missed(context))

    def now(self, state: TriggerState, ended: Ended) -> Prepared:
        """What the trigger leads to. Raises Unanswered where the world has to be asked first."""
        context = self._schedules.context(state)
        fired = _decided(context, state, self._occasion(ended, {}))
        wish = None if fired.firing is None else wish_of(context, fired.firing)
        if wish is None or _has_failed(fired):
            return self._failed(fired, wish)
        try:
            return Prepared(fired, self._creator.make_now(wish))
        except (InvalidInputs, ExpressionError) as error:
            return self._failed(refused(context.trigger, fired, f"the inputs do not fit: {error}"), wish)
        except BlockedByChecks as error:
            return self._failed(refused(context.trigger, fired, str(error)), wish)

    async def later(self, state: TriggerState, ended: Ended) -> Prepared:
        """The same, asking the world as often as it takes; of a flow as it is stored by now."""
        await self._schedules.refresh(state)
        context = self._schedules.context(state)
        fired = await self._fired(context, state, ended)
        wish = None if fired.firing is None else wish_of(context, fired.firing)
        if wish is None or _has_failed(fired):
            return self._failed(fired, wish)
        try:
            return Prepared(fired, await self._creator.make(wish))
        except (InvalidInputs, ExpressionError) as error:
            return self._failed(refused(context.trigger, fired, f"the inputs do not fit: {error}"), wish)
        except BlockedByChecks as error:
            return self._failed(refused(context.trigger, fired, str(error)), wish)

    async def _fired(self, context: AnyContext, state: TriggerState, ended: Ended) -> Fired:
        answers: dict[str, Any] = {}
        occasion = self._occasion(ended, answers)
        while True:
            try:
                return _decided(context, state, occasion)
            except Unanswered as question:
                answers[question.call.key] = await self._evaluator.answer(question.call, info_of(context))

    def _failed(self, fired: Fired, wish: Wish | None) -> Prepared:
        return Prepared(fired, None if wish is None else self._creator.make_failed(wish))

    def _occasion(self, ended: Ended, answers: dict[str, Any]) -> Occasion:
        return Occasion(at=self._clock.now(), seed=self._dice.roll(), answers=answers, ended=ended)

    def write(self, prepared: Prepared, batch: TriggerBatch) -> None:
        """Add the rows of a decision to a commit."""
        fired, made = prepared.fired, prepared.made
        state, firing = fired.state, fired.firing
        batch.states.append(state)
        self._write_look(fired, batch)
        if firing is None or made is None:
            return
        place, execution = made.deployed.stored.place, made.execution
        batch.created.append(execution_row(execution, place, marked=False)._replace(trigger_key=state.key))
        batch.labels += label_rows(execution, place.tenant)
        if execution.id in state.watched:
            batch.watches.append(WatchRow(execution.id, state.key))
        if execution.live:
            batch.messages.append(
                letter_row(execution.id, Envelope(made.created(self._clock.now(), self._dice.roll())))
            )
        for level, message in _told(firing):
            batch.logs.append(self._line(state, execution.id, place.flow, level, message, seq=len(batch.logs)))

    def _write_look(self, fired: Fired, batch: TriggerBatch) -> None:
        """What workers are asked, or that they were heard."""
        state = fired.state
        if fired.job is not None and state.evaluation is not None:
            batch.asked.append(AskedRow(state.key, state.evaluation.since, job_body(fired.job)))
        elif state.evaluation is None and state.kind != SCHEDULE:
            batch.acted_on.append(state.key)
        for level, message in fired.lines:
            flow = self._schedules.flow_number(state)
            batch.logs.append(self._line(state, None, flow, level, message, seq=len(batch.logs)))

    def _line(
        self, state: TriggerState, execution_id: str | None, flow: int, level: Level, message: str, *, seq: int
    ) -> LogRow:
        return LogRow(
            at=self._clock.now(),
            seq=seq,
            flow=flow,
            execution_id=execution_id,
            ord=None,
            task_run_id=None,
            task_id=None,
            attempt=None,
            trigger_id=state.trigger_id,
            level=level,
            thread=THREAD,
            message=message,
        )


def _has_failed(fired: Fired) -> bool:
    return fired.firing is not None and fired.firing.error is not None


def _told(firing: Firing) -> list[tuple[Level, str]]:
    """What the log of the execution says of how it was started."""
    warnings = [(Level.WARN, warning) for warning in firing.warnings]
    return [*warnings, (Level.ERROR, firing.error)] if firing.error is not None else warnings


def wish_of(context: Context, firing: Firing) -> Wish:
    """The execution that a firing starts."""
    trigger, flow = context.trigger, context.flow
    return Wish(
        tenant=flow.tenant,
        namespace=flow.flow.namespace,
        flow_id=flow.flow.id,
        inputs=firing.inputs,
        labels=firing.labels,
        origin="trigger",
        trigger=TriggerInfo(trigger.id, trigger.type, firing.variables, firing.log_file),
        schedule_date=firing.date if _is_date_shown(context) else None,
        id=firing.execution_id,
        error=firing.error,
    )


def _is_date_shown(context: Context) -> bool:
    return isinstance(context, TriggerContext) and context.schedule.is_date_shown


def info_of(context: Context) -> RunInfo:
    """Who asks, where an expression of a trigger asks the world."""
    flow = context.flow
    return RunInfo(
        tenant=flow.tenant,
        namespace=flow.flow.namespace,
        flow_id=flow.flow.id,
        flow_revision=flow.revision,
    )


def _decided(context: AnyContext, state: TriggerState, occasion: Occasion) -> Fired:
    return look(context, state, occasion) if isinstance(context, PollContext) else fire(context, state, occasion)


def broken(state: TriggerState, error: Exception) -> Prepared:
    """A trigger whose plugin breaks is not tried again until its definition or its date is changed."""
    log.error("trigger %s.%s.%s broke", state.namespace, state.flow_id, state.trigger_id, exc_info=error)
    reason = f"its next date cannot be computed: {type(error).__name__}: {error}"
    return Prepared(Fired(replace(state, next_at=None, record=replace(state.record, reason=reason))))
