"""Internal storage: files that tasks hand on, by `kestra:///` URI."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from tiercel.model.errors import TiercelError


class StorageError(TiercelError):
    """Storage could not do what was asked; the message names the URI and the reason."""


class FileMissing(StorageError):
    def __init__(self, uri: str) -> None:
        super().__init__(f"no file at {uri} in internal storage")
        self.uri = uri


class StoredFile(NamedTuple):
    uri: str
    size: int
    """Bytes."""
    modified: datetime
    """When it was last written; aware."""


class Storage(Protocol):
    """Files by URI `kestra:///namespace/flow/executions/…`; streamed both ways."""

    async def put_file(self, uri: str, source: Path) -> int:
        """Store a local file and return its size in bytes."""
        ...

    async def put(self, uri: str, chunks: AsyncIterator[bytes]) -> int: ...

    async def put_bytes(self, uri: str, content: bytes) -> None:
        """Store what is in memory already."""
        ...

    def read(self, uri: str, *, begin: int = 0) -> AsyncIterator[bytes]:
        """The bytes in chunks, from the byte `begin` on, which there must be. Raises FileMissing."""
        ...

    async def fetch(self, uri: str, target: Path) -> None:
        """Copy to a local file. Raises FileMissing."""
        ...

    async def size(self, uri: str) -> int:
        """Bytes. Raises FileMissing."""
        ...

    async def exists(self, uri: str) -> bool: ...

    async def delete(self, uri: str) -> bool: ...

    async def delete_folder(self, uri: str) -> int:
        """Delete all files below and return how many."""
        ...

    def list(self, uri: str) -> AsyncIterator[str]:
        """URIs of all files below."""
        ...

    def files(self, uri: str) -> AsyncIterator[StoredFile]:
        """All files below, folder by folder, with what is known of them."""
        ...
