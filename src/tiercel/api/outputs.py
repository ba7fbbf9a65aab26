"""Outputs of task runs, and files of internal storage that belong to an execution."""

import msgspec
from starlette.responses import Response, StreamingResponse

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.preview import Preview, preview
from tiercel.api.problems import ApiError, not_found
from tiercel.api.routing import BYTES, route
from tiercel.model.execution import Execution
from tiercel.ports.reader import Reader
from tiercel.ports.storage import FileMissing, Storage
from tiercel.services.locations import SCHEME, execution_folder
from tiercel.services.spill import shown


class OutputsInfo(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A task run that has outputs."""

    task_id: str
    task_run_id: str
    value: str | None = None
    iteration: int | None = None
    inline: bool = msgspec.field(default_factory=lambda: True)
    """False where they are so large that they lie in internal storage."""


class FileQuery(msgspec.Struct, frozen=True, rename="camel"):
    path: str
    """The file's URI."""


class PreviewQuery(FileQuery, frozen=True, rename="camel"):
    max_rows: int = 100
    encoding: str = "UTF-8"


class FileInfo(msgspec.Struct, frozen=True):
    size: int


class Outputs:
    """The routes of outputs and files."""

    def __init__(self, *, reader: Reader, executions: ExecutionReader, storage: Storage) -> None:
        self._reader = reader
        self._executions = executions
        self._storage = storage

    @route("GET", "/outputs/{executionId}", operation="getTaskOutputsInformation", answers=list[OutputsInfo])
    @route(
        "GET", "/outputs/executions/{executionId}", operation="getTaskOutputsInformationSdk", answers=list[OutputsInfo]
    )
    async def index(self, call: Call) -> Response:
        """List the task runs of an execution that have outputs"""
        execution = await self._executions.header(call.tenant, call.path["executionId"])
        found = await self._reader.outputs(execution.id)
        return json_answer(
            [OutputsInfo(each.task_id, each.task_run_id, each.value, each.iteration, each.is_inline) for each in found]
        )

    @route("GET", "/outputs/{executionId}/{taskRunId}", operation="getTaskRunOutputs", answers=dict)
    async def of_task_run(self, call: Call) -> Response:
        """Get the outputs of a task run"""
        execution = await self._executions.header(call.tenant, call.path["executionId"])
        body = await self._reader.outputs_of(execution.id, call.path["taskRunId"])
        if body is None:
            raise not_found(f"task run '{call.path['taskRunId']}' of execution '{execution.id}' has no outputs")
        outputs = await shown(self._storage, msgspec.json.decode(body))
        return json_answer(outputs)

    @route(
        "GET",
        "/executions/{executionId}/file",
        operation="downloadFileFromExecution",
        query=FileQuery,
        answers=bytes,
        gives=BYTES,
    )
    async def download(self, call: Call) -> Response:
        """Download a file of an execution"""
        uri = await self._own(call, call.query(FileQuery).path)
        size = await self._size(uri)
        name = uri.rpartition("/")[2]
        headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(self._storage.read(uri), media_type=BYTES, headers=headers)

    @route(
        "GET",
        "/executions/{executionId}/file/metas",
        operation="getFileMetadatasFromExecution",
        query=FileQuery,
        answers=FileInfo,
    )
    async def info(self, call: Call) -> Response:
        """Get the size of a file of an execution"""
        uri = await self._own(call, call.query(FileQuery).path)
        return json_answer(FileInfo(await self._size(uri)))

    @route(
        "GET",
        "/executions/{executionId}/file/preview",
        operation="previewFileFromExecution",
        query=PreviewQuery,
        answers=Preview,
    )
    async def preview(self, call: Call) -> Response:
        """Show the beginning of a file of an execution"""
        query = call.query(PreviewQuery)
        uri = await self._own(call, query.path)
        await self._size(uri)
        return json_answer(await preview(self._storage, uri, max_rows=query.max_rows, encoding=query.encoding))

    async def _own(self, call: Call, uri: str) -> str:
        """The URI, if the file is the execution's own. Raises ApiError: another execution's is not shown."""
        execution = await self._executions.header(call.tenant, call.path["executionId"])
        if not uri.startswith(f"{SCHEME}/") or ".." in uri.split("/"):
            raise ApiError("invalid-argument", f"Invalid internal storage URI: {uri}")
        if not _lies_with(execution, uri) and not await self._is_inherited(execution, uri):
            raise not_found(f"{uri} is no file of execution '{execution.id}'")
        return uri

    async def _is_inherited(self, execution: Execution, uri: str) -> bool:
        """Whether it lies with the execution that this one is a replay of, or with another replay of that one."""
        holder = await self._executions.found(execution.tenant, _holder(uri))
        return holder is not None and _lies_with(holder, uri) and _first(holder) == _first(execution)

    async def _size(self, uri: str) -> int:
        try:
            return await self._storage.size(uri)
        except FileMissing as error:
            raise not_found(str(error)) from error


def _lies_with(execution: Execution, uri: str) -> bool:
    return uri.startswith(execution_folder(execution.namespace, execution.flow_id, execution.id))


def _holder(uri: str) -> str:
    """The id of the execution in whose folder a file lies."""
    return uri.partition("/executions/")[2].partition("/")[0]


def _first(execution: Execution) -> str:
    """The execution that all replays of one another come from."""
    return execution.original_id or execution.id
