"""What an expression gives that somebody writes against a stored execution, or the answer of a webhook names.

It sees what the tasks saw, and nothing that is to stay hidden: encrypted values stay as they are stored, secrets are stars.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from immutables import Map
from msgspec.structs import replace

from tiercel import engine
from tiercel.engine import Above, FlowContext, restore, seen_from_below
from tiercel.engine.commands import Job
from tiercel.engine.variables import variables
from tiercel.expression import AnsweredHost, ExpressionError, MaskedHost, Surroundings, Template, Unanswered, compile
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution
from tiercel.model.task_run import TaskRun
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.reader import Reader
from tiercel.ports.storage import Storage
from tiercel.sdk import RunInfo
from tiercel.services.asker import asker
from tiercel.services.creator import NoSuchFlow
from tiercel.services.evaluator import Evaluator
from tiercel.services.records import read_execution, read_run
from tiercel.services.registry import Registry
from tiercel.services.rendering import MOST_QUESTIONS
from tiercel.services.spill import in_full, shown

MOST_OUTPUTS = 1000
"""Of how many task runs one expression may ask the outputs."""

Wanted = Callable[[str], bool]
"""Whether the outputs of a task are asked for."""


class NoSuchTaskRun(TiercelError):
    def __init__(self, execution_id: str, task_run_id: str) -> None:
        super().__init__(f"execution '{execution_id}' has no task run '{task_run_id}'")


class Evaluation:
    """Renders against rows: what is not committed is not seen."""

    def __init__(
        self,
        *,
        reader: Reader,
        registry: Registry,
        evaluator: Evaluator,
        storage: Storage,
        clock: Clock,
        dice: Dice,
    ) -> None:
        self._reader = reader
        self._storage = storage
        self._registry = registry
        self._evaluator = evaluator
        self._clock = clock
        self._dice = dice

    async def text(self, header: Execution, written: str, *, task_run: str | None = None) -> str:
        """What a text says within an execution. Raises ExpressionError, NoSuchTaskRun, NoSuchFlow."""
        found = await self._registry.of_execution(header)
        if found is None:
            raise NoSuchFlow(header.namespace, header.flow_id, header.flow_revision)
        context, template = found.context.in_full(), compile(written)
        execution = await self._whole(context, header, _wanted(template))
        run = None if task_run is None else _run(execution, task_run)
        return await self._rendered(template, context.of_iteration(header.iteration), execution, run)

    async def job(self, header: Execution, task_run: str) -> Job:
        """The last attempt at a task, with what its expressions see now. Raises NoSuchTaskRun, NoSuchFlow."""
        found = await self._registry.revision(header.tenant, header.namespace, header.flow_id, header.flow_revision)
        if found is None:
            raise NoSuchFlow(header.namespace, header.flow_id, header.flow_revision)
        context = found.context.in_full()
        execution = await self._whole(context, header, lambda _: True)
        run = _run(execution, task_run)
        own = context.of_iteration(header.iteration)
        return engine.job(own, execution, run.ord, at=run.state.started, seed=self._dice.roll())

    async def _rendered(
        self, template: Template, context: FlowContext, execution: Execution, run: TaskRun | None
    ) -> str:
        names, info = variables(context, execution, None if run is None else run.ord), _info(execution, run)
        at, seed, answers = self._clock.now(), self._dice.roll(), dict[str, Any]()
        for _ in range(MOST_QUESTIONS):
            surroundings = Surroundings(
                at=at,
                zone=context.world.zone,
                dialect=context.world.dialect,
                seed=seed,
                task_run=info.task_run_id,
                host=MaskedHost(AnsweredHost(answers)),
                stopwatch=context.world.stopwatch,
            )
            try:
                return template.render(names, surroundings)
            except Unanswered as question:
                answers[question.call.key] = await self._evaluator.answer(question.call, info)
        raise ExpressionError("limit", f"an expression may ask the world {MOST_QUESTIONS} times")

    async def _whole(self, context: FlowContext, header: Execution, wanted: Wanted) -> Execution:
        """The execution with all of its task runs, and as much of those above a loop's iteration as that one sees."""
        header = await in_full(self._storage, header)
        runs = await self._runs(header.id, wanted)
        above = await self._above(context, header, wanted)
        own = context.of_iteration(header.iteration)
        execution = restore(own, header, ((run, None) for run in runs), above=above)
        return replace(execution, runs=Map((run.ord, run) for run in runs))

    async def _above(self, context: FlowContext, header: Execution, wanted: Wanted) -> Above | None:
        if header.iteration is None or header.parent_id is None:
            return None
        found = await self._reader.execution(header.tenant, header.parent_id)
        if found is None:
            return None
        parent = await in_full(self._storage, read_execution(found.row))
        rows = [(run, None) for run in await self._runs(parent.id, wanted)]
        above = await self._above(context, parent, wanted)
        own = context.of_iteration(parent.iteration)
        return seen_from_below(own, parent, rows, at=header.state.started, above=above)

    async def _runs(self, execution_id: str, wanted: Wanted) -> list[TaskRun]:
        runs = [read_run(row)[0] async for row in self._reader.task_runs(execution_id)]
        outputs = await self._outputs(execution_id, wanted)
        return [replace(run, outputs=outputs.get(run.id)) for run in runs]

    async def _outputs(self, execution_id: str, wanted: Wanted) -> dict[str, dict[str, Any]]:
        found = [each.task_run_id for each in await self._reader.outputs(execution_id) if wanted(each.task_id)]
        if len(found) > MOST_OUTPUTS:
            reason = f"this asks for the outputs of {len(found)} task runs, and may for those of {MOST_OUTPUTS}"
            raise ExpressionError("limit", f"{reason}: name a task, as in `outputs.task`")
        read = {run: await self._reader.outputs_of(execution_id, run) for run in found}
        bodies = {run: msgspec.json.decode(body) for run, body in read.items() if body is not None}
        return {run: await shown(self._storage, outputs) for run, outputs in bodies.items()}


def _wanted(template: Template) -> Wanted:
    named = {path[:2] for path in template.names}
    everything = not named.isdisjoint({(), ("outputs",)})
    return lambda task_id: everything or ("outputs", task_id) in named


def _run(execution: Execution, task_run: str) -> TaskRun:
    for run in execution.runs.values():
        if run.id == task_run:
            return run
    raise NoSuchTaskRun(execution.id, task_run)


def _info(execution: Execution, run: TaskRun | None) -> RunInfo:
    info = asker(execution)
    if run is None:
        return info
    return msgspec.structs.replace(info, task_id=run.task_id, task_run_id=run.id, attempt=run.attempt)
