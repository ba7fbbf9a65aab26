"""Secrets in a dict: for runs without a server."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from tiercel.model.execution import Label
from tiercel.model.secret import SecretInfo


class _Kept(NamedTuple):
    encrypted: str
    info: SecretInfo


class MemorySecretStore:
    """By tenant, namespace and key."""

    def __init__(self) -> None:
        self._secrets: dict[tuple[str, str, str], _Kept] = {}
        self._watchers: list[Callable[[], None]] = []

    async def get(self, *, tenant: str, namespaces: Sequence[str], key: str) -> str | None:
        found = (self._secrets.get((tenant, namespace, key)) for namespace in namespaces)
        return next((kept.encrypted for kept in found if kept is not None), None)

    async def put(
        self,
        encrypted: str,
        *,
        tenant: str,
        namespace: str,
        key: str,
        at: datetime,
        description: str | None = None,
        tags: tuple[Label, ...] | None = None,
    ) -> None:
        known = self._secrets.get((tenant, namespace, key))
        info = known.info if known is not None else SecretInfo(namespace=namespace, key=key, updated=at)
        self._keep(tenant, _Kept(encrypted, _described(info, at, description, tags)))

    async def describe(
        self,
        *,
        tenant: str,
        namespace: str,
        key: str,
        at: datetime,
        description: str | None,
        tags: tuple[Label, ...] | None,
    ) -> bool:
        known = self._secrets.get((tenant, namespace, key))
        if known is not None:
            self._keep(tenant, known._replace(info=_described(known.info, at, description, tags)))
        return known is not None

    async def delete(self, *, tenant: str, namespace: str, key: str) -> bool:
        is_there = self._secrets.pop((tenant, namespace, key), None) is not None
        self._tell()
        return is_there

    async def listed(self, *, tenant: str, namespaces: Sequence[str] | None = None, text: str = "") -> list[SecretInfo]:
        return [
            kept.info
            for (owner, namespace, key), kept in sorted(self._secrets.items())
            if owner == tenant and (namespaces is None or namespace in namespaces) and text.lower() in key.lower()
        ]

    async def watch(self, changed: Callable[[], None]) -> None:
        self._watchers.append(changed)

    def _keep(self, tenant: str, kept: _Kept) -> None:
        self._secrets[tenant, kept.info.namespace, kept.info.key] = kept
        self._tell()

    def _tell(self) -> None:
        for changed in self._watchers:
            changed()


def _described(info: SecretInfo, at: datetime, description: str | None, tags: tuple[Label, ...] | None) -> SecretInfo:
    return replace(
        info,
        description=info.description if description is None else description,
        tags=info.tags if tags is None else tags,
        updated=at,
    )
