"""The webhook route: the hot way in, as raw ASGI. Whoever knows the key starts the flow."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from tiercel.api.answers import ENCODER
from tiercel.api.execution_reader import ExecutionReader
from tiercel.api.links import Links
from tiercel.api.problems import ApiError, not_found
from tiercel.api.shapes import webhook
from tiercel.expression import ExpressionError
from tiercel.model.execution import Execution
from tiercel.model.states import State
from tiercel.services.door import Door
from tiercel.services.evaluation import Evaluation
from tiercel.services.followers import Followers
from tiercel.services.webhooks import Hook, Incoming, NotMeant, Webhooks

PREFIXES = ("/api/v1/main/executions/webhook/", "/api/v1/executions/webhook/")
METHODS = frozenset({"GET", "POST", "PUT"})
MOST_BYTES = 100 * 1024 * 1024
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
        links: Links,
    ) -> None:
        self._webhooks = webhooks
        self._door = door
        self._executions = executions
        self._followers = followers
        self._evaluation = evaluation
        self._links = links

    @staticmethod
    def is_meant(path: str) -> bool:
        return path.startswith(PREFIXES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hook = await self._hook(scope)
        incoming = await _incoming(scope, receive, hook)
        try:
            wish = await self._webhooks.wish(hook, incoming, tenant="main")
        except NotMeant:
            await _answer(send, 204, b"")
            return
        created = await self._door.start(wish)
        if not hook.properties.wait:
            shown = webhook(created, url=self._links.execution(created))
            await _answer(send, 200, ENCODER.encode(shown))
            return
        await self._followers.until_over("main", created.id)
        await self._waited(send, hook, await self._executions.header("main", created.id))

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
            await _answer(send, status, ENCODER.encode(shown))
        elif properties.response_content_type == "text/plain":
            await _answer(send, status, _plain(execution.outputs), content_type=b"text/plain; charset=utf-8")
        else:
            await _answer(send, status, ENCODER.encode(execution.outputs or {}))

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


async def _incoming(scope: Scope, receive: Receive, hook: Hook) -> Incoming:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").title(), []).append(value.decode("latin-1"))
    body = await _body(receive)
    query = scope["query_string"]
    parameters = parse_qs(query.decode("latin-1"), keep_blank_values=True) if query else {}
    content_type = headers.get("Content-Type", [""])[0]
    return Incoming(_read(body, content_type) if hook.properties.fetch_type != "NONE" else None, headers, parameters)


async def _body(receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        return message.get("body", b"")
    chunks = [message.get("body", b"")]
    size = len(chunks[0])
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MOST_BYTES:
            raise ApiError("payload-too-large", f"a webhook takes at most {MOST_BYTES} bytes")
    return b"".join(chunks)


def _read(body: bytes, content_type: str) -> Any:
    """JSON as a value where it is JSON, otherwise text."""
    if not body:
        return None
    text = body.decode(errors="replace")
    if not content_type or "json" in content_type:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _plain(outputs: dict[str, Any] | None) -> bytes:
    """One text output as it is, anything else as JSON."""
    values = list((outputs or {}).values())
    if len(values) == 1 and isinstance(values[0], str):
        return values[0].encode()
    return ENCODER.encode(outputs or {})


async def _answer(send: Send, status: int, body: bytes, *, content_type: bytes = _JSON) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    if body:
        headers.append((b"content-type", content_type))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
