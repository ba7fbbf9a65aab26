"""The key-value store in a dict: for runs without a server."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from tiercel.model.kv import KvEntry, KvValue
from tiercel.ports.kv import KeyExists


class MemoryKvStore:
    """All revisions of a key in a list, the latest last."""

    def __init__(self) -> None:
        self._revisions: dict[tuple[str, str, str], list[KvEntry]] = {}

    async def get(
        self, *, tenant: str, namespaces: Sequence[str], key: str, at: datetime, revision: int | None = None
    ) -> KvEntry | None:
        for namespace in namespaces:
            known = self._revisions.get((tenant, namespace, key), [])
            found = next((entry for entry in reversed(known) if revision in (None, entry.revision)), None)
            if found is not None and found.is_alive(at):
                return found
        return None

    async def put(
        self,
        value: KvValue,
        *,
        tenant: str,
        namespace: str,
        key: str,
        at: datetime,
        expires: datetime | None = None,
        description: str | None = None,
        overwrite: bool = True,
    ) -> KvEntry:
        revisions = self._revisions.setdefault((tenant, namespace, key), [])
        last = revisions[-1] if revisions else None
        if not overwrite and last is not None and last.is_alive(at):
            raise KeyExists(namespace, key)
        entry = KvEntry(
            namespace=namespace,
            key=key,
            revision=last.revision + 1 if last else 1,
            type=value.type,
            value=value.value,
            description=description if description is not None or last is None else last.description,
            created=last.created if last else at,
            updated=at,
            expires=expires,
        )
        revisions.append(entry)
        return entry

    async def delete(self, *, tenant: str, namespace: str, key: str, at: datetime) -> bool:
        gone = self._revisions.pop((tenant, namespace, key), [])
        return bool(gone) and gone[-1].is_alive(at)

    async def entries(
        self, *, tenant: str, namespace: str | None = None, prefix: str = "", at: datetime, expired: bool = False
    ) -> AsyncIterator[KvEntry]:
        for (owner, place, key), revisions in sorted(self._revisions.items()):
            is_meant = owner == tenant and namespace in (None, place) and key.startswith(prefix)
            if is_meant and revisions and (expired or revisions[-1].is_alive(at)):
                yield revisions[-1]

    async def purge_revisions(
        self,
        *,
        tenant: str,
        namespace: str,
        key: str,
        before: datetime | None = None,
        keep: int | None = None,
    ) -> int:
        revisions = self._revisions.get((tenant, namespace, key), [])
        if keep is not None:
            kept = revisions[-max(keep, 1) :]
        else:
            kept = [entry for entry in revisions if entry is revisions[-1] or (before and entry.updated >= before)]
        gone = len(revisions) - len(kept)
        revisions[:] = kept
        return gone
