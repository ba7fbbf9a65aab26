"""One example, run in memory on a clock that jumps to whatever is due: what is done to it, and what it gives."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.conformance.installation import Installation, Seen
from tests.documentation.examples import Example

from tiercel.engine.events import AnyEvent, Resume, Review
from tiercel.model.durations import format_duration
from tiercel.model.flowable import Approval
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.services.creator import Wish


async def play(house: Installation, example: Example) -> Seen:
    """The execution that the page is about, when nothing more happens by itself."""
    flow_id = example.started["id"]
    deeds = dict(example.gives.get("after", {}))
    if "begin" in deeds:
        house.clock.move_to(deeds.pop("begin"))
    if "run" in deeds:
        for other in deeds.pop("run"):
            await _start(house, example, other)
            await house.rest()
    else:
        await _start(house, example, flow_id, **deeds.pop("inputs", {}))
    for verb, what in deeds.items():
        await house.until(lambda: house.of_flow(flow_id)[0].state is State.PAUSED, f"a pause before {verb}")
        await DEEDS[verb](house, house.of_flow(flow_id)[0], what or {})
    await house.rest()
    (seen,) = house.of_flow(flow_id)
    return seen


async def _start(house: Installation, example: Example, flow_id: str, **inputs: Any) -> None:
    wish = Wish(namespace=example.started["namespace"], flow_id=flow_id, inputs=inputs)
    await house.server.executor.create(wish)


async def _resume(house: Installation, seen: Seen, given: Mapping[str, Any]) -> None:
    inputs = await house.server.resuming.inputs(seen.execution, seen.runs, given)
    await _tell(house, seen, Resume(*house.server.executor.moment(), inputs=inputs))


async def _review(house: Installation, seen: Seen, given: Mapping[str, Any]) -> None:
    inputs = await house.server.resuming.inputs(seen.execution, seen.runs, given.get("inputs", {}), kind=Approval)
    is_approved, comment = given["decision"] == "APPROVED", given.get("comment")
    at, seed = house.server.executor.moment()
    await _tell(house, seen, Review(at, seed, is_approved=is_approved, inputs=inputs, comment=comment))


async def _tell(house: Installation, seen: Seen, event: AnyEvent) -> None:
    told = await house.server.executor.tell(seen.id, event)
    assert told.ignored is None, told.ignored


DEEDS: dict[str, Callable[[Installation, Seen, Any], Awaitable[None]]] = {"resume": _resume, "review": _review}


# What came out ---------------------------------------------------------------------------------------------------------


async def outcome(house: Installation, seen: Seen) -> dict[str, Any]:
    """Everything that a page may say of an execution, under the names it is said by."""
    execution = seen.execution
    trigger = execution.trigger
    started, ended = execution.state.started, execution.state.ended
    return {
        "state": seen.state.value,
        "took": None if ended is None else format_duration(ended - started),
        "taskRuns": {_named(run): run.state.current.value for run in seen.runs},
        "outputs": execution.outputs,
        "labels": {label.key: label.value for label in execution.labels if not label.key.startswith("system.")},
        "variables": execution.variables,
        "trigger": {} if trigger is None else trigger.variables,
        "log": [entry.message for entry in await house.lines(seen.id)],
        "iterations": [each.state.value for each in house.iterations(seen)],
        "others": _others(house, seen),
    }


def _named(run: TaskRun) -> str:
    """`id`, or `id[value]` in a loop."""
    return run.task_id if run.value is None else f"{run.task_id}[{run.value}]"


def _others(house: Installation, seen: Seen) -> dict[str, list[str]]:
    """The ends of the executions of other flows, by flow."""
    flows = {each.execution.flow_id for each in house.all()} - {seen.execution.flow_id}
    return {flow: [each.state.value for each in house.of_flow(flow)] for flow in sorted(flows)}
