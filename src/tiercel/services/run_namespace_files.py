"""A run's side of the files of namespaces: tenant and namespace are given, errors end the task."""

from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tiercel.model.namespace_file import NamespaceFile
from tiercel.ports.storage import StorageError
from tiercel.sdk import RunInfo, TaskFailed
from tiercel.services.namespace_files import NamespaceFiles, PathTaken, WrongPath


class RunNamespaceFiles:
    """What a task sees as `ctx.namespace_files`."""

    def __init__(self, files: NamespaceFiles, info: RunInfo) -> None:
        self._files = files
        self._tenant = info.tenant
        self._namespace = info.namespace

    async def find(
        self, namespace: str | None = None, *, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> list[NamespaceFile]:
        return await self._files.find(
            tenant=self._tenant, namespace=namespace or self._namespace, include=include, exclude=exclude
        )

    async def get(self, path: str, namespace: str | None = None) -> NamespaceFile | None:
        with _told():
            return await self._files.get(tenant=self._tenant, namespace=namespace or self._namespace, path=path)

    async def write(self, path: str, chunks: AsyncIterator[bytes], namespace: str | None = None) -> NamespaceFile:
        with _told():
            return await self._files.write(
                chunks, tenant=self._tenant, namespace=namespace or self._namespace, path=path
            )

    async def fetch(self, file: NamespaceFile, target: Path) -> None:
        with _told():
            await self._files.fetch(file, target)

    async def read(self, file: NamespaceFile) -> AsyncIterator[bytes]:
        with _told():
            async for chunk in self._files.read(file):
                yield chunk

    async def delete(self, file: NamespaceFile) -> None:
        with _told():
            await self._files.delete(file, tenant=self._tenant)

    def everywhere(self) -> AsyncIterator[NamespaceFile]:
        return self._files.everywhere(tenant=self._tenant)

    async def purge_revisions(
        self, file: NamespaceFile, *, before: datetime | None = None, keep: int | None = None
    ) -> int:
        with _told():
            return await self._files.purge_revisions(file, tenant=self._tenant, before=before, keep=keep)


@contextmanager
def _told() -> Generator[None]:
    """Errors as a plugin can catch them."""
    try:
        yield
    except (StorageError, WrongPath, PathTaken) as error:
        raise TaskFailed(str(error)) from error
