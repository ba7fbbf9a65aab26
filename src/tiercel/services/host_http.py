"""`http()` of expressions: one request, its answer as data."""

import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode

from pydantic import ValidationError

from tiercel.expression import ExpressionError, read_yaml
from tiercel.sdk.http import HttpOptions, exchange, read_limited

LARGEST_ANSWER = 10 * 1024 * 1024
_LARGEST_YAML = 100_000
"""Things in it."""
_FORM = "application/x-www-form-urlencoded"

Arguments = Mapping[str, Any]


async def ask_http(arguments: Arguments) -> Any:
    """The body of the answer. Raises ExpressionError, and TaskFailed where no answer comes."""
    method, uri = str(arguments.get("method") or "GET"), str(arguments["uri"])
    async with exchange(method, uri, options=_options(arguments), **_content(arguments)) as response:
        body = await read_limited(response, limit=LARGEST_ANSWER)
        if not response.is_success:
            status = f"{response.status_code} : {response.reason_phrase}"
            raise ExpressionError("host", f"Failed to execute HTTP Request, server respond with status {status}")
        text = body.decode(response.charset_encoding or "utf-8", "replace")
        return _parsed(text, response.headers.get("content-type", ""))


def _options(arguments: Arguments) -> HttpOptions:
    try:
        return HttpOptions.model_validate(arguments.get("options") or {})
    except ValidationError as error:
        raise ExpressionError("argument", f"http(): the options are wrong: {error.errors()[0]['msg']}") from None


def _content(arguments: Arguments) -> dict[str, Any]:
    content_type = str(arguments.get("contentType") or "application/json")
    headers = {"Accept": str(arguments.get("accept") or "application/json")}
    headers |= cast(dict[str, str], arguments.get("headers") or {})
    content: dict[str, Any] = {"params": arguments["query"]} if arguments.get("query") else {}
    body = arguments.get("body")
    if body is not None:
        headers.setdefault("Content-Type", content_type)
        content["content"] = _written(body, content_type)
    return content | {"headers": headers}


def _written(body: Any, content_type: str) -> str:
    if isinstance(body, str):
        return body
    if content_type == _FORM and isinstance(body, Mapping):
        return urlencode(cast(Mapping[str, Any], body), doseq=True)
    return json.dumps(body, ensure_ascii=False)


def _parsed(text: str, content_type: str) -> Any:
    """JSON and YAML as what they say, everything else as text."""
    if not text.strip():
        return text
    if "json" in content_type:
        return _json(text)
    return read_yaml(text, spend=_Limit(_LARGEST_YAML)) if "yaml" in content_type else text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExpressionError("parse", f"http(): the answer says that it is JSON, and is not: {error}") from None


class _Limit:
    """Lets so many things pass."""

    def __init__(self, most: int) -> None:
        self._left = most

    def __call__(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ExpressionError("limit", f"http(): the answer has more than {_LARGEST_YAML} things in it")
