"""What would become of the inputs of an execution: asked by forms as people type, nothing is created or kept."""

from typing import Any

import msgspec
from starlette.responses import Response

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.given import read_given
from tiercel.api.problems import ApiError
from tiercel.api.routing import JSON, MULTIPART, route
from tiercel.definition.inputs import ResolvedInput
from tiercel.definition.json import input_json
from tiercel.definition.preflight import FailedCheck, Preflight
from tiercel.model.flow import InputType
from tiercel.model.states import State
from tiercel.services.creator import Creator, Wish
from tiercel.services.resuming import Resuming
from tiercel.services.uploads import Uploads


class ApiInputError(msgspec.Struct, frozen=True, rename="camel"):
    message: str
    render_error: bool


class InputAndValue(msgspec.Struct, frozen=True, rename="camel"):
    """One input, as it is asked for, and what became of what was given for it."""

    input: dict[str, Any]
    value: Any | msgspec.UnsetType
    enabled: bool
    is_default: bool
    errors: list[ApiInputError]


class PreflightAnswer(msgspec.Struct, frozen=True):
    """All inputs of a flow or a pause, and the checks of the flow that do not hold."""

    id: str
    namespace: str
    inputs: list[InputAndValue]
    checks: tuple[FailedCheck, ...]


class ValidationQuery(msgspec.Struct, frozen=True):
    revision: int | None = None


class Preflights:
    """The routes that judge inputs."""

    def __init__(self, *, creator: Creator, resuming: Resuming, executions: ExecutionReader, uploads: Uploads) -> None:
        self._creator = creator
        self._resuming = resuming
        self._executions = executions
        self._uploads = uploads

    @route(
        "POST",
        "/executions/{namespace}/{id}/validate",
        operation="validateNewExecutionInputs",
        query=ValidationQuery,
        accepts=(MULTIPART, JSON),
        answers=PreflightAnswer,
    )
    async def validate(self, call: Call) -> Response:
        """Check the inputs of an execution without starting it"""
        namespace, flow_id = call.path["namespace"], call.path["id"]
        endings = self._creator.endings(call.tenant, namespace, flow_id)
        wish = Wish(
            tenant=call.tenant,
            namespace=namespace,
            flow_id=flow_id,
            revision=call.query(ValidationQuery).revision,
            inputs=await read_given(call, self._uploads.imagined(namespace, flow_id), endings=endings),
        )
        return json_answer(_answer(namespace, flow_id, await self._creator.judge(wish)))

    @route(
        "POST",
        "/executions/{executionId}/actions/resume/validate",
        operation="validateResumeExecutionInputs",
        accepts=(MULTIPART, JSON),
        answers=PreflightAnswer,
    )
    @route(
        "POST",
        "/executions/{executionId}/resume/validate",
        operation="validateResumeExecutionInputs1x",
        accepts=(MULTIPART, JSON),
        answers=PreflightAnswer,
    )
    async def validate_resume(self, call: Call) -> Response:
        """Check the inputs that a pause asks for without resuming it"""
        execution = await self._executions.header(call.tenant, call.path["executionId"])
        if execution.state.current is not State.PAUSED:
            raise ApiError("conflict", f"Execution '{execution.id}' is not paused, can't resume it")
        given = await read_given(call, self._uploads.imagined(execution.namespace, execution.flow_id))
        found = await self._resuming.judge(*await self._executions.paused(execution), given)
        return json_answer(_answer(execution.namespace, execution.flow_id, found))


def _answer(namespace: str, flow_id: str, found: Preflight) -> PreflightAnswer:
    return PreflightAnswer(flow_id, namespace, [_shown(one) for one in found.resolution.inputs], found.checks)


def _shown(one: ResolvedInput) -> InputAndValue:
    """A secret that was not taken is not repeated: it would be the only one that is ever shown."""
    is_hidden = one.value is None or (one.declared.type is InputType.SECRET and bool(one.errors))
    return InputAndValue(
        input={**input_json(one.declared), "id": one.id},
        value=msgspec.UNSET if is_hidden else one.value,
        enabled=one.enabled,
        is_default=one.is_default,
        errors=[ApiInputError(error.message, error.render_error) for error in one.errors],
    )
