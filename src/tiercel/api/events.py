"""The history of an execution: its events, with the decisions and commands that are computed from them again."""

from collections.abc import AsyncGenerator, AsyncIterator

import msgspec
from starlette.responses import Response, StreamingResponse

from tiercel.api.answers import json_bytes
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.routing import route
from tiercel.services.entries import Entry
from tiercel.services.history import Histories

AT_ONCE = 256 * 1024
LINES = "application/x-ndjson"


class EventsQuery(msgspec.Struct, frozen=True):
    download: bool = False
    """As a file of one JSON document a line."""


class Events:
    """The route of histories."""

    def __init__(self, *, histories: Histories, executions: ExecutionReader) -> None:
        self._histories = histories
        self._executions = executions

    @route(
        "GET",
        "/executions/{executionId}/events",
        operation="listExecutionEvents",
        query=EventsQuery,
        answers=list[Entry],
    )
    async def list(self, call: Call) -> Response:
        """List everything that happened to an execution, with what was decided about it"""
        execution = await self._executions.header(call.tenant, call.path["executionId"])
        entries = self._histories.entries(execution)
        if not call.query(EventsQuery).download:
            return StreamingResponse(_array(entries), media_type="application/json")
        name = f'attachment; filename="{execution.id}.events.jsonl"'
        return StreamingResponse(_lines(entries), media_type=LINES, headers={"Content-Disposition": name})


async def _array(entries: AsyncIterator[Entry]) -> AsyncGenerator[bytes]:
    separator, buffer = b"[", bytearray()
    async for entry in entries:
        buffer += separator + json_bytes(entry)
        separator = b","
        if len(buffer) > AT_ONCE:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer) + (b"]" if separator == b"," else b"[]")


async def _lines(entries: AsyncIterator[Entry]) -> AsyncGenerator[bytes]:
    buffer = bytearray()
    async for entry in entries:
        buffer += json_bytes(entry) + b"\n"
        if len(buffer) > AT_ONCE:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)
