"""The index of namespace files in a dict: for runs without a server."""

from collections.abc import AsyncIterator
from datetime import datetime

from tiercel.model.namespace_file import NamespaceFile


class MemoryNamespaceFileIndex:
    """All revisions of a path in a list, the latest last."""

    def __init__(self) -> None:
        self._revisions: dict[tuple[str, str, str], list[NamespaceFile]] = {}

    async def get(self, *, tenant: str, namespace: str, path: str, revision: int | None = None) -> NamespaceFile | None:
        known = reversed(await self.revisions(tenant=tenant, namespace=namespace, path=path))
        return next((file for file in known if revision in (None, file.revision)), None)

    async def add(self, *, tenant: str, namespace: str, path: str, size: int, uri: str, at: datetime) -> NamespaceFile:
        known = self._revisions.setdefault((tenant, namespace, path), [])
        last = known[-1] if known else None
        file = NamespaceFile(
            namespace=namespace,
            path=path,
            revision=last.revision + 1 if last else 1,
            size=size,
            uri=uri,
            created=last.created if last else at,
            updated=at,
        )
        known.append(file)
        return file

    async def delete(self, *, tenant: str, namespace: str, path: str) -> list[NamespaceFile]:
        return self._revisions.pop((tenant, namespace, path), [])

    async def files(
        self, *, tenant: str, namespace: str | None = None, prefix: str = ""
    ) -> AsyncIterator[NamespaceFile]:
        for (owner, place, path), known in sorted(self._revisions.items()):
            if owner == tenant and namespace in (None, place) and path.startswith(prefix) and known:
                yield known[-1]

    async def revisions(self, *, tenant: str, namespace: str, path: str) -> list[NamespaceFile]:
        return list(self._revisions.get((tenant, namespace, path), []))

    async def forget(self, *, tenant: str, namespace: str, path: str, revisions: list[int]) -> list[NamespaceFile]:
        known = self._revisions.get((tenant, namespace, path), [])
        gone = [file for file in known if file.revision in revisions]
        known[:] = [file for file in known if file.revision not in revisions]
        return gone
