"""Makes executions: finds the flow, resolves inputs, puts labels together, mints the id. Storing is the executor's.

Everyone who starts an execution comes here: API, command line, webhook, schedule, Subflow.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from tiercel import engine
from tiercel.definition.inputs import InputError, Resolution, ResolvedInput, flattened
from tiercel.definition.preflight import BLOCK, FAIL, Preflight
from tiercel.engine.events import Created, Note
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, Fixture, Kind, Label, ParentLink, TriggerInfo
from tiercel.model.flow import Input, InputType
from tiercel.model.ids import SHARDS, execution_id
from tiercel.model.states import EXECUTION_MOVES, State
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.sdk import RunInfo
from tiercel.services.evaluator import Evaluator
from tiercel.services.intake import Intake, names_for
from tiercel.services.records import CORRELATION, FROM
from tiercel.services.registry import Deployed, Registry

SYSTEM = "system."
ResultT = TypeVar("ResultT")


class NoSuchFlow(TiercelError):
    def __init__(self, namespace: str, flow_id: str, revision: int | None) -> None:
        which = "" if revision is None else f" revision {revision}"
        super().__init__(f"there is no flow {flow_id!r}{which} in namespace {namespace!r}")
        self.namespace, self.flow_id, self.revision = namespace, flow_id, revision


class FlowDisabled(TiercelError):
    def __init__(self, namespace: str, flow_id: str) -> None:
        super().__init__(f"flow {flow_id!r} in namespace {namespace!r} is disabled: enable it to run it")
        self.namespace, self.flow_id = namespace, flow_id


class InvalidInputs(TiercelError):
    """What was given does not fit the flow's inputs: all of it, by input."""

    def __init__(self, resolution: Resolution) -> None:
        super().__init__("; ".join(f"{resolved.id}: {error.meaning}" for resolved, error in _errors(resolution)))
        self.resolution = resolution

    @property
    def by_input(self) -> dict[str, list[InputError]]:
        found: dict[str, list[InputError]] = {}
        for resolved, error in _errors(self.resolution):
            found.setdefault(resolved.id, []).append(error)
        return found


class BlockedByChecks(TiercelError):
    """A check of the flow does not hold and lets nothing be created."""

    def __init__(self, found: Preflight) -> None:
        self.messages = tuple(check.message for check in found.checks)
        super().__init__(f"the checks of the flow do not let it start: {'; '.join(self.messages)}")


class NotInMemory(TiercelError):
    """A revision has to be read first: `Creator.make` does, `make_now` cannot wait."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """An execution that somebody wants."""

    tenant: str = "main"
    namespace: str
    flow_id: str
    revision: int | None = None
    inputs: Mapping[str, Any] = {}
    """As given: texts, or typed values; files as URIs of internal storage."""
    kept: Mapping[str, Any] = {}
    """The inputs of an earlier execution, as it keeps them: they hold where nothing else is given."""
    is_unattended: bool = False
    """Nobody was asked for inputs: required ones may be missing."""
    inherited: tuple[Label, ...] = ()
    """Labels of the execution that starts this one: the flow's own go before them."""
    labels: tuple[Label, ...] = ()
    """Labels of the caller's; `system.correlationId` among them is kept."""
    origin: str = "api"
    """What `system.from` will say."""
    trigger: TriggerInfo | None = None
    kind: Kind = Kind.NORMAL
    schedule_date: datetime | None = None
    id: str | None = None
    """An id that a cause names; otherwise one is minted."""
    cause_id: str | None = None
    waits: ParentLink | None = None
    breakpoints: tuple[str, ...] = ()
    """Tasks, as `id` or `id.value`, that stop before they begin."""
    fixtures: tuple[Fixture, ...] = ()
    """Task runs that are not to run, and how they end."""
    notes: tuple[Note, ...] = ()
    """What its log is to begin with."""
    error: str | None = None
    """Why it is to fail before anything of it runs: its log says so."""


class Made(msgspec.Struct, frozen=True):
    """An execution that is not stored yet."""

    execution: Execution
    deployed: Deployed
    unknown_inputs: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    """What its log begins with."""
    fails: bool = False
    """Whether it is created and nothing of it is to run: a check of the flow says so, or it cannot be given its inputs."""

    def created(self, at: datetime, seed: int) -> Created:
        """Its first event."""
        execution = self.execution
        return Created(at, seed, self.notes, self.fails, execution.labels, execution.breakpoints)


Attempt = Callable[[Wish, str, Deployed, Intake], ResultT]


class Creator:
    """Turns wishes into executions. Raises NoSuchFlow, FlowDisabled, UnreadableFlow, InvalidInputs, BlockedByChecks."""

    def __init__(self, *, registry: Registry, evaluator: Evaluator, clock: Clock, dice: Dice) -> None:
        self._registry = registry
        self._evaluator = evaluator
        self._clock = clock
        self._dice = dice
        self._last_millisecond = 0

    async def make(self, wish: Wish) -> Made:
        """The execution a wish describes; waits where a revision must be read or an expression asks the world."""
        if wish.error is not None:
            return self._refused(wish, await self._found(wish), wish.error)
        return await self._waited(wish, self._make)

    async def judge(self, wish: Wish) -> Preflight:
        """What would become of the inputs and checks of a wish. Makes nothing."""
        return await self._waited(wish, lambda wish, _, deployed, intake: _judge(wish, deployed, intake))

    def make_now(self, wish: Wish, *, answers: Mapping[str, Any] = {}) -> Made:
        """Like `make`, without waiting: the world has given these answers. Also raises NotInMemory and Unanswered."""
        identifier, deployed = wish.id or self.mint(), self._deployed(wish)
        return self._make(wish, identifier, deployed, self._intake(wish, identifier, deployed, answers=answers))

    def make_failed(self, wish: Wish) -> Made:
        """An execution that is over before anything of it runs, since it cannot be given what it needs."""
        deployed, at = self._deployed(wish), self._clock.now()
        execution = _without_inputs(wish, wish.id or self.mint(), deployed, at)
        ended = execution.state.move(State.FAILED, at=at, moves=EXECUTION_MOVES)
        return Made(msgspec.structs.replace(execution, state=ended, live=False), deployed)

    def _refused(self, wish: Wish, deployed: Deployed, error: str) -> Made:
        """One that its first event ends."""
        execution = _without_inputs(wish, wish.id or self.mint(), deployed, self._clock.now())
        return Made(execution, deployed, notes=(*wish.notes, Note("ERROR", error)), fails=True)

    def endings(self, tenant: str, namespace: str, flow_id: str) -> dict[str, str]:
        """The FILE inputs of a flow, with the ending that an older client's file for them gets; none without a flow."""
        stored = self._registry.latest(tenant, namespace, flow_id)
        inputs = flattened(self._registry.deployed(stored).flow.inputs) if stored else {}
        files = {name: one.input for name, one in inputs.items() if one.input.type is InputType.FILE}
        return {name: _with_dot(one.extension) for name, one in files.items()}

    def mint(self) -> str:
        """A new id in one of our shards. Time in ids never goes back, whatever the clock does."""
        now = int(self._clock.now().timestamp() * 1000)
        self._last_millisecond = max(self._last_millisecond, now)
        roll = self._dice.roll()
        return execution_id(self._last_millisecond, shard=roll % SHARDS, random=roll // SHARDS)

    async def _waited(self, wish: Wish, attempt: Attempt[ResultT]) -> ResultT:
        """The result of an attempt that asks the world as often as it takes."""
        identifier, deployed = wish.id or self.mint(), await self._found(wish)
        intake, info = self._intake(wish, identifier, deployed), _info(wish, identifier)
        return await intake.answered(
            lambda: attempt(wish, identifier, deployed, intake), lambda call: self._evaluator.answer(call, info)
        )

    def _make(self, wish: Wish, identifier: str, deployed: Deployed, intake: Intake) -> Made:
        found = _judge(wish, deployed, intake)
        resolution = found.resolution
        if resolution.errors:
            raise InvalidInputs(resolution)
        if found.behavior == BLOCK:
            raise BlockedByChecks(found)
        execution = engine.new_execution(
            deployed.context,
            id=identifier,
            at=intake.at,
            inputs=intake.as_stored(resolution.values, "inputs"),
            labels=_labels(wish, deployed, identifier),
            trigger=_as_stored(wish.trigger, intake),
            kind=wish.kind,
            schedule_date=wish.schedule_date,
            cause_id=wish.cause_id,
            waits=wish.waits,
            breakpoints=wish.breakpoints,
            fixtures=wish.fixtures,
        )
        return Made(
            execution, deployed, resolution.unknown, (*wish.notes, *_notes(wish, found)), found.behavior == FAIL
        )

    def _intake(self, wish: Wish, identifier: str, deployed: Deployed, *, answers: Mapping[str, Any] = {}) -> Intake:
        labels = _labels(wish, deployed, identifier)
        names = names_for(deployed, execution_id=identifier, labels=labels, trigger=wish.trigger)
        world, at, seed = deployed.context.world, self._clock.now(), self._dice.roll()
        return Intake(names, world, at=at, seed=seed, cause=identifier, answers=answers)

    async def _found(self, wish: Wish) -> Deployed:
        try:
            return self._deployed(wish)
        except NotInMemory:
            found = await self._registry.revision(wish.tenant, wish.namespace, wish.flow_id, wish.revision or 0)
        if found is None:
            raise NoSuchFlow(wish.namespace, wish.flow_id, wish.revision)
        return found

    def _deployed(self, wish: Wish) -> Deployed:
        latest = self._registry.latest(wish.tenant, wish.namespace, wish.flow_id)
        if latest is None and wish.revision is None:
            raise NoSuchFlow(wish.namespace, wish.flow_id, wish.revision)
        if latest is not None and latest.disabled:
            raise FlowDisabled(wish.namespace, wish.flow_id)
        if latest is not None and wish.revision in (None, latest.revision):
            return self._registry.deployed(latest)
        return self._older(wish)

    def _older(self, wish: Wish) -> Deployed:
        known = self._registry.known(wish.tenant, wish.namespace, wish.flow_id, wish.revision or 0)
        if known is None:
            raise NotInMemory(f"revision {wish.revision} of {wish.namespace}.{wish.flow_id} is not in memory")
        return known


def _as_stored(trigger: TriggerInfo | None, intake: Intake) -> TriggerInfo | None:
    if trigger is None:
        return None
    return msgspec.structs.replace(trigger, variables=intake.as_stored(trigger.variables, "trigger"))


def _without_inputs(wish: Wish, identifier: str, deployed: Deployed, at: datetime) -> Execution:
    labels = _labels(wish, deployed, identifier)
    return engine.new_execution(deployed.context, id=identifier, at=at, labels=labels, trigger=wish.trigger)


def _with_dot(extension: str | None) -> str:
    return f".{extension.removeprefix('.')}" if extension else ""


def _judge(wish: Wish, deployed: Deployed, intake: Intake) -> Preflight:
    flow = deployed.flow
    inputs = [_optional(each) for each in flow.inputs] if wish.is_unattended else flow.inputs
    return intake.judge(inputs, wish.inputs, kept=wish.kept, checks=flow.checks)


def _optional(declared: Input) -> Input:
    """The input, and those of a FORM, without being asked for."""
    return declared.model_copy(update={"required": False, "inputs": tuple(map(_optional, declared.inputs))})


def _notes(wish: Wish, found: Preflight) -> Iterator[Note]:
    """What is not as one would have it, and lets an execution be created all the same."""
    for name in found.resolution.unknown:
        flow = f"{wish.namespace}.{wish.flow_id}"
        yield Note("WARN", f"Input {name} was provided for workflow {flow} but isn't declared in the workflow inputs")
    for check in found.checks:
        yield Note(_LEVELS.get(check.style, "INFO"), check.message)
    if found.behavior == FAIL:
        yield Note("WARN", "Flow execution failed because one or more condition checks evaluated to false.")


_LEVELS = {"ERROR": "ERROR", "WARNING": "WARN"}


def _labels(wish: Wish, deployed: Deployed, identifier: str) -> tuple[Label, ...]:
    """The flow's own, then the caller's over them, then what the server says: where the chain began, who asked."""
    own = {label.key: label.value for label in deployed.flow.labels if not label.key.startswith(SYSTEM)}
    inherited = {label.key: label.value for label in wish.inherited}
    given = {label.key: label.value for label in wish.labels}
    labels = {**inherited, **own, **given}
    labels.setdefault(CORRELATION, identifier)
    if wish.origin:
        labels[FROM] = wish.origin
    return tuple(Label(key, value) for key, value in labels.items())


def _info(wish: Wish, identifier: str) -> RunInfo:
    return RunInfo(
        tenant=wish.tenant,
        namespace=wish.namespace,
        flow_id=wish.flow_id,
        flow_revision=wish.revision or 0,
        execution_id=identifier,
    )


def _errors(resolution: Resolution) -> Iterator[tuple[ResolvedInput, InputError]]:
    return ((resolved, error) for resolved in resolution.inputs for error in resolved.errors)
