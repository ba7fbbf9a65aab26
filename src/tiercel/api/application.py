"""The ASGI application: finds the handler, lets it answer, makes problem documents of what is refused."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from tiercel.api.call import Call
from tiercel.api.flows import refused
from tiercel.api.guard import Guard
from tiercel.api.problems import ApiError, Detail, not_found, problem
from tiercel.api.routing import STREAM, Handler, Route, Router, routes_of
from tiercel.api.web import WebUi
from tiercel.api.webhook import WebhookRoute
from tiercel.model.errors import TiercelError
from tiercel.ports.filters import BadFilters
from tiercel.ports.flows import FlowExists
from tiercel.ports.mailbox import NoAnswer
from tiercel.ports.outage import Outage
from tiercel.ports.templates import TemplateExists
from tiercel.services.backfills import BackfillUnderWay, NoBackfill
from tiercel.services.creator import BlockedByChecks, FlowDisabled, InvalidInputs, NoSuchFlow
from tiercel.services.deployment import InvalidFlow
from tiercel.services.executor import Overloaded
from tiercel.services.followers import Followers, LetGo
from tiercel.services.registry import UnreadableFlow
from tiercel.services.residents import NoSuchExecution
from tiercel.services.signatures import WrongSignature
from tiercel.services.suspects import Unstorable
from tiercel.services.switches import NoSuchTrigger, NotLocked
from tiercel.services.webhooks import NoSuchWebhook, WebhookClosed

log = logging.getLogger(__name__)

BASE = "/api/v1"
TENANT = "main"


class Application:
    """All resources behind one door. `drain` ends the streams that are open."""

    def __init__(
        self,
        resources: Iterable[object],
        *,
        webhook: WebhookRoute,
        web: WebUi,
        guard: Guard,
        followers: Followers,
        context_path: str = "",
    ) -> None:
        self._router = Router()
        self._webhook = webhook
        self._web = web
        self._guard = guard
        self._followers = followers
        self._context_path = context_path.rstrip("/")
        """Stands before every path, where something else has the paths above it."""
        self._first_parts: set[str] = set()
        self._draining = asyncio.Event()
        for resource in resources:
            for each, handler in routes_of(resource):
                self._add(each, handler)

    def _add(self, route: Route, handler: Handler) -> None:
        bound = _bound(route, handler)
        self._router.add(route.method, f"{BASE}/{TENANT}{route.path}" if route.tenanted else route.path, bound)
        if route.tenanted:
            self._first_parts.add(route.path.split("/")[1])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        sending = _Sending(send)
        try:
            await self._serve(self._within_context(scope), receive, sending)
        except ClientDisconnect:
            return
        except Exception as error:
            if sending.has_begun:
                log.error("an answer broke off", exc_info=error)
                return
            await problem(_explained(error), instance=_instance(scope))(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if self._webhook.is_meant(path):
            await self._webhook(scope, receive, send)
            return
        _refuse_nul(scope)
        user = self._guard.user(scope)
        if self._web.is_meant(path):
            await self._web(scope, receive, send)
            return
        handler, parameters = self._router.find(scope["method"], self._tenanted(path))
        call = Call(Request(scope, receive), parameters, tenant=TENANT, user=user)
        answer = await handler(call)
        if isinstance(answer, StreamingResponse) and answer.media_type == STREAM:
            answer.body_iterator = self._until_drained(answer.body_iterator)
        await answer(scope, receive, send)

    def _within_context(self, scope: Scope) -> Scope:
        context, path = self._context_path, scope["path"]
        if not context:
            return scope
        if path != context and not path.startswith(f"{context}/"):
            raise not_found(f"everything is below {context}/")
        return {**scope, "path": path.removeprefix(context) or "/", "root_path": context}

    def drain(self) -> None:
        """End the streams that are open, so that a stop need not wait for those who follow, or wait for an end."""
        self._draining.set()
        self._followers.let_go()

    async def _until_drained(self, chunks: AsyncIterable[Any]) -> AsyncGenerator[Any]:
        iterator = aiter(chunks)
        draining = asyncio.ensure_future(self._draining.wait())
        coming: asyncio.Future[Any] | None = None
        try:
            while not self._draining.is_set():
                coming = asyncio.ensure_future(anext(iterator, None))
                await asyncio.wait((coming, draining), return_when=asyncio.FIRST_COMPLETED)
                if not coming.done() or (chunk := coming.result()) is None:
                    return
                yield chunk
        finally:
            draining.cancel()
            if coming is not None and not coming.done():
                coming.cancel()
                await asyncio.wait((coming,))
            if isinstance(iterator, AsyncGenerator):
                await iterator.aclose()

    def _tenanted(self, path: str) -> str:
        """Older clients leave the tenant out. Raises ApiError for a tenant there is not."""
        parts = path.split("/", 4)
        if parts[:3] != ["", "api", "v1"] or len(parts) < 4 or parts[3] == TENANT:
            return path
        if parts[3] in self._first_parts:
            return f"{BASE}/{TENANT}/{path.removeprefix(BASE + '/')}"
        if len(parts) == 5 and parts[4].partition("/")[0] in self._first_parts:
            raise ApiError("bad-request", f"Tenant must be '{TENANT}' for OSS version")
        return path


class _Sending:
    """Remembers whether an answer has begun: then it is too late for a problem."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        self.has_begun = True
        await self._send(message)


def _refuse_nul(scope: Scope) -> None:
    """The one character that no text in the database can hold. Raises ApiError."""
    if "\x00" in scope["path"]:
        raise not_found("there is nothing by this name")
    if b"%00" in scope["query_string"]:
        raise ApiError("invalid-query-parameter", "a parameter holds the character NUL, which nothing here has")


def _bound(route: Route, handler: Handler) -> Handler:
    async def handle(call: Call) -> Response:
        call.route = route
        return await handler(call)

    return handle


def _instance(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return scope["path"] + (f"?{query}" if query else "")


def _explained(error: Exception) -> ApiError:
    """What happened as the client is told it."""
    match error:
        case ApiError():
            return error
        case InvalidFlow():
            return refused(error)
        case InvalidInputs():
            return _of_inputs(error)
        case BlockedByChecks():
            return _of_checks(error)
        case NoSuchFlow():
            return ApiError("not-found", "Requested Flow is not found.", errors=[Detail(str(error))])
        case FlowDisabled():
            return ApiError("conflict", "Requested Flow is disabled.", errors=[Detail(str(error))])
        case NoSuchExecution() | NoSuchWebhook() | NoSuchTrigger():
            return not_found(str(error))
        case FlowExists():
            return ApiError(
                "entity-already-exists",
                "flow.id: Flow id already exists",
                errors=[Detail("Flow id already exists", path="flow.id", explanation=str(error))],
            )
        case WrongSignature():
            return ApiError("wrong-signature", str(error))
        case TemplateExists():
            return ApiError(
                "entity-already-exists",
                "template.id: Template id already exists",
                errors=[Detail("Template id already exists", path="template.id", explanation=str(error))],
            )
        case UnreadableFlow() | WebhookClosed() | BackfillUnderWay() | NoBackfill() | NotLocked():
            return ApiError("conflict", str(error))
        case BadFilters():
            return ApiError(
                "invalid-query-filters",
                "Invalid query filters: " + str(error),
                errors=[Detail(text) for text in error.problems],
            )
        case Outage() | Unstorable() | LetGo():
            return ApiError("service-unavailable", str(error), headers={"Retry-After": "1"})
        case Overloaded():
            return ApiError("service-unavailable", str(error), headers={"Retry-After": str(error.retry_after)})
        case NoAnswer() | TimeoutError():
            return ApiError("timeout", str(error) or "it took too long")
        case TiercelError():
            return ApiError("invalid-argument", str(error))
        case _:
            return _unexpected(error)


def _of_inputs(error: InvalidInputs) -> ApiError:
    """Everything is told; older clients read `message`, which held what is wrong with the first input and nothing else."""
    details = [
        Detail(each.message, path=f"inputs.{name}", explanation=each.meaning)
        for name, errors in error.by_input.items()
        for each in errors
    ]
    first = "\n".join(each.message for each in next(iter(error.by_input.values())))
    told = ", ".join(each.detail for each in details)
    return ApiError("invalid-entity", told, errors=details, message=f"Invalid entity: {first}")


def _of_checks(error: BlockedByChecks) -> ApiError:
    words = "Flow execution blocked: one or more condition checks evaluated to false.\nFailed checks: "
    details = [Detail(message, path="checks") for message in error.messages]
    return ApiError("invalid-argument", words + ", ".join(error.messages), errors=details)


def _unexpected(error: Exception) -> ApiError:
    trace_id = secrets.token_hex(8)
    log.error("request failed, trace %s", trace_id, exc_info=error)
    return ApiError("internal-error", "Something went wrong inside the server; its log has more", trace_id=trace_id)
