"""Triggers that workers look at: when one is asked, and what its answer leads to. Pure, as for triggers with dates.

A poll is asked each interval and answers at once: the trigger waits for the execution that it starts. A stream is asked
once and answers when it has ended; its events start executions by themselves, without the scheduler.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from tiercel.engine.commands import Job, JobTrigger
from tiercel.engine.firing import Fired, Firing, Occasion, Wording, heeded, is_due, is_locked, locked
from tiercel.engine.jobs import picked
from tiercel.engine.plan import FlowContext
from tiercel.engine.reads import names_of, paths_in
from tiercel.engine.variables import instant_text
from tiercel.expression import ExpressionError
from tiercel.model.conditions import Condition
from tiercel.model.flow import Trigger
from tiercel.model.ids import caused_execution_id
from tiercel.model.log import Level
from tiercel.model.trigger import Evaluation, Finding, TriggerState

FIRST_REST = timedelta(seconds=1)
"""Between the end of a stream and its next beginning; twice as long after each that broke without an event."""
LONGEST_REST = timedelta(seconds=60)


class PollContext(msgspec.Struct, frozen=True):
    """What of a trigger does not change from look to look."""

    flow: FlowContext
    trigger: Trigger
    interval: timedelta | None
    """From one look to the next; None for a stream."""
    conditions: tuple[Condition, ...] = ()


def look(context: PollContext, state: TriggerState, occasion: Occasion) -> Fired:
    """Ask a worker where the trigger is due; act on the answer where there is one."""
    state = heeded(context.trigger, state, occasion.ended)
    if state.disabled:
        return Fired(replace(state, evaluation=None))
    if state.evaluation is not None:
        finding = state.evaluation.finding
        return Fired(state) if finding is None else _Look(context, state.evaluation, occasion).answered(state, finding)
    if not is_due(state, occasion.at) or is_locked(context.trigger, state):
        return Fired(state)
    if context.trigger.disabled is True:
        # Another definition begins anew, so nothing is lost by forgetting the date.
        return Fired(replace(state, next_at=None))
    return _Look(context, Evaluation(occasion.at), occasion).asked(state)


def event(context: PollContext, execution_id: str, variables: dict[str, Any], occasion: Occasion) -> Firing | None:
    """The execution that an event of a stream starts; None where the conditions do not hold for it.

    Raises ExpressionError where a condition breaks and nobody asked for a failed execution that says so.
    """
    wording = Wording(context, occasion)
    try:
        if not wording.is_meant({"date": instant_text(occasion.at), **variables}):
            return None
    except ExpressionError as error:
        if not context.trigger.fail_on_trigger_error:
            raise
        firing = wording.firing(execution_id, occasion.at, variables)
        return replace(firing, error=f"its condition cannot be rendered: {error}")
    return wording.firing(execution_id, occasion.at, variables)


class _Look:
    """One evaluation, from its beginning or at its end."""

    def __init__(self, context: PollContext, evaluation: Evaluation, occasion: Occasion) -> None:
        self._context = context
        self._evaluation = evaluation
        self._occasion = occasion
        self._at = occasion.at
        self._wording = Wording(context, occasion)

    # Asking ----------------------------------------------------------------------------------------------------------

    def asked(self, state: TriggerState) -> Fired:
        date = state.next_at or self._at
        try:
            # What a stream's conditions are about is its events: they are asked for each.
            is_meant = self._context.interval is None or self._wording.is_meant(_seen(date))
        except ExpressionError as error:
            message = f"its condition cannot be rendered: {error}"
            fired = self._failed(self._rested(state, date), date, message)
            return replace(fired, lines=((Level.ERROR, message),))
        if not is_meant:
            return Fired(self._rested(state, date))
        next_at = None if self._context.interval is None else state.next_at
        return Fired(
            replace(state, next_at=next_at, evaluation=self._evaluation),
            job=self._job(state, date),
        )

    def _job(self, state: TriggerState, date: datetime) -> Job:
        flow, trigger, world = self._context.flow, self._context.trigger, self._context.flow.world
        identifier = self._execution_id(state)
        names = self._wording.names(_seen(date))
        return Job(
            execution_id=identifier,
            tenant=flow.tenant,
            namespace=flow.flow.namespace,
            flow_id=flow.flow.id,
            flow_revision=flow.revision,
            ord=0,
            attempt=1,
            task_run_id=identifier,
            task_id=trigger.id,
            type=trigger.type,
            properties=trigger.properties,
            at=self._at,
            seed=self._occasion.seed,
            zone=world.zone.key,
            dialect=world.dialect,
            log_level=trigger.log_level,
            # A stream has no end at which its file would be stored.
            log_to_file=trigger.log_to_file and self._context.interval is not None,
            variables=picked(names, names_of(paths_in(trigger.properties))),
            trigger=JobTrigger(id=trigger.id, date=date, last=state.record.last_triggered),
        )

    # Answers ---------------------------------------------------------------------------------------------------------

    def answered(self, state: TriggerState, finding: Finding) -> Fired:
        date = state.next_at or self._evaluation.since
        state = replace(state, evaluation=None)
        if self._context.interval is None:
            return self._ended(state, date, finding)
        after = self._rested(state, date)
        if finding.error is not None:
            return self._failed(after, date, finding.error)
        if finding.variables is None:
            return Fired(after)
        firing = self._wording.firing(self._execution_id(state), date, finding.variables)
        return locked(self._context.trigger, after, replace(firing, log_file=finding.log_file), at=self._at)

    def _ended(self, state: TriggerState, date: datetime, finding: Finding) -> Fired:
        """A stream begins again, the later the more often it broke. People are told of a row of failures once."""
        before = 0 if finding.events else state.record.failures
        rest = min(FIRST_REST * 2 ** min(before, 10), LONGEST_REST)
        record = replace(state.record, evaluated=date.astimezone(UTC), failures=before + 1)
        after = replace(state, next_at=self._at + rest, record=record)
        if finding.error is None:
            return Fired(after)
        never_began = not finding.events and not before
        return self._failed(after, date, finding.error, is_told=never_began)

    def _failed(self, state: TriggerState, date: datetime, error: str, *, is_told: bool = False) -> Fired:
        """An execution that says so, where one is asked for."""
        trigger = self._context.trigger
        if not (trigger.fail_on_trigger_error or is_told):
            return Fired(state)
        firing = self._wording.firing(self._execution_id(state), date, _seen(date))
        return locked(trigger, state, replace(firing, error=error), at=self._at)

    def _rested(self, state: TriggerState, date: datetime) -> TriggerState:
        """The state until the interval has passed."""
        record = replace(state.record, evaluated=date.astimezone(UTC))
        return replace(state, next_at=self._at + (self._context.interval or FIRST_REST), record=record)

    def _execution_id(self, state: TriggerState) -> str:
        """Known when the worker is asked: what it stores lies where the execution's files do."""
        since = self._evaluation.since.astimezone(UTC)
        cause = ("poll", state.key, since.isoformat())
        return caused_execution_id(int(since.timestamp() * 1000), shard=state.shard, cause=cause)


def _seen(date: datetime) -> dict[str, Any]:
    """What expressions see as `trigger` before anything was found."""
    return {"date": instant_text(date)}
