"""The key-value store: typed values by namespace and key, each write a new revision."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from tiercel.model.errors import TiercelError
from tiercel.model.kv import KvEntry, KvValue


class KeyExists(TiercelError):
    """A key was to be new and is there already."""

    def __init__(self, namespace: str, key: str) -> None:
        super().__init__(f"the key `{key}` exists already in the namespace `{namespace}`")
        self.namespace = namespace
        self.key = key


class KvStore(Protocol):
    """What is expired counts as absent. `at` is the instant that decides."""

    async def get(
        self, *, tenant: str, namespaces: Sequence[str], key: str, at: datetime, revision: int | None = None
    ) -> KvEntry | None:
        """The entry of the first of these namespaces that has the key."""
        ...

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
        """Write a new revision. `description` None keeps the one that is there. Raises KeyExists without `overwrite`."""
        ...

    async def delete(self, *, tenant: str, namespace: str, key: str, at: datetime) -> bool:
        """Whether there was something to delete. All revisions go."""
        ...

    def entries(
        self, *, tenant: str, namespace: str | None = None, prefix: str = "", at: datetime, expired: bool = False
    ) -> AsyncIterator[KvEntry]:
        """The latest revisions by namespace and key: of one namespace or of all; expired ones too where asked for."""
        ...

    async def purge_revisions(
        self,
        *,
        tenant: str,
        namespace: str,
        key: str,
        before: datetime | None = None,
        keep: int | None = None,
    ) -> int:
        """Delete revisions written before an instant, or all but the newest `keep`; the latest always stays."""
        ...
