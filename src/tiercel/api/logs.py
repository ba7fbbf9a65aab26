"""Log lines and metrics: listed, searched, followed, downloaded."""

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from starlette.responses import Response, StreamingResponse

from tiercel.api.answers import Frame, Page, Paging, json_answer, json_bytes, stream_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.problems import ApiError
from tiercel.api.routing import STREAM, TEXT, route
from tiercel.api.sorting import order_of
from tiercel.model.log import Level, LogEntry, MetricEntry
from tiercel.ports.filters import Condition, Filter, Filters, Operator
from tiercel.ports.logs import LogQuery, LogStore
from tiercel.services.followers import Followers

FIELDS = (
    "q",
    "scope",
    "namespace",
    "flowId",
    "executionId",
    "taskId",
    "taskRunId",
    "triggerId",
    "attemptNumber",
    "startDate",
    "endDate",
    "level",
)
ORDERS = ("timestamp",)
AT_ONCE = 256 * 1024


class LinesQuery(msgspec.Struct, frozen=True, rename="camel"):
    min_level: str | None = None
    """1.x: lines of this level and louder."""
    task_run_id: str | None = None
    task_id: str | None = None
    attempt: int | None = None


class Logs:
    """The routes of logs and metrics."""

    def __init__(self, *, logs: LogStore, executions: ExecutionReader, followers: Followers) -> None:
        self._logs = logs
        self._executions = executions
        self._followers = followers

    @route("GET", "/logs/search", operation="searchLogs", query=Paging, filters=FIELDS, answers=Page[LogEntry])
    async def search(self, call: Call) -> Response:
        """Search log lines"""
        paging = call.query(Paging)
        _, descending = order_of(paging.sort, allowed=ORDERS, default=("timestamp", True))
        query = _query(call.tenant, call.filters(), newest_first=descending)
        found, total = await self._logs.page(query, page=paging.page, size=paging.size)
        return json_answer(Page([shown(entry) for entry in found], total))

    @route(
        "GET",
        "/logs/{executionId}",
        operation="listLogsFromExecution",
        query=LinesQuery,
        filters=FIELDS,
        answers=list[LogEntry],
    )
    async def list(self, call: Call) -> Response:
        """List the log lines of an execution"""
        query = await self._of_execution(call)
        return StreamingResponse(_array(self._logs, query), media_type="application/json")

    @route(
        "GET",
        "/logs/{executionId}/download",
        operation="downloadLogsFromExecution",
        query=LinesQuery,
        filters=FIELDS,
        answers=str,
        gives=TEXT,
    )
    async def download(self, call: Call) -> Response:
        """Download the log lines of an execution as text"""
        query = await self._of_execution(call)
        name = f'attachment; filename="{call.path["executionId"]}.log"'
        return StreamingResponse(
            _text(self._logs, query), media_type="text/plain", headers={"Content-Disposition": name}
        )

    @route(
        "GET",
        "/logs/{executionId}/follow",
        operation="followLogsFromExecution",
        query=LinesQuery,
        filters=FIELDS,
        answers=LogEntry,
        gives=STREAM,
    )
    async def follow(self, call: Call) -> Response:
        """Follow the log lines of an execution as server-sent events until it is over"""
        execution_id = call.path["executionId"]
        await self._followers.until_there(call.tenant, execution_id)
        query = await self._of_execution(call)
        return stream_answer(self._frames(call.tenant, execution_id, query))

    async def _frames(self, tenant: str, execution_id: str, query: LogQuery) -> AsyncGenerator[bytes]:
        yield Frame("start", b"{}").encode()
        async for entry in self._followers.lines(tenant, execution_id, self._logs, query):
            yield Frame("progress", json_bytes(entry)).encode()
        yield Frame("end", b"{}").encode()

    @route("DELETE", "/logs/{executionId}", operation="deleteLogsFromExecution", query=LinesQuery, filters=FIELDS)
    async def delete(self, call: Call) -> Response:
        """Delete the log lines of an execution"""
        await self._logs.delete(await self._of_execution(call))
        return Response(status_code=200)

    @route("GET", "/metrics/{executionId}", operation="searchByExecution", query=Paging, answers=Page[MetricEntry])
    async def metrics(self, call: Call) -> Response:
        """List the metrics of an execution"""
        paging = call.query(Paging)
        found, total = await self._logs.metrics(call.path["executionId"], page=paging.page, size=paging.size)
        return json_answer(Page(found, total))

    async def _of_execution(self, call: Call) -> LogQuery:
        execution = await self._executions.header(call.tenant, call.path["executionId"])
        lines = call.query(LinesQuery)
        query = _query(call.tenant, call.filters(), newest_first=False)
        given = {
            "execution_id": execution.id,
            "min_level": _level(lines.min_level) if lines.min_level else query.min_level,
            "task_run_id": lines.task_run_id or query.task_run_id,
            "task_id": lines.task_id or query.task_id,
            "attempt": lines.attempt if lines.attempt is not None else query.attempt,
        }
        return msgspec.structs.replace(query, **given)


def shown(entry: LogEntry) -> dict[str, Any]:
    """A line as lists show it: without the tenant."""
    fields = msgspec.to_builtins(entry)
    fields.pop("tenantId", None)
    return fields


async def _array(logs: LogStore, query: LogQuery) -> AsyncGenerator[bytes]:
    separator, buffer = b"[", bytearray()
    async for entry in logs.read(query):
        buffer += separator + json_bytes(shown(entry))
        separator = b","
        if len(buffer) > AT_ONCE:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer) + (b"]" if separator == b"," else b"[]")


async def _text(logs: LogStore, query: LogQuery) -> AsyncGenerator[bytes]:
    buffer = bytearray()
    async for entry in logs.read(query):
        at = entry.timestamp.isoformat().replace("+00:00", "Z")
        buffer += f"{at} {entry.level} {entry.message}\n".encode()
        if len(buffer) > AT_ONCE:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)


def _query(tenant: str, filters: Filters, *, newest_first: bool) -> LogQuery:
    """The filters as the store takes them: what its indexes know by name, the others as they are."""
    wanted: dict[str, Any] = {}
    others: list[Condition] = []
    for condition in filters:
        known = _known(condition)
        wanted |= known
        if not known:
            others.append(condition)
    return LogQuery(tenant=tenant, newest_first=newest_first, filters=tuple(others), **wanted)


def _known(condition: Condition) -> dict[str, Any]:
    match condition:
        case Filter("level", Operator.GREATER_THAN_OR_EQUAL_TO, value):
            return {"min_level": _level(str(value))}
        case Filter("startDate", Operator.GREATER_THAN_OR_EQUAL_TO, value):
            return {"start": value}
        case Filter("endDate" | "startDate", Operator.LESS_THAN, value):
            return {"end": value}
        case Filter("executionId", Operator.EQUALS, value):
            return {"execution_id": value}
        case _:
            return {}


def _level(word: str) -> Level:
    try:
        return Level[word.upper()]
    except KeyError:
        raise ApiError(
            "invalid-query-filters", f"{word!r} is no level; there are {', '.join(level.name for level in Level)}"
        ) from None
