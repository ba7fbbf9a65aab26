"""Webhook triggers by flow and key: which call starts which execution, and with which variables."""

import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from tiercel.expression import AnsweredHost, Surroundings, Unanswered, is_true, render, render_typed
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Label, TriggerInfo
from tiercel.model.flow import Trigger
from tiercel.model.sealed import holds_sealed
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.sdk import RunInfo, WebhookTrigger
from tiercel.services.catalog import PluginCatalog
from tiercel.services.creator import Wish
from tiercel.services.evaluator import Evaluator
from tiercel.services.registry import Deployed, Registry, UnreadableFlow


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

    body: Any
    headers: dict[str, list[str]]
    parameters: dict[str, list[str]]

    def variables(self) -> dict[str, Any]:
        known = {"body": self.body, "headers": self.headers, "parameters": self.parameters}
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

    async def wish(self, hook: Hook, incoming: Incoming, *, tenant: str) -> Wish:
        """The execution that a call starts."""
        trigger, flow = hook.trigger, hook.deployed.flow
        if holds_sealed(incoming.body):
            raise Forged
        variables = incoming.variables()
        seen = {**variables, "_context": {"id": trigger.id, "type": trigger.type}}
        if trigger.when is not None and not is_true(str(await self._rendered(str(trigger.when), hook.deployed, seen))):
            raise NotMeant("the trigger's `when` is false for this call")
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
        )

    async def _text(self, value: str, deployed: Deployed, trigger: Mapping[str, Any]) -> Any:
        return await self._rendered(value, deployed, trigger) if "{" in value else value

    async def _rendered(self, value: Any, deployed: Deployed, trigger: Mapping[str, Any]) -> Any:
        answers: dict[str, Any] = {}
        flow, world = deployed.flow, deployed.context.world
        names = {
            "trigger": trigger,
            "flow": {"id": flow.id, "namespace": flow.namespace, "revision": deployed.stored.revision},
            "vars": flow.variables,
            "envs": world.envs,
            "globals": world.globals,
        }
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
                return (
                    render(value, names, surroundings)
                    if isinstance(value, str)
                    else render_typed(value, names, surroundings)
                )
            except Unanswered as question:
                answers[question.call.key] = await self._evaluator.answer(question.call, _info(deployed))


def _info(deployed: Deployed) -> RunInfo:
    flow, stored = deployed.flow, deployed.stored
    return RunInfo(
        tenant=stored.tenant,
        namespace=flow.namespace,
        flow_id=flow.id,
        flow_revision=stored.revision,
        execution_id="",
        task_id="",
        task_type="",
        task_run_id="",
        attempt=1,
    )
