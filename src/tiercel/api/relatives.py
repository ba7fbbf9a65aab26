"""The executions around one: those it came of and those that came of it, followed together."""

import asyncio
from collections.abc import AsyncGenerator

import msgspec
from starlette.responses import Response

from tiercel.api.answers import KEEP_ALIVE, Frame, stream_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.routing import STREAM, route
from tiercel.api.shapes import ApiState, state
from tiercel.model.execution import Execution
from tiercel.services.followers import LOOK_AGAIN, Followers
from tiercel.services.relatives import Relatives


class RelativesQuery(msgspec.Struct, frozen=True, rename="camel"):
    destination_only: bool = False
    """Only what came of the execution, not what it came of."""
    expand_all: bool = False
    """All of them, however far away; otherwise the nearest."""


class ExecutionStatusEvent(msgspec.Struct, frozen=True, rename="camel"):
    """How one of the executions stands."""

    execution_id: str
    tenant_id: str
    namespace: str
    flow_id: str
    state: ApiState


class RelativeRoutes:
    """The route that follows an execution with its relatives."""

    def __init__(self, *, relatives: Relatives, executions: ExecutionReader, followers: Followers) -> None:
        self._relatives = relatives
        self._executions = executions
        self._followers = followers

    @route(
        "GET",
        "/executions/{executionId}/follow-dependencies",
        operation="followDependenciesExecutions",
        query=RelativesQuery,
        answers=ExecutionStatusEvent,
        gives=STREAM,
    )
    async def follow(self, call: Call) -> Response:
        """Follow an execution and those around it as server-sent events until all are over"""
        execution_id = call.path["executionId"]
        await self._followers.until_there(call.tenant, execution_id)
        return stream_answer(self._frames(call.tenant, execution_id, call.query(RelativesQuery)))

    async def _frames(self, tenant: str, execution_id: str, query: RelativesQuery) -> AsyncGenerator[bytes]:
        mark = msgspec.json.encode({"executionId": execution_id})
        yield Frame("start", mark).encode()
        shown: dict[str, bytes] = {}
        while True:
            related = await self._related(tenant, execution_id, query)
            for one in related:
                frame = _frame(one)
                if shown.get(one.id) != frame:
                    shown[one.id] = frame
                    yield frame
            if not any(one.live for one in related):
                break
            yield KEEP_ALIVE
            await asyncio.sleep(LOOK_AGAIN)
        yield Frame("end-all", mark).encode()

    async def _related(self, tenant: str, execution_id: str, query: RelativesQuery) -> list[Execution]:
        execution = await self._executions.header(tenant, execution_id)
        look = self._relatives.all if query.expand_all else self._relatives.near
        return await look(execution, above=not query.destination_only)


def _frame(execution: Execution) -> bytes:
    shown = ExecutionStatusEvent(
        execution.id, execution.tenant, execution.namespace, execution.flow_id, state(execution.state)
    )
    return Frame("progress" if execution.live else "end", msgspec.json.encode(shown)).encode()
