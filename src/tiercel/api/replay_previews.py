"""What a replay or a restart would run again, told before anybody asks for it."""

import msgspec
from starlette.responses import Response

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.problems import ApiError
from tiercel.api.routing import route
from tiercel.engine.previews import Preview
from tiercel.engine.replays import NotReplayable
from tiercel.model.execution import Execution
from tiercel.services.foresight import Foresight


class ReplayPreviewQuery(msgspec.Struct, frozen=True):
    task_run_id: str | None = msgspec.field(default=None, name="taskRunId")
    revision: int | None = None


class RestartPreviewQuery(msgspec.Struct, frozen=True):
    revision: int | None = None


class ReplayPreviews:
    """The routes of previews. 409 where the verb itself would be refused."""

    def __init__(self, *, foresight: Foresight, executions: ExecutionReader) -> None:
        self._foresight = foresight
        self._executions = executions

    @route(
        "GET",
        "/executions/{executionId}/replay/preview",
        operation="previewReplay",
        query=ReplayPreviewQuery,
        answers=Preview,
    )
    async def replay(self, call: Call) -> Response:
        """Show what a replay would run again, and what it would keep"""
        query, execution = call.query(ReplayPreviewQuery), await self._execution(call)
        try:
            told = await self._foresight.replay(execution, task_run=query.task_run_id, revision=query.revision)
        except NotReplayable as error:
            raise ApiError("conflict", str(error)) from error
        return json_answer(told)

    @route(
        "GET",
        "/executions/{executionId}/restart/preview",
        operation="previewRestart",
        query=RestartPreviewQuery,
        answers=Preview,
    )
    async def restart(self, call: Call) -> Response:
        """Show what a restart would run again, and what it would keep"""
        execution = await self._execution(call)
        try:
            told = await self._foresight.restart(execution, revision=call.query(RestartPreviewQuery).revision)
        except NotReplayable as error:
            raise ApiError("conflict", str(error)) from error
        return json_answer(told)

    async def _execution(self, call: Call) -> Execution:
        return await self._executions.header(call.tenant, call.path["executionId"])
