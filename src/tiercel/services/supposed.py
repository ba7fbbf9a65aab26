"""What a simulation supposes of tasks and of the world: as it is told, else that everything goes well and gives nothing."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tiercel.engine import FlowContext
from tiercel.engine.commands import Job, JobPart
from tiercel.expression import HostCall
from tiercel.model.batches import SPLIT
from tiercel.model.execution import Fixture
from tiercel.model.log import LogEntry
from tiercel.model.states import State
from tiercel.sdk import RunInfo
from tiercel.services.run_task import TaskRunner


class End(msgspec.Struct, frozen=True):
    """How an attempt at a task ends."""

    state: State
    outputs: dict[str, Any] | None = None
    error: str | None = None
    entries: tuple[LogEntry, ...] = ()
    """What the task wrote into the log."""


class Suppositions:
    """How tasks end. What nobody said and a task needed is noted in `made`."""

    def __init__(
        self, runner: TaskRunner, *, failing: frozenset[str] = frozenset(), outputs: Mapping[str, dict[str, Any]]
    ) -> None:
        self._runner = runner
        self._failing = failing
        """Tasks, as `id` or `id[value]`."""
        self._outputs = outputs
        """Of tasks, named likewise."""
        self.made: dict[str, None] = {}

    async def answer(self, call: HostCall, info: RunInfo | None = None) -> Any:
        """The world's answer to an expression: the question itself stands for it."""
        self.made[f"{call.key} is answered with its own text"] = None
        return call.key

    def page(self, uri: str) -> str:
        """The one value that a file of values has."""
        self.made[f"{uri} holds one value"] = None
        return "simulated"

    def end(self, job: Job, *, value: str | None, parts: Sequence[Mapping[str, Any]] = ()) -> End:
        """How a job on a worker ends, that of a WorkingDirectory after what was told of its children.

        `value`: that of the loop around it.
        """
        told = self._told(job.task_id, value)
        if told is not None:
            return told
        if job.parts:
            return End(State.FAILED if _has_failed(job, parts) else State.SUCCESS)
        if job.type == SPLIT:
            return End(State.SUCCESS, {"splits": f"kestra:///simulated/{job.task_id}.ion"})
        return self._well(job.task_id, job.type)

    def end_inside(self, job: Job, *, value: str | None) -> End:
        """The same for a task that runs inside the executor: it is run, since nobody outside notices."""
        told = self._told(job.task_id, value)
        outcome = None if told is not None else self._runner.run_instant(job, at=job.at)
        if outcome is None:
            return told or self.end(job, value=value)
        return End(outcome.state, outcome.outputs, outcome.error, outcome.entries)

    def fixtures(self, context: FlowContext) -> Iterator[Fixture]:
        """What is said of tasks that the engine does itself: they end so, and nothing of them begins."""
        for name in sorted(self._failing | self._outputs.keys()):
            task, bracket, value = name.partition("[")
            node = context.nodes.get(task)
            if node is not None and not (node.is_runnable or node.is_part):
                state = State.FAILED if name in self._failing else State.SUCCESS
                yield Fixture(task, value.removesuffix("]") if bracket else None, state, self._outputs.get(name))

    def parts(self, job: Job, *, value: str | None) -> Iterator[dict[str, Any]]:
        """What the worker of a WorkingDirectory tells of its children, in order: fields of `Part`. A failure ends it."""
        for place, part in enumerate(job.parts):
            told = self._told(part.task_id, value) or self._well(part.task_id, part.type)
            state = State.SUCCESS
            for number in range(1, 1 + _most_attempts(part)):
                yield {"place": place, "number": number, "state": State.RUNNING}
                state = told.state
                again = state is State.FAILED and number < _most_attempts(part)
                yield {
                    "place": place,
                    "number": number,
                    "state": state,
                    "outputs": told.outputs,
                    "is_tried_again": again,
                }
                if not again:
                    break
            if state is State.FAILED and not part.allow_failure:
                return

    def _well(self, task_id: str, type: str) -> End:
        self.made[f"task {task_id} ({type}) succeeds without outputs"] = None
        return End(State.SUCCESS)

    def _told(self, task_id: str, value: str | None) -> End | None:
        for name in (f"{task_id}[{value}]", task_id):
            if name in self._failing:
                return End(State.FAILED, error="the simulation was told so")
            if name in self._outputs:
                return End(State.SUCCESS, self._outputs[name])
        return None


def _most_attempts(part: JobPart) -> int:
    return int((part.retry or {}).get("maxAttempts") or 1)


def _has_failed(job: Job, told: Sequence[Mapping[str, Any]]) -> bool:
    if not told or told[-1]["state"] is not State.FAILED:
        return False
    last: int = told[-1]["place"]
    return not job.parts[last].allow_failure
