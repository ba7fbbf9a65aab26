"""Why an execution is as it is."""

from starlette.responses import Response

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.routing import route
from tiercel.services.explainer import Explainer
from tiercel.services.explanation import Why


class WhyRoute:
    """The route of explanations."""

    def __init__(self, *, explainer: Explainer, executions: ExecutionReader) -> None:
        self._explainer = explainer
        self._executions = executions

    @route("GET", "/executions/{executionId}/why", operation="explainExecution", answers=Why)
    async def explain(self, call: Call) -> Response:
        """Explain why an execution failed, or what it waits for, and what differs from the last good one"""
        execution = await self._executions.header(call.tenant, call.path["executionId"])
        return json_answer(await self._explainer.explain(execution))
