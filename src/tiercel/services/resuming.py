"""What a person gives when resuming a pause, checked against what the pause asks for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tiercel.definition.inputs import read_inputs
from tiercel.definition.preflight import Preflight
from tiercel.model.execution import Execution
from tiercel.model.flow import Input
from tiercel.model.flowable import Approval, Pause
from tiercel.model.sealed import opened
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.services.asker import asker
from tiercel.services.creator import InvalidInputs, NoSuchFlow
from tiercel.services.evaluator import Evaluator
from tiercel.services.intake import Intake, names_for
from tiercel.services.registry import Deployed, Registry, tasks_of

Waits = Pause | Approval


class Resuming:
    """Raises InvalidInputs, NoSuchFlow."""

    def __init__(self, registry: Registry, evaluator: Evaluator, *, clock: Clock, dice: Dice) -> None:
        self._registry = registry
        self._evaluator = evaluator
        self._clock = clock
        self._dice = dice

    async def inputs(
        self,
        execution: Execution,
        runs: Iterable[TaskRun],
        given: Mapping[str, Any],
        *,
        kind: type[Waits] = Pause,
        task_run: str | None = None,
    ) -> dict[str, Any]:
        """The typed inputs of what waits and is meant; none where nothing is asked."""
        resolution = (await self.judge(execution, runs, given, kind=kind, task_run=task_run)).resolution
        if resolution.errors:
            raise InvalidInputs(resolution)
        return resolution.values

    async def judge(
        self,
        execution: Execution,
        runs: Iterable[TaskRun],
        given: Mapping[str, Any],
        *,
        kind: type[Waits] = Pause,
        task_run: str | None = None,
    ) -> Preflight:
        """What would become of what is given: to the task run that is named, else to the earliest one that waits, as the
        engine takes it."""
        deployed = await self._deployed(execution)
        tasks = {task.id: task for task in tasks_of(deployed.context.flow) if isinstance(task, kind)}
        waiting = [run for run in runs if run.state.current is State.PAUSED and run.task_id in tasks]
        meant = [run for run in waiting if task_run in (None, run.id)]
        earliest = min(meant, key=lambda run: run.ord, default=None)
        asked = () if earliest is None else _asked(tasks[earliest.task_id])
        return await self._judged(read_inputs(asked), execution, deployed, given)

    async def _deployed(self, execution: Execution) -> Deployed:
        found = await self._registry.of_execution(execution)
        if found is None:
            raise NoSuchFlow(execution.namespace, execution.flow_id, execution.flow_revision)
        return found

    async def _judged(
        self, asked: Sequence[Input], execution: Execution, deployed: Deployed, given: Mapping[str, Any]
    ) -> Preflight:
        intake, info = self._intake(execution, deployed), asker(execution)
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


def _asked(task: Waits) -> Sequence[Mapping[str, Any]]:
    """The inputs that a task asks of whoever lets it go on."""
    return task.on_resume if isinstance(task, Pause) else task.inputs
