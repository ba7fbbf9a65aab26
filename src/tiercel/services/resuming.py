"""What a person gives when resuming a pause, checked against what the pause asks for."""

from collections.abc import Iterable, Mapping
from typing import Any

from tiercel.definition.inputs import read_inputs, resolve
from tiercel.expression import AnsweredHost, Surroundings, render_typed
from tiercel.model.execution import Execution, TaskRun
from tiercel.model.flowable import Pause
from tiercel.model.states import State
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.services.creator import InvalidInputs, NoSuchFlow
from tiercel.services.registry import Deployed, Registry, tasks_of


class Resuming:
    """Raises InvalidInputs, NoSuchFlow."""

    def __init__(self, registry: Registry, *, clock: Clock, dice: Dice) -> None:
        self._registry = registry
        self._clock = clock
        self._dice = dice

    async def inputs(self, execution: Execution, runs: Iterable[TaskRun], given: Mapping[str, Any]) -> dict[str, Any]:
        """The typed inputs of the pause that waits; none where nothing is asked."""
        waiting = {run.task_id for run in runs if run.state.current is State.PAUSED}
        deployed = await self._deployed(execution)
        pauses = (task for task in tasks_of(deployed.flow) if isinstance(task, Pause) and task.id in waiting)
        pause = next(pauses, None)
        return {} if pause is None else self._resolved(pause, execution, deployed, given)

    async def _deployed(self, execution: Execution) -> Deployed:
        found = await self._registry.revision(
            execution.tenant, execution.namespace, execution.flow_id, execution.flow_revision
        )
        if found is None:
            raise NoSuchFlow(execution.namespace, execution.flow_id, execution.flow_revision)
        return found

    def _resolved(
        self, pause: Pause, execution: Execution, deployed: Deployed, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        surroundings = Surroundings(
            at=self._clock.now(), zone=deployed.context.world.zone, seed=self._dice.roll(), host=AnsweredHost({})
        )

        def render(value: Any, inputs: Mapping[str, Any]) -> Any:
            return render_typed(value, {"inputs": {**execution.inputs, **inputs}}, surroundings)

        resolution = resolve(read_inputs(pause.on_resume), given, render=render)
        if resolution.errors:
            raise InvalidInputs(resolution)
        return resolution.values
