"""Files of namespaces: the index says which there are, internal storage holds their content.

Each write is a revision with content of its own, stored before the index names it: a reader never sees half a file. A
plain URI `kestra:///company/team/_files/main.py` means the latest revision.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import unquote
from uuid import uuid4

from tiercel.model.errors import TiercelError
from tiercel.model.namespace_file import NamespaceFile
from tiercel.ports.clock import Clock
from tiercel.ports.namespace_files import NamespaceFileIndex
from tiercel.ports.storage import Storage
from tiercel.sdk.patterns import fits_any
from tiercel.services.locations import SCHEME, namespace_files, stored_name

FOLDER = "/_files/"
REVISIONS = ".revisions"
"""The folder below `_files` that holds content by revision; no path may begin with it."""


class WrongPath(TiercelError):
    """A path that no file of a namespace can have."""


class PathTaken(TiercelError):
    """A file is where a folder is wanted, or the other way round."""


class NamespaceFiles:
    """Write, find, read and delete."""

    def __init__(self, index: NamespaceFileIndex, storage: Storage, *, clock: Clock) -> None:
        self._index, self._storage, self._clock = index, storage, clock

    async def write(self, chunks: AsyncIterator[bytes], *, tenant: str, namespace: str, path: str) -> NamespaceFile:
        """A new revision. Raises WrongPath, PathTaken."""
        path = clean_path(path)
        await self._require_free(tenant, namespace, path)
        uri = f"{namespace_files(namespace)}{REVISIONS}/{uuid4().hex}/{stored_name(path)}"
        size = await self._storage.put(uri, chunks)
        return await self._index.add(
            tenant=tenant, namespace=namespace, path=path, size=size, uri=uri, at=self._clock.now()
        )

    async def get(self, *, tenant: str, namespace: str, path: str, revision: int | None = None) -> NamespaceFile | None:
        return await self._index.get(tenant=tenant, namespace=namespace, path=clean_path(path), revision=revision)

    async def find(
        self, *, tenant: str, namespace: str, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> list[NamespaceFile]:
        """The latest revisions of the files that fit one of `include` (none: all) and none of `exclude`."""
        return [
            file
            async for file in self._index.files(tenant=tenant, namespace=namespace)
            if (not include or fits_any(file.path, include)) and not fits_any(file.path, exclude)
        ]

    def everywhere(self, *, tenant: str) -> AsyncIterator[NamespaceFile]:
        """The latest revisions of all files of all namespaces."""
        return self._index.files(tenant=tenant)

    def read(self, file: NamespaceFile) -> AsyncIterator[bytes]:
        return self._storage.read(file.uri)

    async def fetch(self, file: NamespaceFile, target: Path) -> None:
        """Copy to a local file, whose folders are made."""
        target.parent.mkdir(parents=True, exist_ok=True)
        await self._storage.fetch(file.uri, target)

    async def delete(self, file: NamespaceFile, *, tenant: str) -> None:
        """The file with all its revisions."""
        gone = await self._index.delete(tenant=tenant, namespace=file.namespace, path=file.path)
        for revision in gone:
            await self._storage.delete(revision.uri)

    async def purge_revisions(
        self, file: NamespaceFile, *, tenant: str, before: datetime | None = None, keep: int | None = None
    ) -> int:
        """Forget revisions written before an instant, or all but the newest few; the latest one stays."""
        place = {"tenant": tenant, "namespace": file.namespace, "path": file.path}
        *older, _latest = await self._index.revisions(**place)
        if keep is not None:
            doomed = older[: max(len(older) + 1 - max(keep, 1), 0)]
        else:
            doomed = [revision for revision in older if before is not None and revision.updated < before]
        gone = await self._index.forget(**place, revisions=[revision.revision for revision in doomed])
        for revision in gone:
            await self._storage.delete(revision.uri)
        return len(gone)

    async def located(self, uri: str, *, tenant: str, revision: int | None = None) -> str:
        """Where the content that a URI means lies: for a plain URI of a namespace's file that of its latest revision."""
        if FOLDER not in uri or f"{FOLDER}{REVISIONS}/" in uri:
            return uri
        folder, _, path = uri.removeprefix(f"{SCHEME}/").partition(FOLDER)
        file = await self.get(tenant=tenant, namespace=folder.replace("/", "."), path=unquote(path), revision=revision)
        return file.uri if file else uri

    async def _require_free(self, tenant: str, namespace: str, path: str) -> None:
        """A path is a file or a folder, never both."""
        async for below in self._index.files(tenant=tenant, namespace=namespace, prefix=f"{path}/"):
            raise PathTaken(f"`{path}` is a folder of the namespace `{namespace}`: it holds `{below.path}`")
        for folder in PurePosixPath(path).parents:
            if await self._index.get(tenant=tenant, namespace=namespace, path=str(folder)):
                raise PathTaken(f"`{folder}` is a file of the namespace `{namespace}`, so it cannot hold `{path}`")


def clean_path(path: str) -> str:
    """Without the slash in front. Raises WrongPath where it would leave the namespace or names no file."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or not parts or "\0" in path:
        raise WrongPath(f"{path!r} is no path of a file: write for example scripts/main.py, without `..`")
    if parts[0] == REVISIONS:
        raise WrongPath(f"{path!r} is kept for revisions: choose another folder")
    return "/".join(parts)
