"""A run's side of the key-value store: its namespace and the clock are given, the store's errors end the task."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from tiercel.model.kv import KvEntry, KvValue, check_key, parent_namespaces
from tiercel.ports.kv import KeyExists, KvStore
from tiercel.sdk import RunInfo, TaskFailed


class RunKv:
    """What a task sees as `ctx.kv`."""

    def __init__(self, store: KvStore, info: RunInfo, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._tenant = info.tenant
        self._namespace = info.namespace
        self._now = now

    async def get(self, key: str, namespace: str | None = None) -> KvEntry | None:
        namespaces = [namespace] if namespace else parent_namespaces(self._namespace)
        return await self._store.get(tenant=self._tenant, namespaces=namespaces, key=key, at=self._now())

    async def put(
        self,
        key: str,
        value: KvValue,
        *,
        namespace: str | None = None,
        ttl: timedelta | None = None,
        description: str | None = None,
        overwrite: bool = True,
    ) -> KvEntry:
        at = self._now()
        try:
            check_key(key)
            return await self._store.put(
                value,
                tenant=self._tenant,
                namespace=namespace or self._namespace,
                key=key,
                at=at,
                expires=None if ttl is None else at + ttl,
                description=description,
                overwrite=overwrite,
            )
        except KeyExists as error:
            raise TaskFailed(
                f"Cannot set value for key '{key}'. Key already exists and `overwrite` is set to `false`."
            ) from error
        except ValueError as error:
            raise TaskFailed(str(error)) from error

    async def replace(self, entry: KvEntry, value: KvValue) -> KvEntry:
        return await self._store.put(
            value,
            tenant=self._tenant,
            namespace=entry.namespace,
            key=entry.key,
            at=self._now(),
            expires=entry.expires,
            description=entry.description,
        )

    async def delete(self, key: str, namespace: str | None = None) -> bool:
        return await self._store.delete(
            tenant=self._tenant, namespace=namespace or self._namespace, key=key, at=self._now()
        )

    def entries(self, namespace: str | None = None, *, prefix: str = "") -> AsyncIterator[KvEntry]:
        return self._store.entries(
            tenant=self._tenant, namespace=namespace or self._namespace, prefix=prefix, at=self._now()
        )

    def everywhere(self) -> AsyncIterator[KvEntry]:
        return self._store.entries(tenant=self._tenant, at=self._now(), expired=True)

    async def expired(self) -> AsyncIterator[KvEntry]:
        at = self._now()
        async for entry in self.everywhere():
            if not entry.is_alive(at):
                yield entry

    async def purge_revisions(self, entry: KvEntry, *, before: datetime | None = None, keep: int | None = None) -> int:
        return await self._store.purge_revisions(
            tenant=self._tenant, namespace=entry.namespace, key=entry.key, before=before, keep=keep
        )
