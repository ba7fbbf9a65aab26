"""Makes executions: finds the flow, resolves inputs, puts labels together, mints the id. Storing is the executor's.

Everyone who starts an execution comes here: API, command line, webhook, schedule, Subflow.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from tiercel import engine
from tiercel.definition.inputs import InputError, Resolution, ResolvedInput, resolve
from tiercel.expression import AnsweredHost, Surroundings, Unanswered, render_typed
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, Kind, Label, ParentLink, TriggerInfo
from tiercel.model.ids import SHARDS, execution_id
from tiercel.model.states import EXECUTION_MOVES, State
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.sdk import RunInfo
from tiercel.services.evaluator import Evaluator
from tiercel.services.records import CORRELATION, FROM
from tiercel.services.registry import Deployed, Registry

SYSTEM = "system."


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
        super().__init__("; ".join(f"{resolved.id}: {error.message}" for resolved, error in _errors(resolution)))
        self.resolution = resolution

    @property
    def by_input(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for resolved, error in _errors(self.resolution):
            found.setdefault(resolved.id, []).append(error.message)
        return found


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


class Made(msgspec.Struct, frozen=True):
    """An execution that is not stored yet."""

    execution: Execution
    deployed: Deployed
    unknown_inputs: tuple[str, ...] = ()


class Creator:
    """Turns wishes into executions. Raises NoSuchFlow, FlowDisabled, UnreadableFlow, InvalidInputs."""

    def __init__(self, *, registry: Registry, evaluator: Evaluator, clock: Clock, dice: Dice) -> None:
        self._registry = registry
        self._evaluator = evaluator
        self._clock = clock
        self._dice = dice
        self._last_millisecond = 0

    async def make(self, wish: Wish) -> Made:
        """The execution a wish describes; waits where a revision must be read or an expression asks the world."""
        answers: dict[str, Any] = {}
        identifier = wish.id or self.mint()
        at, seed = self._clock.now(), self._dice.roll()
        while True:
            try:
                return self._make(wish, identifier, answers, at=at, seed=seed)
            except Unanswered as question:
                info = _info(wish, identifier)
                answers[question.call.key] = await self._evaluator.answer(question.call, info)
            except NotInMemory:
                await self._read(wish)

    def make_now(self, wish: Wish) -> Made:
        """Like `make`, without waiting. Also raises NotInMemory and Unanswered."""
        return self._make(wish, wish.id or self.mint(), {}, at=self._clock.now(), seed=self._dice.roll())

    def make_failed(self, wish: Wish) -> Made:
        """An execution that is over before anything of it runs, since it cannot be given what it needs."""
        deployed = self._deployed(wish)
        identifier, at = wish.id or self.mint(), self._clock.now()
        execution = engine.new_execution(
            deployed.context, id=identifier, at=at, labels=_labels(wish, deployed, identifier), trigger=wish.trigger
        )
        ended = execution.state.move(State.FAILED, at=at, moves=EXECUTION_MOVES)
        return Made(msgspec.structs.replace(execution, state=ended, live=False), deployed)

    def mint(self) -> str:
        """A new id in one of our shards. Time in ids never goes back, whatever the clock does."""
        now = int(self._clock.now().timestamp() * 1000)
        self._last_millisecond = max(self._last_millisecond, now)
        roll = self._dice.roll()
        return execution_id(self._last_millisecond, shard=roll % SHARDS, random=roll // SHARDS)

    def _make(self, wish: Wish, identifier: str, answers: Mapping[str, Any], *, at: datetime, seed: int) -> Made:
        deployed = self._deployed(wish)
        resolution = self._resolve(wish, deployed, answers, at=at, seed=seed)
        if resolution.errors:
            raise InvalidInputs(resolution)
        execution = engine.new_execution(
            deployed.context,
            id=identifier,
            at=at,
            inputs=resolution.values,
            labels=_labels(wish, deployed, identifier),
            trigger=wish.trigger,
            kind=wish.kind,
            schedule_date=wish.schedule_date,
            cause_id=wish.cause_id,
            waits=wish.waits,
        )
        return Made(execution, deployed, resolution.unknown)

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

    async def _read(self, wish: Wish) -> None:
        found = await self._registry.revision(wish.tenant, wish.namespace, wish.flow_id, wish.revision or 0)
        if found is None:
            raise NoSuchFlow(wish.namespace, wish.flow_id, wish.revision)

    def _resolve(
        self, wish: Wish, deployed: Deployed, answers: Mapping[str, Any], *, at: datetime, seed: int
    ) -> Resolution:
        host = AnsweredHost(answers)
        zone = deployed.context.world.zone
        variables = _variables(deployed)

        def render(value: Any, inputs: Mapping[str, Any]) -> Any:
            # New surroundings each time: a second attempt after an answer draws the same numbers again.
            surroundings = Surroundings(at=at, zone=zone, seed=seed, host=host)
            return render_typed(value, {**variables, "inputs": inputs}, surroundings)

        return resolve(deployed.flow.inputs, wish.inputs, render=render)


def _variables(deployed: Deployed) -> dict[str, Any]:
    """What the expressions of inputs may name besides other inputs."""
    flow, world, stored = deployed.flow, deployed.context.world, deployed.stored
    return {
        "flow": {
            "id": flow.id,
            "namespace": flow.namespace,
            "revision": stored.revision,
            "tenantId": stored.tenant,
        },
        "vars": flow.variables,
        "envs": world.envs,
        "globals": world.globals,
        "kestra": {"environment": world.environment, "url": world.url},
    }


def _labels(wish: Wish, deployed: Deployed, identifier: str) -> tuple[Label, ...]:
    """The flow's own, then the caller's over them, then what the server says: where the chain began, who asked."""
    own = {label.key: label.value for label in deployed.flow.labels if not label.key.startswith(SYSTEM)}
    given = {label.key: label.value for label in wish.labels}
    labels = {**own, **given}
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
        task_id="",
        task_type="",
        task_run_id="",
        attempt=1,
    )


def _errors(resolution: Resolution) -> Iterator[tuple[ResolvedInput, InputError]]:
    return ((resolved, error) for resolved in resolution.inputs for error in resolved.errors)
