"""Webhook triggers by flow and key: which call starts which execution, and with which variables."""

import hmac
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from tiercel.engine.conditions import Scene, all_hold, read_conditions
from tiercel.expression import AnsweredHost, ExpressionError, Surroundings, Unanswered, is_true, render, render_typed
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Label, TriggerInfo
from tiercel.model.flow import Trigger
from tiercel.model.headers import with_headers
from tiercel.model.sealed import holds_sealed
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.sdk import RunInfo, WebhookTrigger
from tiercel.services.catalog import PluginCatalog
from tiercel.services.creator import Wish
from tiercel.services.evaluator import Evaluator
from tiercel.services.registry import Deployed, Registry, UnreadableFlow
from tiercel.services.signatures import Signed, check_signature

T = TypeVar("T")


class NoSuchWebhook(TiercelError):
    """Nothing answers to this namespace, flow and key: which of them is wrong is not told."""

    def __init__(self) -> None:
        super().__init__("Webhook not found")


class WebhookClosed(TiercelError):
    """The key is right, and the flow or the trigger cannot run."""


class NotMeant(TiercelError):
    """The trigger's condition is false for this call: nothing is started."""


class Hook(msgspec.Struct, frozen=True):
    """A webhook that was called with the right key."""

    deployed: Deployed
    trigger: Trigger
    properties: WebhookTrigger


class Forged(TiercelError):
    """A body holds what looks like an encrypted value of the server's: it would be opened for whoever sent it."""

    def __init__(self) -> None:
        super().__init__("the body holds an encrypted value; those are the server's and cannot be sent")


class Incoming(msgspec.Struct, frozen=True):
    """A call as expressions see it."""

    headers: dict[str, list[str]]
    parameters: dict[str, list[str]]
    body: Any = None
    uri: str | None = None
    """Where the body lies, if it was stored."""
    parts: list[dict[str, Any]] | None = None
    """The files of a form."""
    form_fields: dict[str, Any] | None = None

    def variables(self) -> dict[str, Any]:
        known = {
            "body": self.body,
            "headers": self.headers,
            "parameters": self.parameters,
            "uri": self.uri,
            "parts": self.parts,
            "formFields": self.form_fields,
        }
        return {name: value for name, value in known.items() if value is not None}


class Webhooks:
    """Finds webhooks, and makes wishes of calls. Raises NoSuchWebhook, WebhookClosed, NotMeant."""

    def __init__(
        self, *, registry: Registry, catalog: PluginCatalog, evaluator: Evaluator, clock: Clock, dice: Dice
    ) -> None:
        self._registry = registry
        self._catalog = catalog
        self._evaluator = evaluator
        self._clock = clock
        self._dice = dice
        self._known: dict[tuple[int, int], list[tuple[Trigger, WebhookTrigger]]] = {}

    async def find(self, tenant: str, namespace: str, flow_id: str, key: str) -> Hook:
        """The webhook of a flow that a key opens."""
        stored = self._registry.latest(tenant, namespace, flow_id)
        if stored is None:
            raise NoSuchWebhook
        try:
            deployed = self._registry.deployed(stored)
        except UnreadableFlow as error:
            raise NoSuchWebhook from error
        for trigger, properties in self._of(deployed):
            if await self._opens(key, properties, deployed):
                return self._open(Hook(deployed, trigger, properties))
        raise NoSuchWebhook

    def _open(self, hook: Hook) -> Hook:
        flow = hook.deployed.flow
        if flow.disabled:
            raise WebhookClosed(f"flow {flow.namespace}.{flow.id} is disabled")
        if hook.trigger.disabled in (True, "true"):
            raise WebhookClosed(f"trigger {hook.trigger.id} of flow {flow.namespace}.{flow.id} is disabled")
        return hook

    def _of(self, deployed: Deployed) -> list[tuple[Trigger, WebhookTrigger]]:
        """The webhooks of a revision; kept, for a call is to cost little."""
        place = (deployed.stored.place.flow, deployed.stored.revision)
        if place not in self._known:
            found = ((trigger, self._catalog.plugin(trigger.type)) for trigger in deployed.context.flow.triggers)
            self._known[place] = [
                (trigger, kind.model_validate(trigger.properties))
                for trigger, kind in found
                if issubclass(kind, WebhookTrigger)
            ]
        return self._known[place]

    async def _opens(self, key: str, properties: WebhookTrigger, deployed: Deployed) -> bool:
        written = properties.key
        own = await self._rendered(written, deployed, {}) if "{" in written else written
        return hmac.compare_digest(str(own).strip().encode(), key.encode())

    async def verify(self, hook: Hook, headers: Mapping[str, list[str]], body: bytes) -> None:
        """Make sure that a call carries the signature it needs. Raises WrongSignature."""
        signature = hook.properties.signature
        if signature is not None:
            secret = str(await self._text(signature.secret, hook.deployed, {}))
            given = {name.lower(): values[0] for name, values in headers.items()}
            check_signature(signature, secret, Signed(given, body, self._clock.now()))

    async def wish(self, hook: Hook, incoming: Incoming, *, tenant: str, id: str | None = None) -> Wish:
        """The execution that a call starts."""
        trigger, flow = hook.trigger, hook.deployed.flow
        if holds_sealed(incoming.body):
            raise Forged
        variables = incoming.variables()
        seen = {**with_headers(variables), "_context": {"id": trigger.id, "type": trigger.type}}
        if trigger.when is not None and not is_true(str(await self._rendered(str(trigger.when), hook.deployed, seen))):
            raise NotMeant("the trigger's `when` is false for this call")
        if trigger.conditions and not await self._asked(
            hook.deployed, lambda surroundings: self._hold(hook, seen, surroundings)
        ):
            raise NotMeant("the trigger's conditions do not hold for this call")
        inputs: dict[str, Any] = await self._rendered(trigger.inputs or {}, hook.deployed, seen)
        return Wish(
            tenant=tenant,
            namespace=flow.namespace,
            flow_id=flow.id,
            inputs=inputs,
            labels=tuple(
                [Label(label.key, str(await self._text(label.value, hook.deployed, seen))) for label in trigger.labels]
            ),
            origin="trigger",
            trigger=TriggerInfo(trigger.id, trigger.type, variables),
            id=id,
        )

    async def _text(self, value: str, deployed: Deployed, trigger: Mapping[str, Any]) -> Any:
        return await self._rendered(value, deployed, trigger) if "{" in value else value

    async def _rendered(self, value: Any, deployed: Deployed, trigger: Mapping[str, Any]) -> Any:
        names, write = _names(deployed, trigger), render if isinstance(value, str) else render_typed
        return await self._asked(deployed, lambda surroundings: write(value, names, surroundings))

    def _hold(self, hook: Hook, trigger: Mapping[str, Any], surroundings: Surroundings) -> bool:
        """Whether the conditions of 1.x do."""
        flow = hook.deployed.flow
        scene = Scene(
            names=_names(hook.deployed, trigger),
            surroundings=surroundings,
            namespace=flow.namespace,
            flow_id=flow.id,
        )
        try:
            return all_hold(read_conditions(hook.trigger), scene)
        except ExpressionError as error:
            raise NotMeant(f"the trigger's conditions cannot be rendered for this call: {error}") from error

    async def _asked(self, deployed: Deployed, ask: Callable[[Surroundings], T]) -> T:
        """What comes of something that may ask the world, as often as it takes."""
        answers: dict[str, Any] = {}
        world = deployed.context.world
        at, seed = self._clock.now(), self._dice.roll()
        while True:
            surroundings = Surroundings(
                at=at,
                zone=world.zone,
                dialect=world.dialect,
                seed=seed,
                host=AnsweredHost(answers),
                stopwatch=world.stopwatch,
            )
            try:
                return ask(surroundings)
            except Unanswered as question:
                answers[question.call.key] = await self._evaluator.answer(question.call, _info(deployed))


def _names(deployed: Deployed, trigger: Mapping[str, Any]) -> dict[str, Any]:
    """What the expressions of a trigger may name."""
    flow, world = deployed.flow, deployed.context.world
    return {
        "trigger": trigger,
        "flow": {"id": flow.id, "namespace": flow.namespace, "revision": deployed.stored.revision},
        "vars": flow.variables,
        "envs": world.envs,
        "globals": world.globals,
    }


def _info(deployed: Deployed) -> RunInfo:
    flow, stored = deployed.flow, deployed.stored
    return RunInfo(
        tenant=stored.tenant,
        namespace=flow.namespace,
        flow_id=flow.id,
        flow_revision=stored.revision,
    )
