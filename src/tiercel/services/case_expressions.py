"""Expressions of unit tests: of their fixtures before the execution begins, of their assertions when it is over."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from time import thread_time
from typing import Any

from immutables import Map
from msgspec.structs import replace

from tiercel.engine import FlowContext, restore, variables
from tiercel.expression import AnsweredHost, ExpressionError, Surroundings, Unanswered, render_typed
from tiercel.model.execution import Execution
from tiercel.model.sealed import opened, plain
from tiercel.model.task_run import TaskRun
from tiercel.sdk import RunInfo
from tiercel.services.asker import asker
from tiercel.services.evaluator import Evaluator
from tiercel.services.rendering import MOST_QUESTIONS


class CaseExpressions:
    """Renders with types kept. Raises ExpressionError."""

    def __init__(self, evaluator: Evaluator, context: FlowContext, *, at: datetime) -> None:
        self._evaluator = evaluator
        self._context = context.in_full()
        self._at = at

    async def given(self, value: Any, *, inputs: Mapping[str, Any], files: Mapping[str, str], info: RunInfo) -> Any:
        """What a fixture says."""
        flow = self._context.flow
        names = {"inputs": inputs, "files": files, "flow": {"id": flow.id, "namespace": flow.namespace}}
        return await self._rendered(value, names, info)

    async def seen(self, value: Any, header: Execution, runs: Iterable[TaskRun], *, files: Mapping[str, str]) -> Any:
        """What an assertion says of an execution that is over."""
        execution = restore(self._context, header, ((run, None) for run in runs))
        execution = replace(execution, runs=Map())
        state = {"id": header.id, "state": header.state.current.value, "outputs": header.outputs or {}}
        names = variables(self._context, execution, also={"files": files})
        known = {**{name: names[name] for name in names}, "execution": {**names["execution"], **state}}
        cipher = self._context.world.cipher
        return await self._rendered(value, known if cipher is None else opened(known, cipher.decrypt), asker(header))

    async def _rendered(self, value: Any, names: Mapping[str, Any], info: RunInfo) -> Any:
        answers: dict[str, Any] = {}
        for _ in range(MOST_QUESTIONS):
            try:
                return plain(render_typed(value, names, self._surroundings(answers)))
            except Unanswered as question:
                answers[question.call.key] = await self._evaluator.answer(question.call, info)
        raise ExpressionError("limit", f"an expression may ask the world {MOST_QUESTIONS} times")

    def _surroundings(self, answers: Mapping[str, Any]) -> Surroundings:
        world = self._context.world
        return Surroundings(
            at=self._at,
            zone=world.zone,
            dialect=world.dialect,
            seed=0,
            task_run="",
            host=AnsweredHost(answers),
            stopwatch=thread_time,
        )
