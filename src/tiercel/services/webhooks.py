"""Webhook triggers by flow and key: which call starts which execution, and with which variables."""

import hmac
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from pydantic import ValidationError

from tiercel.definition import read_stored
from tiercel.engine.conditions import Scene, all_hold, read_conditions
from tiercel.engine.events import Note
from tiercel.engine.firing import left_out, while_evaluated
from tiercel.expression import (
    AnsweredHost,
    ExpressionError,
    Surroundings,
    Unanswered,
    is_true,
    render,
    render_typed,
    to_text,
)
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Label, TriggerInfo
from tiercel.model.flow import Trigger
from tiercel.model.headers import with_headers
from tiercel.model.sealed import holds_sealed
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.sdk import RunInfo, WebhookTrigger
from tiercel.services.catalog import BrokenPlugin, PluginCatalog, UnknownType
from tiercel.services.creator import Wish
from tiercel.services.evaluator import Evaluator
from tiercel.services.registry import Deployed, Registry, UnreadableFlow
from tiercel.services.signatures import Signed, check_signature

log = logging.getLogger(__name__)

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
            raise (WebhookClosed(str(error)) if _has_key(key, error.stored.source) else NoSuchWebhook()) from error
        for trigger, properties in self._of(deployed):
            hook = Hook(deployed, trigger, properties)
            if await self._opens(key, hook):
                return self._open(hook)
        raise NoSuchWebhook

    def _open(self, hook: Hook) -> Hook:
        flow = hook.deployed.flow
        if flow.disabled:
            raise WebhookClosed(f"flow {flow.namespace}.{flow.id} is disabled")
        if hook.trigger.disabled is True:
            raise _disabled(hook)
        return hook

    def _of(self, deployed: Deployed) -> list[tuple[Trigger, WebhookTrigger]]:
        """The webhooks of a revision; kept, for a call is to cost little."""
        place = (deployed.stored.place.flow, deployed.stored.revision)
        if place not in self._known:
            self._known[place] = list(self._read(deployed))
        return self._known[place]

    def _read(self, deployed: Deployed) -> Iterator[tuple[Trigger, WebhookTrigger]]:
        """What cannot be read any more, as its plugin is gone, is none; the others go on."""
        for trigger in deployed.context.flow.triggers:
            try:
                kind = self._catalog.plugin(trigger.type)
                if issubclass(kind, WebhookTrigger):
                    yield trigger, kind.model_validate(trigger.properties)
            except (UnknownType, BrokenPlugin, ValidationError) as error:
                log.warning("trigger %s of flow %s cannot be read: %s", trigger.id, deployed.flow.id, error)

    async def _opens(self, key: str, hook: Hook) -> bool:
        """A key that cannot be rendered opens nothing, and who calls does not learn of it: the log of the server says."""
        try:
            own = await self._text(hook.properties.key, hook.deployed, {})
        except ExpressionError as error:
            log.warning(
                "the key of %s of flow %s cannot be rendered: %s", hook.trigger.id, hook.deployed.flow.id, error
            )
            return False
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
        seen = while_evaluated(trigger, with_headers(variables))
        if isinstance(trigger.disabled, str) and is_true(str(await self._text(trigger.disabled, hook.deployed, seen))):
            raise _disabled(hook)
        if trigger.when is not None and not is_true(str(await self._rendered(str(trigger.when), hook.deployed, seen))):
            raise NotMeant("the trigger's `when` is false for this call")
        if trigger.conditions and not await self._asked(
            hook.deployed, lambda surroundings: self._hold(hook, seen, surroundings)
        ):
            raise NotMeant("the trigger's conditions do not hold for this call")
        labels, notes = await self._labels(hook, seen)
        inputs: dict[str, Any] = await self._rendered(trigger.inputs or {}, hook.deployed, seen)
        return Wish(
            tenant=tenant,
            namespace=flow.namespace,
            flow_id=flow.id,
            inputs=inputs,
            labels=labels,
            notes=notes,
            origin="trigger",
            trigger=TriggerInfo(trigger.id, trigger.type, variables),
            id=id,
        )

    async def _labels(self, hook: Hook, seen: Mapping[str, Any]) -> tuple[tuple[Label, ...], tuple[Note, ...]]:
        """Rendered; one that cannot be is left out with a word in the log of the execution."""
        labels: list[Label] = []
        notes: list[Note] = []
        for label in hook.trigger.labels:
            try:
                labels.append(Label(label.key, to_text(await self._text(label.value, hook.deployed, seen))))
            except ExpressionError as error:
                notes.append(left_out(label.key, error))
        return tuple(labels), tuple(notes)

    async def _text(self, value: str, deployed: Deployed, trigger: Mapping[str, Any]) -> Any:
        return await self._rendered(value, deployed, trigger) if "{" in value else value

    async def _rendered(self, value: Any, deployed: Deployed, trigger: Mapping[str, Any]) -> Any:
        names, write = _context(deployed, trigger), render if isinstance(value, str) else render_typed
        return await self._asked(deployed, lambda surroundings: write(value, names, surroundings))

    def _hold(self, hook: Hook, trigger: Mapping[str, Any], surroundings: Surroundings) -> bool:
        """Whether the conditions of 1.x do."""
        flow = hook.deployed.flow
        scene = Scene(
            names=_context(hook.deployed, trigger),
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


def _has_key(key: str, source: str) -> bool:
    """Whether one of the triggers of a source that is no flow any more has this key."""
    document = read_stored(source).document
    texts = () if document is None else document.texts
    keys = [text for path, text in texts if len(path) == 3 and (path[0], path[2]) == ("triggers", "key")]
    return any(hmac.compare_digest(own.strip().encode(), key.encode()) for own in keys)


def _disabled(hook: Hook) -> WebhookClosed:
    flow = hook.deployed.flow
    return WebhookClosed(f"trigger {hook.trigger.id} of flow {flow.namespace}.{flow.id} is disabled")


def _context(deployed: Deployed, trigger: Mapping[str, Any]) -> dict[str, Any]:
    """What the expressions of a trigger may name."""
    flow, world = deployed.flow, deployed.context.world
    return {
        "trigger": trigger,
        "flow": {
            "id": flow.id,
            "namespace": flow.namespace,
            "revision": deployed.stored.revision,
            "tenantId": deployed.stored.tenant,
        },
        "vars": flow.variables,
        "envs": world.envs,
        "globals": world.globals,
        "kestra": {"environment": world.environment, "url": world.url},
    }


def _info(deployed: Deployed) -> RunInfo:
    flow, stored = deployed.flow, deployed.stored
    return RunInfo(
        tenant=stored.tenant,
        namespace=flow.namespace,
        flow_id=flow.id,
        flow_revision=stored.revision,
    )
