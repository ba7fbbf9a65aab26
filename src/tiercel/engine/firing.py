"""What deciding on a trigger comes to, whatever its kind: its next state, and what is to begin with it.

Expressions that need the world raise `Unanswered`: whoever decides asks, and decides again with the answer. Storing the
state and what begins together is the scheduler's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from tiercel.engine.commands import Job
from tiercel.engine.conditions import Scene, all_hold
from tiercel.engine.events import Note
from tiercel.engine.plan import FlowContext
from tiercel.engine.whens import When
from tiercel.expression import AnsweredHost, ExpressionError, Surroundings, is_true, render, render_typed, to_text
from tiercel.model.conditions import Condition
from tiercel.model.execution import Label
from tiercel.model.flow import Trigger
from tiercel.model.log import Level
from tiercel.model.states import State
from tiercel.model.trigger import Backfill, TriggerState


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """When a decision is made, and what is known of the world by then."""

    at: datetime
    seed: int
    answers: Mapping[str, Any] = {}
    """Answers to calls of expressions, by the key of the call."""
    ended: Mapping[str, State | None] = {}
    """How watched executions ended, those that did; None for one that nobody knows any more."""


class Firing(msgspec.Struct, frozen=True, kw_only=True):
    """An execution that a trigger starts."""

    execution_id: str
    date: datetime
    variables: dict[str, Any]
    inputs: dict[str, Any]
    labels: tuple[Label, ...]
    warnings: tuple[str, ...] = ()
    log_file: str | None = None
    """Where the lines of the look that found its cause lie."""
    error: str | None = None
    """Why it fails before anything of it runs."""


class Fired(msgspec.Struct, frozen=True):
    """What the trigger becomes, and what begins with it: an execution, or a look by a worker."""

    state: TriggerState
    firing: Firing | None = None
    job: Job | None = None
    """For a worker, which answers with a `Finding`."""
    lines: tuple[tuple[Level, str], ...] = ()
    """For the log of the trigger itself."""


class Context(Protocol):
    """What of a trigger of any kind does not change from decision to decision."""

    @property
    def flow(self) -> FlowContext: ...
    @property
    def trigger(self) -> Trigger: ...
    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Of 1.x: they must hold beside `when`."""
        ...


def refused(trigger: Trigger, fired: Fired, error: str) -> Fired:
    """The same decision where the execution cannot begin: it fails at once, so it locks nothing and is its own end."""
    if fired.firing is None:
        return fired
    identifier = fired.firing.execution_id
    state = heeded(trigger, replace(fired.state, execution_id=None), {identifier: State.FAILED})
    return replace(fired, state=state, firing=replace(fired.firing, error=error))


def heeded(trigger: Trigger, state: TriggerState, ended: Mapping[str, State | None]) -> TriggerState:
    """The state by what has ended: `stopAfter` may switch the trigger off, a backfill has room for others."""
    state, backfill = _stopped(trigger, state, ended), state.backfill
    if backfill is None or ended.keys().isdisjoint(backfill.running):
        return state
    running = tuple(identifier for identifier in backfill.running if identifier not in ended)
    return replace(state, backfill=replace(backfill, running=running))


def _stopped(trigger: Trigger, state: TriggerState, ended: Mapping[str, State | None]) -> TriggerState:
    """An execution that ended in one of the states of `stopAfter` switches the trigger off."""
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


def is_due(state: TriggerState, at: datetime) -> bool:
    """Whether a date has come. Says nothing of locks."""
    return not (state.disabled or is_paused(state) or state.next_at is None or state.next_at > at)


def is_paused(state: TriggerState) -> bool:
    """Whether its backfill is; the schedule itself cannot be."""
    return state.backfill is not None and state.backfill.paused


def is_locked(trigger: Trigger, state: TriggerState) -> bool:
    """Whether an execution before has to end first."""
    return (state.execution_id is not None and not trigger.allow_concurrent) or is_full(state)


def is_full(state: TriggerState) -> bool:
    """Whether as many executions of its backfill run as may."""
    return state.backfill is not None and state.backfill.is_full


def locked(trigger: Trigger, state: TriggerState, firing: Firing, *, at: datetime) -> Fired:
    """The state with the execution that starts: the lock, and the watch where `stopAfter` asks for one."""
    identifier = firing.execution_id
    record = replace(state.record, last_triggered=at)
    if trigger.stop_after:
        record = replace(record, watched=(*record.watched, identifier))
    backfill = _counted(state.backfill, identifier)
    is_alone = not trigger.allow_concurrent and (backfill is None or not backfill.is_parallel)
    lock = identifier if is_alone else None
    fired = Fired(replace(state, execution_id=lock, backfill=backfill, record=record, freed=None), firing)
    return fired if firing.error is None else refused(trigger, fired, firing.error)


def _counted(backfill: Backfill | None, identifier: str) -> Backfill | None:
    """With one more execution. Of one that runs its dates one after the other, the lock tells which runs."""
    if backfill is None:
        return None
    running = (*backfill.running, identifier) if backfill.is_parallel else ()
    return replace(backfill, running=running, started=backfill.started + 1)


def while_evaluated(trigger: Trigger, variables: Mapping[str, Any]) -> dict[str, Any]:
    """`trigger` as its own expressions see it: beside its variables it has a name, where they have no other one."""
    own = {"id": trigger.id, "type": trigger.type}
    return {**own, **variables, "_context": own}


def left_out(key: str, error: ExpressionError) -> Note:
    """What is said of a label that cannot be rendered."""
    return Note("WARN", f"label `{key}` is left out, it cannot be rendered: {error}")


class Wording:
    """The expressions of a trigger, on one occasion. `variables` is always what they see as `trigger`."""

    def __init__(self, context: Context, occasion: Occasion) -> None:
        self._context = context
        self._occasion = occasion
        self._when = When(context.trigger.when)

    def is_meant(self, variables: Mapping[str, Any]) -> bool:
        """Whether it is not disabled by an expression, and its conditions hold."""
        disabled = self._context.trigger.disabled
        if isinstance(disabled, str) and is_true(self._text(disabled, variables)):
            return False
        return self.holds(variables)

    def holds(self, variables: Mapping[str, Any]) -> bool:
        """Whether `when` and the conditions of 1.x do."""
        if not (self._when.is_absent or is_true(self._text(self._when.text, variables))):
            return False
        return not self._context.conditions or all_hold(self._context.conditions, self._scene(variables))

    def firing(
        self, execution_id: str, date: datetime, variables: dict[str, Any], backfill: Backfill | None = None
    ) -> Firing:
        """An execution with its labels and inputs; with the reason why it fails where these cannot be rendered."""
        labels, warnings = self._labels(backfill, variables)
        inputs: dict[str, Any] = {}
        error: str | None = None
        try:
            inputs = self._inputs(backfill, variables)
        except ExpressionError as fault:
            error = f"the inputs cannot be rendered: {fault}"
        return Firing(
            execution_id=execution_id,
            date=date,
            variables=variables,
            inputs=inputs,
            labels=labels,
            warnings=warnings,
            error=error,
        )

    def names(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """What the expressions may name."""
        flow, trigger = self._context.flow, self._context.trigger
        world = flow.world
        return {
            "trigger": while_evaluated(trigger, variables),
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

    def _text(self, value: str, variables: Mapping[str, Any]) -> str:
        return to_text(render(value, self.names(variables), self._surroundings()))

    def _scene(self, variables: Mapping[str, Any]) -> Scene:
        flow = self._context.flow.flow
        return Scene(
            names=self.names(variables), surroundings=self._surroundings(), namespace=flow.namespace, flow_id=flow.id
        )

    def _inputs(self, backfill: Backfill | None, variables: Mapping[str, Any]) -> dict[str, Any]:
        given = {**(self._context.trigger.inputs or {}), **((backfill and backfill.inputs) or {})}
        return render_typed(given, self.names(variables), self._surroundings())

    def _labels(
        self, backfill: Backfill | None, variables: Mapping[str, Any]
    ) -> tuple[tuple[Label, ...], tuple[str, ...]]:
        """Rendered; one that cannot be is left out with a warning."""
        written = [(label.key, label.value) for label in self._context.trigger.labels]
        written += [(label["key"], label["value"]) for label in (backfill and backfill.labels) or ()]
        labels: list[Label] = []
        warnings: list[str] = []
        for key, value in written:
            try:
                labels.append(Label(key, self._text(value, variables)))
            except ExpressionError as error:
                warnings.append(left_out(key, error).message)
        return tuple(labels), tuple(warnings)

    def _surroundings(self) -> Surroundings:
        occasion, world = self._occasion, self._context.flow.world
        return Surroundings(
            at=occasion.at,
            zone=world.zone,
            dialect=world.dialect,
            seed=occasion.seed,
            host=AnsweredHost(occasion.answers),
            stopwatch=world.stopwatch,
        )
