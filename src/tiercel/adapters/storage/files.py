"""Internal storage on obstore: a local folder, S3, GCS, Azure or MinIO behind the same few calls.

`kestra:///a/b.txt` is the object `a/b.txt` below the store's prefix; the text after the slashes is taken as it stands.
"""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from tiercel.ports.storage import FileMissing, StorageError, StoredFile

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEME = "kestra:///"
CHUNK = 1 << 20
"""Large enough for throughput, small enough that a thousand readers fit in memory."""
PARTS_AT_ONCE = 3
"""Parts of 5 MB that one upload has in memory; obstore's own 12 cost some 115 MB for each large file."""
DELETED_AT_ONCE = 500


class ObjectStorage:
    """The Storage port on any store of obstore."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Storage in a local folder, made where it is missing; empty folders go with their last file."""
        return cls(LocalStore(prefix=folder.absolute(), mkdir=True, automatic_cleanup=True))

    @classmethod
    def at(cls, url: str, **options: Any) -> Self:
        """Storage at `s3://bucket/prefix`, `gs://…`, `az://…`; `options` are the store's own (region, endpoint …)."""
        return cls(from_url(url, **options))

    async def put_file(self, uri: str, source: Path) -> int:
        with _told(uri):
            await self._store.put_async(_path(uri), source, max_concurrency=PARTS_AT_ONCE)
        return (await asyncio.to_thread(source.stat)).st_size

    async def put(self, uri: str, chunks: AsyncIterator[bytes]) -> int:
        counted = _Counted(chunks)
        with _told(uri):
            await self._store.put_async(_path(uri), counted, max_concurrency=PARTS_AT_ONCE)
        return counted.size

    async def put_bytes(self, uri: str, content: bytes) -> None:
        with _told(uri):
            await self._store.put_async(_path(uri), content, max_concurrency=PARTS_AT_ONCE)

    async def read(self, uri: str, *, begin: int = 0) -> AsyncIterator[bytes]:
        with _told(uri):
            found = await self._store.get_async(_path(uri), options={"range": {"offset": begin}} if begin else None)
            async for chunk in found.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    async def fetch(self, uri: str, target: Path) -> None:
        # obstore hands over a buffer at a time; a local write of that size does not hold the loop up.
        with target.open("wb") as file:
            async for chunk in self.read(uri):
                file.write(chunk)

    async def size(self, uri: str) -> int:
        with _told(uri):
            return (await self._store.head_async(_path(uri)))["size"]

    async def exists(self, uri: str) -> bool:
        try:
            await self.size(uri)
        except FileMissing:
            return False
        return True

    async def delete(self, uri: str) -> bool:
        if not await self.exists(uri):
            return False
        with _told(uri):
            await self._store.delete_async(_path(uri))
        return True

    async def delete_folder(self, uri: str) -> int:
        deleted = 0
        paths = [_path(found) async for found in self.list(uri)]
        with _told(uri):
            for start in range(0, len(paths), DELETED_AT_ONCE):
                await self._store.delete_async(paths[start : start + DELETED_AT_ONCE])
                deleted += len(paths[start : start + DELETED_AT_ONCE])
        return deleted

    async def list(self, uri: str) -> AsyncIterator[str]:
        async for file in self.files(uri):
            yield file.uri

    async def files(self, uri: str) -> AsyncIterator[StoredFile]:
        prefix = _path(uri).rstrip("/")
        with _told(uri):
            pages = self._store.list_async(f"{prefix}/" if prefix else None)  # pyright: ignore[reportUnknownMemberType] arrow has no stubs
            async for page in pages:
                for found in page:
                    yield StoredFile(SCHEME + found["path"], found["size"], found["last_modified"])


class _Counted:
    """Chunks on their way into the store, and how many bytes they were."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self.size = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        chunk = await anext(self._chunks)
        self.size += len(chunk)
        return chunk


def _path(uri: str) -> str:
    path = uri.removeprefix(SCHEME)
    if path == uri:
        raise StorageError(f"{uri} is no URI of internal storage: it begins with {SCHEME}")
    if ".." in path.split("/"):
        raise StorageError(f"{uri} leaves its folder: '..' is not allowed")
    return path


@contextmanager
def _told(uri: str) -> Generator[None]:
    """Errors of the store become ours, with the URI."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileMissing(uri) from error
    except (BaseError, ValueError, OSError) as error:
        raise StorageError(f"internal storage refused {uri}: {error}") from error
