"""The files of a namespace as an index: which path has which revisions, and where in storage each of them lies."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

from tiercel.model.namespace_file import NamespaceFile


class NamespaceFileIndex(Protocol):
    """Rows only: whoever calls it stores and deletes the content."""

    async def get(self, *, tenant: str, namespace: str, path: str, revision: int | None = None) -> NamespaceFile | None:
        """The latest revision, or a given one."""
        ...

    async def add(self, *, tenant: str, namespace: str, path: str, size: int, uri: str, at: datetime) -> NamespaceFile:
        """A new revision, whose content is stored already."""
        ...

    async def delete(self, *, tenant: str, namespace: str, path: str) -> list[NamespaceFile]:
        """Forget a path with all its revisions, and return them."""
        ...

    def files(self, *, tenant: str, namespace: str | None = None, prefix: str = "") -> AsyncIterator[NamespaceFile]:
        """The latest revisions by namespace and path: of one namespace or of all."""
        ...

    async def revisions(self, *, tenant: str, namespace: str, path: str) -> list[NamespaceFile]:
        """All revisions of a path, the oldest first."""
        ...

    async def forget(self, *, tenant: str, namespace: str, path: str, revisions: list[int]) -> list[NamespaceFile]:
        """Forget revisions of a path, and return those that were there."""
        ...
