"""Takes in what is given for the inputs of a flow or of a pause, and looks at the flow's checks. One for each attempt.

What expressions ask of the world comes out as `Unanswered`; `answered` puts the answer in and tries again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from msgspec.structs import replace

from tiercel.definition.inputs import InputError, resolve
from tiercel.definition.preflight import Preflight, preflight
from tiercel.engine import World
from tiercel.engine.variables import nested_labels
from tiercel.expression import AnsweredHost, ExpressionError, HostCall, Surroundings, Unanswered, render_typed
from tiercel.model.execution import Label, TriggerInfo
from tiercel.model.flow import Check, Input, InputType
from tiercel.model.masking import Masker
from tiercel.model.sealed import Decrypt, opened, plain, sealing
from tiercel.model.spilled import KEEP, RECALL, Recalled, filled, size_of
from tiercel.services.registry import Deployed
from tiercel.services.rendering import MOST_QUESTIONS

ResultT = TypeVar("ResultT")
HOLD_GIVEN = frozenset({"inputs", "trigger"})
"""The names below which that stands which an execution was given: some of it may lie in internal storage."""
Ask = Callable[[HostCall], Awaitable[Any]]


class Intake:
    """A moment, its dice, what expressions may name besides `inputs`, and the answers of the world so far."""

    def __init__(
        self,
        names: Mapping[str, Any],
        world: World,
        *,
        at: datetime,
        seed: int,
        cause: str,
        answers: Mapping[str, Any] = {},
    ) -> None:
        self.answers: dict[str, Any] = dict(answers)
        self._names = names
        self._world = world
        self._secrets = Masker()
        """Stand in no message, whatever was given or asked."""
        self.at = at
        self._seed = seed
        self._cause = cause
        """For whom secrets are sealed: with the dice it makes their nonces."""

    def judge(
        self,
        inputs: Sequence[Input],
        given: Mapping[str, Any],
        *,
        kept: Mapping[str, Any] | None = None,
        checks: Sequence[Check] = (),
    ) -> Preflight:
        """What becomes of everything given; inputs that are not given are taken from `kept`. Raises Unanswered."""
        cipher = self._world.cipher
        kept = filled(dict(kept), self._recall) if kept else kept
        decrypt = _hiding(cipher.decrypt, self._secrets) if cipher else None
        resolution = resolve(
            inputs,
            given,
            render=self._render,
            encrypt=sealing(cipher, self._seed, self._cause) if cipher else None,
            kept=opened(kept, decrypt) if decrypt else kept,
        )
        for one in resolution.inputs:
            if one.declared.type is InputType.SECRET and isinstance(given_text := one.clear or one.value, str):
                self._secrets.add(given_text)
        return _masked(preflight(checks, resolution, self._render), self._secrets)

    def as_stored(self, values: Mapping[str, Any], what: str) -> dict[str, Any]:
        """The values as a row may hold them: the largest go to internal storage until the rest is small. Raises Unanswered."""
        host, sizes, left = (
            AnsweredHost(self.answers),
            {name: size_of(values[name]) for name in values},
            size_of(values),
        )
        stored = dict(values)
        for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
            if left <= self._world.limits.inline:
                break
            stored[name] = host.ask(HostCall(KEEP, {"outputs": values[name]}, f"{what}.{name}"))
            left -= sizes[name]
        return stored

    def _recall(self, uri: str) -> Any:
        return AnsweredHost(self.answers).call(RECALL, {"uri": uri})

    async def answered(self, attempt: Callable[[], ResultT], ask: Ask) -> ResultT:
        """The result of an attempt that asks the world as often as it takes. Raises ExpressionError for too often."""
        for _ in range(MOST_QUESTIONS):
            try:
                return attempt()
            except Unanswered as question:
                self.answers[question.call.key] = await ask(question.call)
        raise ExpressionError("limit", f"the expressions of inputs may ask the world {MOST_QUESTIONS} times")

    def _render(self, value: Any, inputs: Mapping[str, Any]) -> Any:
        """New surroundings each time: a second attempt after an answer draws the same numbers again."""
        world = self._world
        surroundings = Surroundings(
            at=self.at,
            zone=world.zone,
            dialect=world.dialect,
            seed=self._seed,
            host=AnsweredHost(self.answers),
            secrets=self._secrets,
            stopwatch=world.stopwatch,
        )
        names = Recalled(_with_inputs(self._names, inputs), self._recall, only=HOLD_GIVEN)
        return plain(render_typed(value, names, surroundings))


def _hiding(decrypt: Decrypt, secrets: Masker) -> Decrypt:
    def reveal(text: str) -> str:
        clear = decrypt(text)
        secrets.add(clear)
        return clear

    return reveal


def _masked(found: Preflight, secrets: Masker) -> Preflight:
    """The same, with messages that anybody may read."""
    inputs = tuple(
        replace(one, errors=tuple(_starred(error, secrets) for error in one.errors)) for one in found.resolution.inputs
    )
    checks = tuple(replace(check, message=secrets.mask(check.message)) for check in found.checks)
    return replace(found, resolution=replace(found.resolution, inputs=inputs), checks=checks)


def _starred(error: InputError, secrets: Masker) -> InputError:
    return replace(error, message=secrets.mask(error.message), meaning=secrets.mask(error.meaning))


def names_for(
    deployed: Deployed, *, execution_id: str, labels: tuple[Label, ...], trigger: TriggerInfo | None
) -> dict[str, Any]:
    """What the expressions of inputs and checks may name besides inputs."""
    flow, world, stored = deployed.flow, deployed.context.world, deployed.stored
    names: dict[str, Any] = {
        "flow": {
            "id": flow.id,
            "namespace": flow.namespace,
            "revision": stored.revision,
            "tenantId": stored.tenant,
        },
        "execution": {"id": execution_id},
        "labels": nested_labels(labels),
        "vars": flow.variables,
        "envs": world.envs,
        "globals": world.globals,
        "kestra": {"environment": world.environment, "url": world.url},
    }
    if trigger is not None:
        names["trigger"] = {**trigger.variables, "_context": {"id": trigger.id, "type": trigger.type}}
    return names


def _with_inputs(names: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs over those that are there already: those of the execution that a pause belongs to."""
    return {**names, "inputs": {**names.get("inputs", {}), **inputs}}
