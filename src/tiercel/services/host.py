"""The world as expressions may ask it: secrets, files, logs, HTTP. One method a function, the answer is plain data.

Arguments come as `expression.surroundings` lists them. What this server cannot answer yet says so by name.
"""

import base64
import binascii
import json
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, cast

import msgspec
import yaml
from pydantic import ValidationError

from tiercel.expression import ExpressionError, HostCall
from tiercel.model.log import Level
from tiercel.ports.clock import Clock
from tiercel.ports.logs import LogQuery, LogStore
from tiercel.ports.storage import Storage, StorageError
from tiercel.sdk import RunInfo, TaskFailed
from tiercel.sdk.http import HttpOptions, exchange, read_limited
from tiercel.services.locations import SCHEME, namespace_files

SECRET_PREFIX = "SECRET_"
LARGEST_FILE = 32 * 1024 * 1024
LARGEST_ANSWER = 10 * 1024 * 1024
LOGS_PATIENCE = timedelta(seconds=5)
LOGS_INTERVAL = timedelta(milliseconds=200)
_READABLE = ("/executions/", "/_files/")

Arguments = Mapping[str, Any]
Answer = Callable[[Arguments, RunInfo], Awaitable[Any]]


class WorldHost:
    """Answers the calls of expressions, for workers and for the executor."""

    def __init__(self, *, storage: Storage, logs: LogStore, clock: Clock, environment: Mapping[str, str]) -> None:
        self._storage = storage
        self._logs = logs
        self._clock = clock
        self._environment = environment
        """Secrets stand in it, in Base64, as SECRET_<KEY>."""
        self._functions: dict[str, Answer] = {
            "secret": self._secret,
            "read": self._read,
            "fileSize": self._file_size,
            "fileExists": self._file_exists,
            "isFileEmpty": self._is_file_empty,
            "errorLogs": self._error_logs,
            "http": self._http,
            "randomPort": self._random_port,
            "encrypt": self._encrypt,
            "decrypt": self._decrypt,
        }

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        """The value of one call. Raises ExpressionError where there is none."""
        function = self._functions.get(call.function)
        if function is None:
            why = _ABSENT.get(call.function, "nothing here knows it")
            raise ExpressionError("host", f"{call.function}() has no answer on this server: {why}")
        try:
            return await function(call.arguments, info)
        except (StorageError, TaskFailed) as error:
            raise ExpressionError("host", f"{call.function}(): {error}") from error

    async def _secret(self, arguments: Arguments, info: RunInfo) -> str:
        key = str(arguments["key"])
        encoded = self._environment.get(SECRET_PREFIX + key.upper())
        if encoded is None:
            raise ExpressionError(
                "missing", f"there is no secret `{key}`; give the server {SECRET_PREFIX}{key.upper()}, in Base64"
            )
        try:
            return base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ExpressionError("value", f"{SECRET_PREFIX}{key.upper()} is no text in Base64") from None

    async def _read(self, arguments: Arguments, info: RunInfo) -> str:
        uri = _uri(arguments, info)
        size = await self._storage.size(uri)
        if size > LARGEST_FILE:
            raise ExpressionError("limit", f"{uri} has {size} bytes; read() takes up to {LARGEST_FILE}")
        return b"".join([chunk async for chunk in self._storage.read(uri)]).decode("utf-8", "replace")

    async def _file_size(self, arguments: Arguments, info: RunInfo) -> int:
        return await self._storage.size(_uri(arguments, info))

    async def _file_exists(self, arguments: Arguments, info: RunInfo) -> bool:
        return await self._storage.exists(_uri(arguments, info))

    async def _is_file_empty(self, arguments: Arguments, info: RunInfo) -> bool:
        return await self._file_size(arguments, info) == 0

    async def _error_logs(self, arguments: Arguments, info: RunInfo) -> list[dict[str, Any]]:
        """The error lines of the execution so far. Those just written may still be on their way: wait for them."""
        query = LogQuery(tenant=info.tenant, execution_id=info.execution_id, min_level=Level.ERROR)
        until = self._clock.now() + LOGS_PATIENCE
        while True:
            found = [msgspec.to_builtins(entry) async for entry in self._logs.read(query)]
            if found or self._clock.now() >= until:
                return found
            await self._clock.sleep_until(self._clock.now() + LOGS_INTERVAL)

    async def _http(self, arguments: Arguments, info: RunInfo) -> Any:
        method, uri = str(arguments.get("method") or "GET"), str(arguments["uri"])
        async with exchange(method, uri, options=_options(arguments), **_content(arguments)) as response:
            body = await read_limited(response, limit=LARGEST_ANSWER)
            if not response.is_success:
                status = f"{response.status_code} : {response.reason_phrase}"
                raise ExpressionError("host", f"Failed to execute HTTP Request, server respond with status {status}")
            return _parsed(body, response.headers.get("content-type", ""), response.charset_encoding or "utf-8")

    async def _random_port(self, arguments: Arguments, info: RunInfo) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return free.getsockname()[1]

    async def _encrypt(self, arguments: Arguments, info: RunInfo) -> str:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        start = os.urandom(12)
        sealed = AESGCM(_key(arguments)).encrypt(start, str(arguments["plaintext"]).encode(), None)
        return base64.b64encode(start + sealed).decode()

    async def _decrypt(self, arguments: Arguments, info: RunInfo) -> str:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            sealed = base64.b64decode(str(arguments["encrypted"]), validate=True)
            return AESGCM(_key(arguments)).decrypt(sealed[:12], sealed[12:], None).decode()
        except (binascii.Error, InvalidTag, UnicodeDecodeError, ValueError) as error:
            raise ExpressionError("value", "decrypt(): the text was not encrypted with this key") from error


_ABSENT = {
    "kv": "it has no key-value store yet",
    "subflow": "it can be called only where inputs of a flow are rendered",
    "isPublicHoliday": "it has no calendar of holidays yet",
    "appLink": "it has no apps",
    "credential": "it has no credentials",
}


def _uri(arguments: Arguments, info: RunInfo) -> str:
    """The file that is meant: by a URI of internal storage, or by its path among the files of a namespace."""
    path = str(arguments["path"])
    if ".." in path.split("/"):
        raise ExpressionError("access", f"a path must not climb out by `..`: {path}")
    if not path.startswith(SCHEME):
        return namespace_files(str(arguments.get("namespace") or info.namespace)) + path.lstrip("/")
    if not any(part in path for part in _READABLE):
        raise ExpressionError("access", f"{path} is neither a file of an execution nor of a namespace")
    return path


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
        content["content"] = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return content | {"headers": headers}


def _parsed(body: bytes, content_type: str, charset: str) -> Any:
    text = body.decode(charset, "replace")
    if "json" in content_type and text.strip():
        return json.loads(text)
    return yaml.safe_load(text) if "yaml" in content_type else text


def _key(arguments: Arguments) -> bytes:
    try:
        key = base64.b64decode(str(arguments["key"]), validate=True)
    except binascii.Error:
        raise ExpressionError("argument", "the key must be written in Base64") from None
    if len(key) not in (16, 24, 32):
        raise ExpressionError("argument", f"the key has {len(key)} bytes; it must have 16, 24 or 32")
    return key
