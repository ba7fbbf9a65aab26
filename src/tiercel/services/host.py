"""The world as expressions may ask it: secrets, keys, files, logs. One method a function, the answer is plain data.

Arguments come as `expression.surroundings` lists them. What this server cannot answer yet says so by name.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from tiercel.expression import ExpressionError, HostCall
from tiercel.model.kv import parent_namespaces
from tiercel.model.log import Level
from tiercel.model.spilled import KEEP, RECALL
from tiercel.ports.clock import Clock
from tiercel.ports.kv import KvStore
from tiercel.ports.logs import LogQuery, LogStore
from tiercel.ports.storage import FileMissing, Storage, StorageError
from tiercel.sdk import RunInfo, TaskFailed
from tiercel.services.holidays import is_public_holiday
from tiercel.services.host_encryption import decrypt, encrypt
from tiercel.services.host_http import ask_http
from tiercel.services.locations import SCHEME, internal_uri, namespace_files
from tiercel.services.namespace_files import NamespaceFiles, WrongPath
from tiercel.services.pages import read_page, store_outputs, store_rows
from tiercel.services.secrets import Secrets
from tiercel.services.spill import keep, recall, whole

LARGEST_FILE = 32 * 1024 * 1024
LOGS_PATIENCE = timedelta(seconds=5)
LOGS_INTERVAL = timedelta(milliseconds=50)
_READABLE = ("/executions/", "/_files/")

Arguments = Mapping[str, Any]
Answer = Callable[[Arguments, RunInfo], Awaitable[Any]]


class WorldHost:
    """Answers the calls of expressions, for workers and for the executor."""

    def __init__(
        self,
        *,
        storage: Storage,
        logs: LogStore,
        clock: Clock,
        secrets: Secrets,
        kv: KvStore | None = None,
        files: NamespaceFiles | None = None,
    ) -> None:
        self._storage = storage
        self._logs = logs
        self._clock = clock
        self._secrets = secrets
        self._values = kv
        self._files = files
        self._functions: dict[str, Answer] = {
            "secret": self._secret,
            "kv": self._kv,
            "read": self._read,
            "readPage": self._read_page,
            "storeOutputs": self._store_outputs,
            "storeRows": self._store_rows,
            KEEP: self._keep_outputs,
            RECALL: self._recall,
            "fileSize": self._file_size,
            "fileExists": self._file_exists,
            "isFileEmpty": self._is_file_empty,
            "errorLogs": self._error_logs,
            "http": self._http,
            "randomPort": self._random_port,
            "encrypt": self._encrypt,
            "decrypt": self._decrypt,
            "isPublicHoliday": self._is_public_holiday,
        }

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        """The value of one call. Raises ExpressionError where there is none."""
        function = self._functions.get(call.function)
        if function is None:
            why = _ABSENT.get(call.function, "nothing here knows it")
            raise ExpressionError("host", f"{call.function}() has no answer on this server: {why}")
        try:
            return await function(call.arguments, info)
        except (StorageError, TaskFailed, WrongPath) as error:
            raise ExpressionError("host", f"{call.function}(): {error}") from error

    async def _secret(self, arguments: Arguments, info: RunInfo) -> str:
        namespace = str(arguments.get("namespace") or info.namespace)
        return await self._secrets.value(str(arguments["key"]), tenant=info.tenant, namespace=namespace)

    async def _read(self, arguments: Arguments, info: RunInfo) -> str:
        uri = await self._located(arguments, info)
        size = await self._storage.size(uri)
        if size > LARGEST_FILE:
            raise ExpressionError("limit", f"{uri} has {size} bytes; read() takes up to {LARGEST_FILE}")
        return b"".join([chunk async for chunk in self._storage.read(uri)]).decode("utf-8", "replace")

    async def _located(self, arguments: Arguments, info: RunInfo) -> str:
        """Where the content lies that is meant: a namespace keeps the revisions of its files apart."""
        uri, revision = _uri(arguments, info), arguments.get("revision")
        found = uri if self._files is None else await self._files.located(uri, tenant=info.tenant, revision=revision)
        if revision is not None and found == uri:
            raise ExpressionError("missing", f"{uri} has no revision {revision}")
        return found

    async def _read_page(self, arguments: Arguments, info: RunInfo) -> dict[str, Any]:
        """A question of the engine's own, for loops over the lines of a file."""
        return await read_page(self._storage, _uri({"path": arguments["uri"]}, info), arguments["offset"])

    async def _store_outputs(self, arguments: Arguments, info: RunInfo) -> str:
        """A question of the engine's own, for the outputs of iterations."""
        return await store_outputs(self._storage, arguments["outputs"], info)

    async def _store_rows(self, arguments: Arguments, info: RunInfo) -> str:
        """A question of the engine's own, for the outputs of sub-executions."""
        rows = await whole(self._storage, arguments["rows"])
        return await store_rows(self._storage, rows, info, name=arguments["taskRun"])

    async def _keep_outputs(self, arguments: Arguments, info: RunInfo) -> dict[str, Any]:
        """A question of the engine's own, for outputs that are too large for a row."""
        return await keep(self._storage, arguments["outputs"], info)

    async def _recall(self, arguments: Arguments, info: RunInfo) -> Any:
        """What expressions name of such outputs."""
        uri = _uri({"path": arguments["uri"]}, info)
        try:
            return await recall(self._storage, uri)
        except FileMissing:
            raise ExpressionError("missing", f"the outputs in {uri} are gone: they were purged") from None

    async def _file_size(self, arguments: Arguments, info: RunInfo) -> int:
        return await self._storage.size(await self._located(arguments, info))

    async def _file_exists(self, arguments: Arguments, info: RunInfo) -> bool:
        return await self._storage.exists(await self._located(arguments, info))

    async def _is_file_empty(self, arguments: Arguments, info: RunInfo) -> bool:
        return await self._file_size(arguments, info) == 0

    async def _error_logs(self, arguments: Arguments, info: RunInfo) -> list[dict[str, Any]]:
        """The error lines of the execution so far. Those just written may still be on their way: wait until no more come."""
        query = LogQuery(tenant=info.tenant, execution_id=info.execution_id, min_level=Level.ERROR)
        until, known = self._clock.now() + LOGS_PATIENCE, 0
        while True:
            found = [msgspec.to_builtins(entry) async for entry in self._logs.read(query)]
            if (found and len(found) == known) or self._clock.now() >= until:
                return found
            known = len(found)
            await self._clock.sleep_until(self._clock.now() + LOGS_INTERVAL)

    async def _kv(self, arguments: Arguments, info: RunInfo) -> Any:
        """The value of the nearest namespace that has the key; dates and durations are ISO text."""
        key, namespace = str(arguments["key"]), str(arguments.get("namespace") or info.namespace)
        namespaces = parent_namespaces(namespace) if arguments.get("inherit") else [namespace]
        if self._values is None:
            raise ExpressionError("host", "kv() cannot be answered here: there is no key-value store")
        found = await self._values.get(tenant=info.tenant, namespaces=namespaces, key=key, at=self._clock.now())
        if found is not None:
            return found.value
        if arguments.get("errorOnMissing", True):
            raise ExpressionError("missing", f"there is no key `{key}` in the namespace `{namespace}`")
        return None

    async def _http(self, arguments: Arguments, info: RunInfo) -> Any:
        return await ask_http(arguments)

    async def _random_port(self, arguments: Arguments, info: RunInfo) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return free.getsockname()[1]

    async def _encrypt(self, arguments: Arguments, info: RunInfo) -> str:
        return encrypt(arguments)

    async def _decrypt(self, arguments: Arguments, info: RunInfo) -> str:
        return decrypt(arguments)

    async def _is_public_holiday(self, arguments: Arguments, info: RunInfo) -> bool:
        """Off the loop: the first one loads the calendars."""
        day, part = date.fromisoformat(arguments["date"]), arguments.get("subDivision")
        return await asyncio.to_thread(is_public_holiday, day, str(arguments["countryCode"]), part)


_ABSENT = {
    "subflow": "it can be called only where inputs of a flow are rendered",
    "appLink": "it has no apps",
    "credential": "it has no credentials",
}


def _uri(arguments: Arguments, info: RunInfo) -> str:
    """The file that is meant: by a URI of internal storage, or by its path among the files of a namespace."""
    namespace = str(arguments.get("namespace") or info.namespace)
    path = internal_uri(str(arguments["path"]), namespace)
    if ".." in path.split("/"):
        raise ExpressionError("access", f"a path must not climb out by `..`: {path}")
    if not path.startswith(SCHEME):
        return namespace_files(namespace) + path.lstrip("/")
    if not any(part in path for part in _READABLE):
        raise ExpressionError("access", f"{path} is neither a file of an execution nor of a namespace")
    return path
