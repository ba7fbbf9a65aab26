"""Where flows are kept: every revision of their source, and the numbers that rows of executions name them by.

The store takes text and facts about it; whoever saves has read and checked the text before.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from tiercel.model.errors import TiercelError
from tiercel.ports.filters import Filters


class FlowExists(TiercelError):
    """A flow was to be created, and one of that name is there."""

    def __init__(self, namespace: str, flow_id: str) -> None:
        super().__init__(f"a flow {flow_id!r} exists in namespace {namespace!r}: update it, or choose another id")
        self.namespace = namespace
        self.flow_id = flow_id


class Place(msgspec.Struct, frozen=True):
    """The numbers that stand for a tenant, a namespace and a flow in every row."""

    tenant: int
    namespace: int
    flow: int


class TriggerDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger of a flow that is being saved, if it is of a kind that has a stored state."""

    id: str
    kind: str
    """SCHEDULE, POLLING or REALTIME."""
    definition: bytes
    """A checksum of how it is written: another one resets the state."""
    next_at: datetime | None
    """When it is to be evaluated first."""


class FlowDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A flow to be saved."""

    tenant: str = "main"
    namespace: str
    id: str
    source: str
    labels: tuple[str, ...] = ()
    """`key:value`, for searches."""
    description: str | None = None
    disabled: bool = False
    draft: bool = False
    triggers: tuple[TriggerDraft, ...] = ()
    at: datetime
    by: str | None = None


class StoredFlow(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of a flow."""

    place: Place
    tenant: str
    namespace: str
    id: str
    revision: int
    source: str
    disabled: bool = False
    draft: bool = False
    deleted: bool = False
    updated: datetime
    updated_by: str | None = None


class FlowQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which flows are wanted; what is None does not matter."""

    tenant: str = "main"
    text: str | None = None
    """Part of an id, a namespace or a description, in any letter case."""
    namespace: str | None = None
    """The namespace itself or its children."""
    flow_id: str | None = None
    labels: tuple[str, ...] = ()
    """`key:value`; all of them."""
    source: str | None = None
    """Part of the source text."""
    filters: Filters = ()
    """Also all of these. Fields: q, scope, namespace, flowId, labels. A store in memory knows none."""
    order: str = "id"
    """`id`, `namespace` or `updated`."""
    descending: bool = False


class NamespaceInfo(msgspec.Struct, frozen=True):
    id: str
    flows: int
    """How many flows stand in it; 0 for one that only has children."""


class FlowChange(msgspec.Struct, frozen=True):
    """A flow was saved or deleted, by this process or another."""

    tenant: str
    namespace: str
    id: str
    revision: int


class FlowStore(Protocol):
    """Flows by tenant, namespace and id. A save is durable, and told to every process, when it returns."""

    async def create(self, draft: FlowDraft) -> StoredFlow:
        """Store a new flow; one that was deleted goes on counting. Raises FlowExists."""
        ...

    async def save(self, draft: FlowDraft) -> StoredFlow:
        """Store a flow as its next revision, or answer with the latest one where the source is the same."""
        ...

    async def delete(self, *, tenant: str, namespace: str, flow_id: str, at: datetime) -> StoredFlow | None:
        """Write a revision that says it is deleted; None when there is no such flow."""
        ...

    async def get(
        self, *, tenant: str, namespace: str, flow_id: str, revision: int | None = None, deleted: bool = False
    ) -> StoredFlow | None:
        """A revision, or the latest that is no draft. A deleted flow is found by revision or with `deleted`."""
        ...

    async def revisions(self, *, tenant: str, namespace: str, flow_id: str) -> list[StoredFlow]:
        """All revisions, oldest first, those that are drafts or deleted included."""
        ...

    async def delete_revisions(self, *, tenant: str, namespace: str, flow_id: str, revisions: Sequence[int]) -> int:
        """Forget revisions other than the latest and return how many were there."""
        ...

    def all(self) -> AsyncIterator[StoredFlow]:
        """The latest revision of every flow that is not deleted, of all tenants: what the registry begins with."""
        ...

    async def search(self, query: FlowQuery, *, page: int, size: int) -> tuple[list[StoredFlow], int]:
        """One page (from 1) of latest revisions and the total."""
        ...

    async def namespaces(self, *, tenant: str, text: str | None = None) -> list[NamespaceInfo]:
        """Namespaces that hold flows, and their parents, by name."""
        ...

    def changes(self) -> AsyncIterator[FlowChange]:
        """Saves and deletions from now on; after a lost connection everything is told again."""
        ...
