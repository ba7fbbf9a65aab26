"""A run's side of internal storage: its own folder to write to, local copies of what it reads."""

from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from uuid import uuid4

from tiercel.model.spilled import FOLDER
from tiercel.ports.storage import Storage, StorageError
from tiercel.sdk import RunInfo, TaskFailed
from tiercel.services.locations import (
    SCHEME,
    execution_folder,
    internal_uri,
    stored_name,
    task_run_folder,
    trigger_folder,
)
from tiercel.services.namespace_files import NamespaceFiles


class RunFiles:
    """`working_dir` is asked only when a local copy is wanted."""

    def __init__(
        self,
        storage: Storage,
        info: RunInfo,
        *,
        namespace_files: NamespaceFiles,
        working_dir: Callable[[], Path],
    ) -> None:
        self._storage = storage
        self._tenant, self._namespace = info.tenant, info.namespace
        self._namespace_files = namespace_files
        self._working_dir = working_dir
        self._execution = execution_folder(info.namespace, info.flow_id, info.execution_id)
        self._folder = _folder(info)

    async def store(self, source: Path, name: str | None = None) -> str:
        uri = self._uri(name or f"{uuid4().hex}-{source.name}")
        with _told():
            await self._storage.put_file(uri, source)
        return uri

    async def store_stream(self, chunks: AsyncIterator[bytes], name: str) -> str:
        uri = self._uri(name)
        with _told():
            await self._storage.put(uri, chunks)
        return uri

    async def read(self, uri: str) -> AsyncIterator[bytes]:
        with _told():
            async for chunk in self._storage.read(await self._located(uri)):
                yield chunk

    async def fetch(self, uri: str, target: Path | None = None) -> Path:
        place = target or self._working_dir() / f"{uuid4().hex}{_extension(uri)}"
        with _told():
            await self._storage.fetch(await self._located(uri), place)
        return place

    async def size(self, uri: str) -> int:
        with _told():
            return await self._storage.size(await self._located(uri))

    async def delete(self, uri: str) -> bool:
        with _told():
            return await self._storage.delete(_checked(uri))

    async def delete_all_of_execution(self) -> list[str]:
        with _told():
            kept = f"{self._execution}{FOLDER}/"
            uris = [uri async for uri in self._storage.list(self._execution) if not uri.startswith(kept)]
            for uri in uris:
                await self._storage.delete(uri)
        return uris

    async def _located(self, uri: str) -> str:
        """Where the content lies that a URI means."""
        stored = internal_uri(uri, self._namespace)
        return await self._namespace_files.located(_checked(stored), tenant=self._tenant)

    def _uri(self, name: str) -> str:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise TaskFailed(f"a file cannot be stored as {name!r}: the name must stay inside the folder of the task")
        return self._folder + stored_name(str(path))


def _folder(info: RunInfo) -> str:
    """What is stored lies here."""
    if info.trigger_id:
        return trigger_folder(info.namespace, info.flow_id, info.execution_id, trigger_id=info.trigger_id)
    return task_run_folder(
        info.namespace, info.flow_id, info.execution_id, task_id=info.task_id, task_run_id=info.task_run_id
    )


@contextmanager
def _told() -> Generator[None]:
    """Storage's errors as a plugin can catch them."""
    try:
        yield
    except StorageError as error:
        raise TaskFailed(str(error)) from error


def _checked(uri: str) -> str:
    if not uri.startswith(SCHEME):
        raise TaskFailed(f"{uri!r} is no file of internal storage; such a URI begins with {SCHEME}/")
    return uri


def _extension(uri: str) -> str:
    """All of it, `.csv.gz` too: libraries guess compression by it."""
    name = unquote(uri.rsplit("/", 1)[-1])
    suffixes = PurePosixPath(name).suffixes[-2:]
    return "".join(suffix for suffix in suffixes if len(suffix) <= 9 and suffix[1:].isalnum())
