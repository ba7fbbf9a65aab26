"""The webhook route: the hot way in, as raw ASGI. Whoever knows the key starts the flow."""

import re
from typing import Any
from urllib.parse import unquote

from starlette.types import Receive, Scope, Send

from tiercel.api.answers import json_bytes
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.links import Links
from tiercel.api.problems import ApiError, not_found
from tiercel.api.shapes import webhook
from tiercel.api.webhook_call import again, body_of, form, headers_of, is_form, plain, stored
from tiercel.expression import ExpressionError
from tiercel.model.execution import Execution
from tiercel.model.states import State
from tiercel.services.door import Door
from tiercel.services.evaluation import Evaluation
from tiercel.services.followers import Followers
from tiercel.services.uploads import Uploads
from tiercel.services.webhooks import Hook, Incoming, NotMeant, Webhooks

PREFIXES = ("/api/v1/main/executions/webhook/", "/api/v1/executions/webhook/")
METHODS = frozenset({"GET", "POST", "PUT"})
_JSON = b"application/json"


class WebhookRoute:
    """Answers calls of webhooks. Raises what the services raise; `application` makes problems of it."""

    def __init__(
        self,
        *,
        webhooks: Webhooks,
        door: Door,
        executions: ExecutionReader,
        followers: Followers,
        evaluation: Evaluation,
        uploads: Uploads,
        links: Links,
    ) -> None:
        self._webhooks = webhooks
        self._door = door
        self._executions = executions
        self._followers = followers
        self._evaluation = evaluation
        self._uploads = uploads
        self._links = links

    @staticmethod
    def is_meant(path: str) -> bool:
        return path.startswith(PREFIXES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hook = await self._hook(scope)
        try:
            created = await self._started(scope, receive, hook)
        except NotMeant:
            await _answer(send, 204, b"")
            return
        if not hook.properties.wait:
            shown = webhook(created, url=self._links.execution(created))
            await _answer(send, 200, json_bytes(shown))
            return
        await self._followers.until_over("main", created.id)
        ended = await self._executions.whole(await self._executions.header("main", created.id))
        await self._waited(send, hook, ended)

    async def _started(self, scope: Scope, receive: Receive, hook: Hook) -> Execution:
        """The execution that the call starts. Raises NotMeant."""
        headers, fetch_type = headers_of(scope), hook.properties.fetch_type
        if hook.properties.signature is not None:
            body = await body_of(receive)
            await self._webhooks.verify(hook, headers, body)
            receive = again(body)
        if fetch_type == "NONE" or not (fetch_type == "STORE" or is_form(headers)):
            body = await body_of(receive)
            return await self._start(hook, plain(scope, headers, None if fetch_type == "NONE" else body))
        flow, keep = hook.deployed.flow, stored if fetch_type == "STORE" else form
        async with self._uploads.for_execution(flow.namespace, flow.id) as upload:
            return await self._start(hook, await keep(scope, headers, receive, upload), id=upload.execution_id)

    async def _start(self, hook: Hook, incoming: Incoming, *, id: str | None = None) -> Execution:
        return await self._door.start(await self._webhooks.wish(hook, incoming, tenant="main", id=id))

    async def _hook(self, scope: Scope) -> Hook:
        if scope["method"] not in METHODS:
            raise ApiError(
                "method-not-allowed",
                f"a webhook is called by {', '.join(sorted(METHODS))}",
                headers={"Allow": "GET, POST, PUT"},
            )
        parts = scope["path"].partition("/webhook/")[2].split("/")
        if len(parts) != 3:
            raise not_found("Webhook not found")
        return await self._webhooks.find("main", *map(unquote, parts))

    async def _waited(self, send: Send, hook: Hook, execution: Execution) -> None:
        """The answer of a webhook that waits: the flow's outputs, or the execution."""
        properties = hook.properties
        status = await self._status(properties.response_code, execution)
        if not properties.return_outputs:
            shown = webhook(execution, url=self._links.execution(execution), outputs=execution.outputs)
            await _answer(send, status, json_bytes(shown))
        elif properties.response_content_type == "text/plain":
            await _answer(send, status, _plain(execution.outputs), content_type=b"text/plain; charset=utf-8")
        else:
            await _answer(send, status, json_bytes(execution.outputs or {}))

    async def _status(self, code: int | str | None, execution: Execution) -> int:
        """The status code of an answer that waited. Raises ApiError where the trigger's own makes none."""
        if code is None:
            return 500 if execution.state.current is State.FAILED else 200
        if isinstance(code, int):
            return code
        try:
            text = await self._evaluation.text(execution, code)
        except ExpressionError as error:
            raise ApiError("invalid-argument", f"`responseCode` cannot be rendered: {error.message}") from error
        if not re.fullmatch("[1-5][0-9][0-9]", text.strip()):
            raise ApiError("invalid-argument", f"`responseCode` gives {text!r}: it must be a number from 100 to 599")
        return int(text)


def _plain(outputs: dict[str, Any] | None) -> bytes:
    """One text output as it is, anything else as JSON."""
    values = list((outputs or {}).values())
    if len(values) == 1 and isinstance(values[0], str):
        return values[0].encode()
    return json_bytes(outputs or {})


async def _answer(send: Send, status: int, body: bytes, *, content_type: bytes = _JSON) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    if body:
        headers.append((b"content-type", content_type))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
