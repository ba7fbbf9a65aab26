"""How the actions of a case begin executions: with inputs as they are typed, or as they are given."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from tests.conformance.installation import Installation, Seen
from tests.conformance.play import Action, Play, Unsupported

from tiercel import engine
from tiercel.model.execution import Kind, Label
from tiercel.model.states import State
from tiercel.services.creator import InvalidInputs, Made, Wish
from tiercel.services.registry import Deployed
from tiercel.services.residents import Item


async def run(play: Play, action: Action) -> None:
    made = await _made(play, action)
    executor, identifier = play.house.server.executor, made.execution.id
    play.names[action.get("as") or "e1"] = identifier
    answer = asyncio.get_running_loop().create_future()
    executor.accept(Item(identifier, made.created(*executor.moment()), answer=answer, made=made))
    await answer
    await play.house.until(lambda: _has_come(play.house.seen(identifier), action.get("until")), str(action))


async def _made(play: Play, action: Action) -> Made:
    case = play.case
    creator = play.house.server.creator
    given = {**(case.get("inputs") or {}), **(action.get("inputs") or {})}
    given = {name: await given_value(play, value) for name, value in given.items()}
    labels = tuple(Label(key, str(value)) for key, value in (action.get("labels") or case.get("labels") or {}).items())
    wish = Wish(
        namespace=namespace_of(play, action),
        flow_id=action.get("flow_id") or case["flow_id"],
        inputs={} if case.get("inputs_typed") is False else given,
        labels=labels,
        origin="",
        kind=Kind(action.get("kind", "NORMAL")),
        id=play.next_id,
    )
    play.next_id = None
    if case.get("inputs_typed") is not False and given:
        return await creator.make(wish)
    return await _untyped(play, wish, given)


async def _untyped(play: Play, wish: Wish, given: dict[str, Any]) -> Made:
    """What was given as it is, beside the defaults; nothing is required."""
    try:
        made = await play.house.server.creator.make(wish)
        values = made.execution.inputs
    except InvalidInputs as error:
        made, values = None, error.resolution.values
    for name, value in given.items():
        values = _nested(values, name.split("."), value)
    if made is None:
        made = bare(play, wish, deployed_of(play, wish))
    return msgspec.structs.replace(made, execution=msgspec.structs.replace(made.execution, inputs=values))


def bare(play: Play, wish: Wish, deployed: Deployed) -> Made:
    identifier, at = play.house.server.creator.mint(), play.house.clock.now()
    labels = {label.key: label.value for label in (*deployed.flow.labels, *wish.labels)}
    labels["system.correlationId"] = identifier
    execution = engine.new_execution(
        deployed.context,
        id=identifier,
        at=at,
        labels=tuple(Label(key, value) for key, value in labels.items()),
        kind=wish.kind,
    )
    return Made(execution, deployed)


def deployed_of(play: Play, wish: Wish) -> Deployed:
    registry = play.house.server.registry
    stored = registry.latest("main", wish.namespace, wish.flow_id)
    if stored is None:
        raise Unsupported(f"there is no flow {wish.namespace}.{wish.flow_id}")
    return registry.deployed(stored)


def _nested(values: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    name, *rest = path
    return {**values, name: _nested(values.get(name) or {}, rest, value) if rest else value}


def namespace_of(play: Play, action: Action) -> str:
    """Flows that an action names lie where the case's own flow lies, or wherever there is one of that name."""
    flow_id = action.get("flow_id") or play.case["flow_id"]
    known = [flow.namespace for flow in play.house.server.registry.all() if flow.id == flow_id]
    own = play.case["namespace"]
    if play.ignores_namespace and "flow_id" in action:
        return next(namespace for namespace in known if namespace != own)
    return own if own in known or not known else known[0]


async def given_value(play: Play, value: Any) -> Any:
    """`$file…` stands for a file that was uploaded, `$random` and `$same` for a text of this case's own."""
    if value in ("$random", "$same"):
        return "drawn-once"
    if not isinstance(value, str) or not value.startswith("$file"):
        return value
    name, content = "file.txt", "\n".join(f"{number:>020}" for number in range(102)) + "\n"
    if "10 lines" in value or "10 padded" in str(play.case.get("needs")):
        content = "\n".join(f"{number:>020}" for number in range(10)) + "\n"
    if value.startswith("$file:"):
        name, content = value.removeprefix("$file:"), "kestra:\n  a: file\n"
    if "execution id" in value:
        content = next(iter(play.names.values()))
    return await upload(play.house, name, content)


async def upload(house: Installation, name: str, content: str) -> str:
    """Store a file as one that came with a request, and give its address."""
    uri = f"kestra:///io/kestra/tests/inputs/executions/uploaded/inputs/file/{name}"

    async def chunks() -> AsyncIterator[bytes]:
        yield content.encode()

    await house.server.stores.storage.put(uri, chunks())
    return uri


def _has_come(seen: Seen, until: str | None) -> bool:
    if until is None:
        return not seen.live
    if run := re.fullmatch(r"task run '(.*)' (\w+)", until):
        return any(each.task_id == run[1] and each.state.current == run[2] for each in seen.runs)
    return State(until) in seen.states
