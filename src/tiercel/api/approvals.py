"""The decision of a person about an Approval that waits."""

from typing import Any, Literal

import msgspec
from starlette.responses import Response

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.given import read_given
from tiercel.api.problems import ApiError, Detail
from tiercel.api.routing import JSON, MULTIPART, route
from tiercel.api.shapes import InnerExecution
from tiercel.engine.events import Review
from tiercel.model.execution import Execution
from tiercel.model.flowable import Approval
from tiercel.model.task_run import TaskRun
from tiercel.services import verbs
from tiercel.services.door import Door
from tiercel.services.resuming import Resuming
from tiercel.services.uploads import Uploads


class ReviewQuery(msgspec.Struct, frozen=True):
    decision: Literal["APPROVED", "DENIED"]
    comment: str | None = None
    task_run_id: str | None = msgspec.field(default=None, name="taskRunId")


class Approvals:
    """The route of decisions."""

    def __init__(self, *, door: Door, executions: ExecutionReader, resuming: Resuming, uploads: Uploads) -> None:
        self._door = door
        self._read = executions
        self._resuming = resuming
        self._uploads = uploads

    @route(
        "POST",
        "/executions/{executionId}/actions/review",
        operation="reviewExecution",
        query=ReviewQuery,
        accepts=(MULTIPART, JSON),
        answers=InnerExecution,
    )
    async def review(self, call: Call) -> Response:
        """Approve or deny what an execution waits for; who approves gives the inputs that are asked for"""
        query = call.query(ReviewQuery)
        execution = await self._read.header(call.tenant, call.path["executionId"])
        is_approved = query.decision == "APPROVED"
        async with self._uploads.for_running(execution) as upload:
            given = await read_given(call, upload)
            runs = await self._read.runs(execution.id)
            # Who denies need not answer the questions of who would approve.
            inputs = await self._approved(execution, runs, given, query) if is_approved else {}
        moment = self._door.moment()
        event = Review(
            *moment,
            is_approved=is_approved,
            task_run=query.task_run_id,
            inputs=inputs,
            comment=query.comment,
            by=call.user,
        )
        told = await self._door.tell(execution.id, event)
        if told.ignored is not None:
            words = verbs.REVIEW.words(execution)
            raise ApiError("conflict", words, errors=[Detail(words, explanation=told.ignored)])
        return json_answer(await self._read.after(told.execution))

    async def _approved(
        self, execution: Execution, runs: list[TaskRun], given: dict[str, Any], query: ReviewQuery
    ) -> dict[str, Any]:
        return await self._resuming.inputs(execution, runs, given, kind=Approval, task_run=query.task_run_id)
