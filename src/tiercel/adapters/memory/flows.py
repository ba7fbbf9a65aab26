"""Flows in a dict: every revision of each, numbered as rows name them."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from tiercel.ports.filters import BadFilters
from tiercel.ports.flows import (
    FlowChange,
    FlowDraft,
    FlowExists,
    FlowQuery,
    NamespaceInfo,
    Place,
    StoredFlow,
)

Name = tuple[str, str, str]
"""Tenant, namespace and id."""


class MemoryFlowStore:
    """Forgets everything with the process."""

    def __init__(self) -> None:
        self._revisions: dict[Name, list[StoredFlow]] = {}
        self._facts: dict[Name, FlowDraft] = {}
        """The latest draft: labels and description, for searches."""
        self._numbers: dict[tuple[str, ...], int] = {}
        self._listeners: set[asyncio.Queue[FlowChange]] = set()

    async def create(self, draft: FlowDraft) -> StoredFlow:
        latest = self._latest((draft.tenant, draft.namespace, draft.id))
        if latest is not None and not latest.deleted:
            raise FlowExists(draft.namespace, draft.id)
        return self._add(draft)

    async def save(self, draft: FlowDraft) -> StoredFlow:
        latest = self._latest((draft.tenant, draft.namespace, draft.id))
        is_same = latest is not None and latest.source == draft.source and latest.draft == draft.draft
        return latest if latest is not None and is_same and not latest.deleted else self._add(draft)

    async def delete(self, *, tenant: str, namespace: str, flow_id: str, at: datetime) -> StoredFlow | None:
        latest = self._latest((tenant, namespace, flow_id))
        if latest is None or latest.deleted:
            return None
        return self._append(replace(latest, revision=latest.revision + 1, deleted=True, updated=at))

    async def get(
        self, *, tenant: str, namespace: str, flow_id: str, revision: int | None = None, deleted: bool = False
    ) -> StoredFlow | None:
        stored = self._revisions.get((tenant, namespace, flow_id), [])
        if revision is not None:
            return next((one for one in stored if one.revision == revision), None)
        if stored and stored[-1].deleted:
            return stored[-1] if deleted else None
        return next((one for one in reversed(stored) if not one.draft), None)

    async def revisions(self, *, tenant: str, namespace: str, flow_id: str) -> list[StoredFlow]:
        return list(self._revisions.get((tenant, namespace, flow_id), []))

    async def delete_revisions(self, *, tenant: str, namespace: str, flow_id: str, revisions: Sequence[int]) -> int:
        name = (tenant, namespace, flow_id)
        stored = self._revisions.get(name, [])
        kept = [one for one in stored[:-1] if one.revision not in revisions] + stored[-1:]
        self._revisions[name] = kept
        return len(stored) - len(kept)

    async def all(self) -> AsyncIterator[StoredFlow]:
        for stored in self._current(None):
            yield stored

    async def search(self, query: FlowQuery, *, page: int, size: int) -> tuple[list[StoredFlow], int]:
        if query.filters:
            raise BadFilters(("flows in memory are not searched with filters",))
        found = [stored for stored in self._current(query.tenant) if self._matches(stored, query)]
        found.sort(key=lambda stored: str(getattr(stored, query.order)), reverse=query.descending)
        return found[(page - 1) * size : page * size], len(found)

    async def namespaces(self, *, tenant: str, text: str | None = None) -> list[NamespaceInfo]:
        flows: dict[str, int] = {}
        for stored in self._current(tenant):
            for parent in _parents(stored.namespace):
                flows.setdefault(parent, 0)
            flows[stored.namespace] = flows.get(stored.namespace, 0) + 1
        wanted = (text or "").lower()
        return [NamespaceInfo(name, flows[name]) for name in sorted(flows) if wanted in name.lower()]

    async def changes(self) -> AsyncIterator[FlowChange]:
        queue: asyncio.Queue[FlowChange] = asyncio.Queue()
        self._listeners.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)

    def name_of(self, number: int) -> Name:
        """The tenant, namespace and id of the flow that rows name by this number."""
        name = next(name for name, known in self._numbers.items() if known == number)
        return (name[0], name[1], name[2])

    def _latest(self, name: Name) -> StoredFlow | None:
        stored = self._revisions.get(name)
        return stored[-1] if stored else None

    def _current(self, tenant: str | None) -> Iterable[StoredFlow]:
        for (owner, _, _), stored in self._revisions.items():
            latest = None if stored[-1].deleted else next((one for one in reversed(stored) if not one.draft), None)
            if latest is not None and tenant in (None, owner):
                yield latest

    def _add(self, draft: FlowDraft) -> StoredFlow:
        name = (draft.tenant, draft.namespace, draft.id)
        latest = self._latest(name)
        self._facts[name] = draft
        return self._append(
            StoredFlow(
                place=self._place(name),
                tenant=draft.tenant,
                namespace=draft.namespace,
                id=draft.id,
                revision=1 if latest is None else latest.revision + 1,
                source=draft.source,
                disabled=draft.disabled,
                draft=draft.draft,
                updated=draft.at,
                updated_by=draft.by,
            )
        )

    def _append(self, stored: StoredFlow) -> StoredFlow:
        self._revisions.setdefault((stored.tenant, stored.namespace, stored.id), []).append(stored)
        change = FlowChange(stored.tenant, stored.namespace, stored.id, stored.revision)
        for listener in self._listeners:
            listener.put_nowait(change)
        return stored

    def _place(self, name: Name) -> Place:
        return Place(*(self._numbers.setdefault(name[:length], len(self._numbers) + 1) for length in (1, 2, 3)))

    def _matches(self, stored: StoredFlow, query: FlowQuery) -> bool:
        facts = self._facts[stored.tenant, stored.namespace, stored.id]
        texts = (stored.id, stored.namespace, facts.description or "")
        namespace = query.namespace
        return (
            (query.text is None or any(query.text.lower() in text.lower() for text in texts))
            and (namespace is None or f"{stored.namespace}.".startswith(f"{namespace}."))
            and query.flow_id in (None, stored.id)
            and set(query.labels) <= set(facts.labels)
            and (query.source is None or query.source in stored.source)
        )


def _parents(namespace: str) -> list[str]:
    parts = namespace.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]
