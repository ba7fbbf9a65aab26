"""What a person gives when resuming a pause, checked against what the pause asks for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tiercel.definition.inputs import read_inputs
from tiercel.definition.preflight import Preflight
from tiercel.model.execution import Execution, TaskRun
from tiercel.model.flow import Input
from tiercel.model.flowable import Approval, Pause
from tiercel.model.sealed import opened
from tiercel.model.states import State
from tiercel.model.task import Task
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.sdk import RunInfo
from tiercel.services.creator import InvalidInputs, NoSuchFlow
from tiercel.services.evaluator import Evaluator
from tiercel.services.intake import Intake, names_for
from tiercel.services.registry import Deployed, Registry, tasks_of


class Resuming:
    """Raises InvalidInputs, NoSuchFlow."""

    def __init__(self, registry: Registry, evaluator: Evaluator, *, clock: Clock, dice: Dice) -> None:
        self._registry = registry
        self._evaluator = evaluator
        self._clock = clock
        self._dice = dice

    async def inputs(self, execution: Execution, runs: Iterable[TaskRun], given: Mapping[str, Any]) -> dict[str, Any]:
        """The typed inputs of the pause that waits; none where nothing is asked."""
        resolution = (await self.judge(execution, runs, given)).resolution
        if resolution.errors:
            raise InvalidInputs(resolution)
        return resolution.values

    async def judge(self, execution: Execution, runs: Iterable[TaskRun], given: Mapping[str, Any]) -> Preflight:
        """What would become of what is given to the pause that waits."""
        waiting = {run.task_id for run in runs if run.state.current is State.PAUSED}
        deployed = await self._deployed(execution)
        asked = next((_asked(task) for task in tasks_of(deployed.flow) if task.id in waiting), ())
        return await self._judged(read_inputs(asked), execution, deployed, given)

    async def _deployed(self, execution: Execution) -> Deployed:
        found = await self._registry.revision(
            execution.tenant, execution.namespace, execution.flow_id, execution.flow_revision
        )
        if found is None:
            raise NoSuchFlow(execution.namespace, execution.flow_id, execution.flow_revision)
        return found

    async def _judged(
        self, asked: Sequence[Input], execution: Execution, deployed: Deployed, given: Mapping[str, Any]
    ) -> Preflight:
        intake, info = self._intake(execution, deployed), _info(execution)
        return await intake.answered(
            lambda: intake.judge(asked, given), lambda call: self._evaluator.answer(call, info)
        )

    def _intake(self, execution: Execution, deployed: Deployed) -> Intake:
        """Its expressions see the inputs of the execution behind those of the pause."""
        world = deployed.context.world
        names = names_for(deployed, execution_id=execution.id, labels=execution.labels, trigger=execution.trigger)
        inputs = opened(execution.inputs, world.cipher.decrypt) if world.cipher else execution.inputs
        return Intake(
            {**names, "inputs": inputs}, world, at=self._clock.now(), seed=self._dice.roll(), cause=execution.id
        )


def _asked(task: Task) -> Sequence[Mapping[str, Any]]:
    """The inputs that a task asks of whoever lets it go on."""
    match task:
        case Pause():
            return task.on_resume
        case Approval():
            return task.inputs
        case _:
            return ()


def _info(execution: Execution) -> RunInfo:
    return RunInfo(
        tenant=execution.tenant,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        flow_revision=execution.flow_revision,
        execution_id=execution.id,
        task_id="",
        task_type="",
        task_run_id="",
        attempt=1,
    )
