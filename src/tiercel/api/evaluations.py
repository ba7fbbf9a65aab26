"""Expressions tried out on an execution: what they give there, or why they give nothing."""

import msgspec
from starlette.responses import Response

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.problems import not_found
from tiercel.api.routing import TEXT, route
from tiercel.expression import ExpressionError
from tiercel.services.evaluation import Evaluation, NoSuchTaskRun

_EVAL = "/executions/{executionId}/actions/eval"


class EvalResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text, or why there is none."""

    result: str | None = None
    error: str | None = None


class Evaluations:
    """The routes that render an expression as the tasks of an execution see it; nothing is ever decrypted."""

    def __init__(self, *, evaluation: Evaluation, executions: ExecutionReader) -> None:
        self._evaluation = evaluation
        self._executions = executions

    @route("POST", _EVAL, operation="evalExpression", accepts=(TEXT,), answers=EvalResult)
    async def within_execution(self, call: Call) -> Response:
        """Render an expression as the execution sees it"""
        return await self._evaluated(call, task_run=None)

    @route("POST", _EVAL + "/{taskRunId}", operation="evalTaskRunExpression", accepts=(TEXT,), answers=EvalResult)
    @route(
        "POST",
        "/executions/{executionId}/eval/{taskRunId}",
        operation="evalTaskRunExpression1x",
        accepts=(TEXT,),
        answers=EvalResult,
    )
    async def within_task_run(self, call: Call) -> Response:
        """Render an expression as a task run sees it"""
        return await self._evaluated(call, task_run=call.path["taskRunId"])

    async def _evaluated(self, call: Call, *, task_run: str | None) -> Response:
        execution = await self._executions.header(call.tenant, call.path["executionId"])
        try:
            text = await self._evaluation.text(execution, await call.text(), task_run=task_run)
        except NoSuchTaskRun as error:
            raise not_found(str(error)) from error
        except ExpressionError as error:
            return json_answer(EvalResult(error=error.message))
        return json_answer(EvalResult(result=text))
