"""`tiercel simulate FLOW`: what would happen, without running a task and without waiting."""

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.dice import CountedDice
from tiercel.adapters.memory.journal import MemoryJournal
from tiercel.cli.run_flows import drafts, read_beside
from tiercel.cli.run_local import Local, local
from tiercel.cli.run_once import ENDED_BADLY, ENDED_WELL, NOT_USABLE, WELL, NotUsable, labels_of, pairs, read_usable
from tiercel.cli.simulate_view import as_json, as_text
from tiercel.engine import FlowContext
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Label, TriggerInfo, value_around
from tiercel.model.flow import Flow
from tiercel.services.catalog import PluginCatalog
from tiercel.services.creator import Creator, InvalidInputs, Wish
from tiercel.services.evaluator import Evaluator
from tiercel.services.simulation import Simulation
from tiercel.services.supposed import Suppositions


@dataclass(frozen=True)
class Supposed:
    """What the command line says of tasks, each as `id` or `id[value]`."""

    failing: frozenset[str]
    outputs: dict[str, dict[str, Any]]
    trigger: dict[str, Any]

    @property
    def names(self) -> frozenset[str]:
        return self.failing | self.outputs.keys()


def simulate(
    file: Path,
    *,
    inputs: Annotated[tuple[str, ...], Parameter(name=["--input", "-i"], negative=())] = (),
    labels: Annotated[tuple[str, ...], Parameter(name=["--label", "-l"], negative=())] = (),
    fail: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    outputs: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    trigger: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Show what a run of a flow would do: no task is run, nobody is asked anything, and no time goes by.

    Tasks succeed, without outputs where nothing else is said. Those that only compute (Return, Log, Set variables …) do.
    The exit code is 0 after success or a warning, 1 after anything else, 2 when the command line is wrong.

    Parameters
    ----------
    file
        The flow, as YAML. The other flows of its folder are there for Subflow tasks.
    inputs
        `name=value`. As often as needed.
    labels
        `key=value`, put on the execution. As often as needed.
    fail
        A task that fails at every attempt; `id[value]` for one value of a loop. As often as needed.
    outputs
        `task=JSON`: what a task gives. As often as needed.
    trigger
        `name=value`: what expressions see as `trigger.name`; a value that is JSON is read as such. Or all of it as one JSON
        object. As often as needed.
    json
        Print one JSON document.
    """
    try:
        supposed = Supposed(frozenset(fail), dict(map(_outputs, outputs)), _variables(trigger))
        return asyncio.run(_simulate(file, pairs("--input", inputs), labels_of(labels), supposed, json))
    except NotUsable as error:
        print(error, file=sys.stderr)
        return NOT_USABLE


def _outputs(text: str) -> tuple[str, dict[str, Any]]:
    [(task, written)] = pairs("--outputs", [text]).items()
    try:
        return task, msgspec.json.decode(written, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise NotUsable(f"--outputs {task}: write a JSON object: {error}") from error


def _variables(texts: Iterable[str]) -> dict[str, Any]:
    """What a trigger gives."""
    found: dict[str, Any] = {}
    for text in texts:
        found |= _whole(text) or {name: _value(value) for name, value in pairs("--trigger", [text]).items()}
    return found


def _whole(text: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return None


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


async def _simulate(
    path: Path, inputs: dict[str, str], labels: tuple[Label, ...], supposed: Supposed, json: bool
) -> int:
    catalog = PluginCatalog.installed()
    file, flow = read_usable(path, catalog)
    flows = drafts([file, *read_beside(file, catalog)])
    with TemporaryDirectory(prefix="tiercel-", ignore_cleanup_errors=True) as folder:
        async with local(Path(folder), flows=flows, catalog=catalog) as here:
            contexts = [here.registry.deployed(stored).context for stored in here.registry.all()]
            _refuse_unknown(supposed, contexts)
            wish = Wish(
                namespace=flow.namespace,
                flow_id=flow.id,
                inputs=inputs,
                labels=labels,
                trigger=_trigger(flow, supposed.trigger),
                origin="cli",
            )
            suppositions = Suppositions(here.runner, failing=supposed.failing, outputs=supposed.outputs)
            simulation = await _run(here, suppositions, wish)
            _refuse_values_of_no_loop(supposed, simulation)
    print(as_json(simulation, suppositions) if json else as_text(simulation, suppositions))
    return ENDED_WELL if simulation.outcome.state.current in WELL else ENDED_BADLY


def _refuse_unknown(supposed: Supposed, contexts: Iterable[FlowContext]) -> None:
    known = {task for context in contexts for task in context.nodes}
    for name in sorted(supposed.names):
        if name.partition("[")[0] not in known:
            raise NotUsable(f"there is no task {name!r} in the flow, nor in those beside it")


def _refuse_values_of_no_loop(supposed: Supposed, simulation: Simulation) -> None:
    """A value that is nobody's would change nothing, and the end would look as if it had."""
    for name in sorted(supposed.names):
        task, bracket, value = name.partition("[")
        met = {
            value_around(one.execution, run) or ""
            for one in simulation.executions.values()
            for run in one.runs.values()
            if run.task_id == task
        }
        if bracket and met and (value := value.removesuffix("]")) not in met:
            raise NotUsable(f"task {task!r} never runs for the value {value!r}, but for: {', '.join(sorted(met))}")


def _trigger(flow: Flow, variables: dict[str, Any]) -> TriggerInfo | None:
    """The flow's first trigger, as if it had started the execution."""
    if not variables:
        return None
    if not flow.triggers:
        raise NotUsable("--trigger: the flow has no triggers")
    return TriggerInfo(flow.triggers[0].id, flow.triggers[0].type, variables)


async def _run(here: Local, suppositions: Suppositions, wish: Wish) -> Simulation:
    clock, dice = ManualClock(datetime.now(UTC)), CountedDice()
    creator = Creator(registry=here.registry, evaluator=Evaluator(suppositions), clock=clock, dice=dice)
    simulation = Simulation(creator, suppositions, clock=clock, dice=dice, journal=MemoryJournal())
    try:
        simulation.begin(await creator.make(wish))
    except InvalidInputs as error:
        told = [f"input {name}: {each.meaning}" for name, errors in error.by_input.items() for each in errors]
        raise NotUsable("\n".join(told)) from error
    except TiercelError as error:
        raise NotUsable(str(error)) from error
    await simulation.run()
    return simulation
