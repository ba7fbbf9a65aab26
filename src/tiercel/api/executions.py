"""Executions: started, read, searched, followed, and told to stop or go on."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import datetime

import msgspec
from starlette.responses import Response

from tiercel.api.answers import KEEP_ALIVE, Frame, Page, Paging, json_answer, json_bytes, stream_answer
from tiercel.api.call import Call
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.given import read_breakpoints, read_given, read_labels
from tiercel.api.links import Links
from tiercel.api.problems import ApiError
from tiercel.api.routing import JSON, MULTIPART, STREAM, route
from tiercel.api.shapes import ApiExecution, InnerExecution, light
from tiercel.api.sorting import order_of
from tiercel.model.execution import Kind
from tiercel.ports.reader import ExecutionQuery, Reader
from tiercel.services.creator import Wish
from tiercel.services.door import Door
from tiercel.services.followers import Followers
from tiercel.services.records import read_execution
from tiercel.services.residents import NoSuchExecution
from tiercel.services.uploads import Uploads

FIELDS = (
    "q", "scope", "namespace", "flowId", "flowRevision", "id", "labels", "state", "kind", "startDate", "endDate", "timeRange",
    "triggerExecutionId", "triggerId", "parentId", "childFilter",
)  # fmt: skip
ORDERS = (
    "id",
    "state.startDate",
    "state.endDate",
    "state.current",
    "state.duration",
    "namespace",
    "flowId",
    "startDate",
    "endDate",
)
_OWN_ID = re.compile("0[0-9A-Za-z]{21}")
_ALIASES = {"startDate": "state.startDate", "endDate": "state.endDate"}


class CreateQuery(msgspec.Struct, frozen=True):
    labels: list[str] = []
    wait: bool = False
    revision: int | None = None
    schedule_date: datetime | None = msgspec.field(default=None, name="scheduleDate")
    kind: Kind = Kind.NORMAL
    breakpoints: str | None = None
    """`taskId` or `taskId.value`, with commas between them: where the execution is to stop."""


class SearchQuery(Paging, frozen=True):
    before: str | None = None
    """Ours: only executions older than this id, for paging beyond 10,000 rows."""


class Executions:
    """The routes of executions."""

    def __init__(
        self,
        *,
        door: Door,
        reader: Reader,
        executions: ExecutionReader,
        followers: Followers,
        uploads: Uploads,
        links: Links,
        old_verbs: Mapping[str, Callable[[Call], Awaitable[Response]]],
    ) -> None:
        self._door = door
        self._reader = reader
        self._read = executions
        self._followers = followers
        self._uploads = uploads
        self._old_verbs = old_verbs
        self._links = links

    @route(
        "GET",
        "/executions/search",
        operation="searchExecutions",
        query=SearchQuery,
        filters=FIELDS,
        answers=Page[ApiExecution],
    )
    @route(
        "GET",
        "/executions",
        operation="searchExecutionsByFlowId",
        query=SearchQuery,
        filters=FIELDS,
        answers=Page[ApiExecution],
    )
    async def search(self, call: Call) -> Response:
        """Search executions, newest first"""
        query = call.query(SearchQuery)
        order, descending = order_of(query.sort, allowed=ORDERS, default=("state.startDate", True))
        wanted = ExecutionQuery(
            tenant=call.tenant,
            filters=call.filters(),
            order=_ALIASES.get(order, order),
            descending=descending,
            page=query.page,
            size=query.size,
            before=query.before,
        )
        found, total = await self._reader.search(wanted)
        shown = [light(read_execution(each.row)) for each in found]
        return json_answer(Page(shown, total.n, total.is_estimate))

    @route(
        "POST",
        "/executions/{namespace}/{id}",
        operation="createExecution",
        query=CreateQuery,
        accepts=(MULTIPART, JSON),
        answers=InnerExecution,
    )
    async def create(self, call: Call) -> Response:
        """Start an execution of a flow; with `wait` the answer comes when it is over"""
        if old_verb := self._old_verb(call):
            return await old_verb(call)
        query = call.query(CreateQuery)
        namespace, flow_id = call.path["namespace"], call.path["id"]
        endings = self._uploads.endings(call.tenant, namespace, flow_id)
        async with self._uploads.for_execution(namespace, flow_id) as upload:
            wish = Wish(
                tenant=call.tenant,
                namespace=namespace,
                flow_id=flow_id,
                revision=query.revision,
                inputs=await read_given(call, upload, endings=endings),
                labels=read_labels(query.labels),
                kind=_kind_from_outside(query.kind),
                schedule_date=query.schedule_date,
                breakpoints=read_breakpoints(query.breakpoints) or (),
                id=upload.execution_id,
            )
            creation = await self._door.create(wish)
        url = self._links.execution(creation.created)
        if query.wait:
            await self._followers.until_over(call.tenant, creation.created.id)
            return json_answer(await self._read.inner(call.tenant, creation.created.id, url=url))
        return json_answer(await self._read.after(creation.first, url=url))

    def _old_verb(self, call: Call) -> Callable[[Call], Awaitable[Response]] | None:
        """1.x had its verbs where flows are started: `POST executions/{executionId}/pause`."""
        verb = self._old_verbs.get(call.path["id"])
        if verb is None or not _OWN_ID.fullmatch(call.path["namespace"]):
            return None
        call.path = {"executionId": call.path["namespace"]}
        return verb

    @route("GET", "/executions/{executionId}", operation="getExecution", answers=ApiExecution)
    async def get(self, call: Call) -> Response:
        """Get an execution with its task runs"""
        return json_answer(await self._read.light(call.tenant, call.path["executionId"]))

    @route("GET", "/executions/{executionId}/follow", operation="followExecution", answers=InnerExecution, gives=STREAM)
    async def follow(self, call: Call) -> Response:
        """Follow an execution as server-sent events until it is over"""
        return stream_answer(self._frames(call.tenant, call.path["executionId"]))

    async def _frames(self, tenant: str, execution_id: str) -> AsyncGenerator[bytes]:
        """As the original does, the stream opens before anybody knows whether there is such an execution."""
        yield Frame("start", msgspec.json.encode({"id": execution_id, "deleted": False})).encode()
        try:
            await self._followers.until_there(tenant, execution_id)
        except NoSuchExecution:
            return
        async for news in self._followers.executions(tenant, execution_id):
            if news is None:
                yield KEEP_ALIVE
                continue
            shown = json_bytes(await self._read.inner(tenant, execution_id))
            yield Frame("end" if news.is_over else "progress", shown).encode()


def _kind_from_outside(kind: Kind) -> Kind:
    """What is of kind LOOP takes no slot and knows no SLA, since the execution that loops answers for it."""
    if kind is Kind.LOOP:
        raise ApiError("invalid-argument", "kind LOOP is that of iterations, which a Loop begins itself: leave it out")
    return kind
