"""Stored templates (1.x): lists of tasks under a name, which a `Template` task runs as if they stood in its flow.

Every save is a revision of its own, and none is ever changed: an execution goes on with those it began with.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

import msgspec

from tiercel.model.errors import TiercelError


class TemplateExists(TiercelError):
    """A template of that name is stored already."""

    def __init__(self, namespace: str, template_id: str) -> None:
        super().__init__(f"template {namespace}.{template_id} exists; update it instead")


class TemplateDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A template as it is to be stored: checked already."""

    tenant: str = "main"
    namespace: str
    id: str
    source: str
    at: datetime


class StoredTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of a template."""

    tenant: str
    namespace: str
    id: str
    revision: int
    source: str
    deleted: bool = False
    updated: datetime


class TemplateStore(Protocol):
    """Templates by tenant, namespace and id. A save is durable, and told to every process, when it returns."""

    async def create(self, draft: TemplateDraft) -> StoredTemplate:
        """Store a new template; one that was deleted goes on counting. Raises TemplateExists."""
        ...

    async def save(self, draft: TemplateDraft) -> StoredTemplate:
        """Store a template as its next revision, or answer with the latest one where the source is the same."""
        ...

    async def delete(self, *, tenant: str, namespace: str, template_id: str, at: datetime) -> StoredTemplate | None:
        """Write a revision that says it is deleted; None when there is no such template."""
        ...

    async def get(
        self, *, tenant: str, namespace: str, template_id: str, revision: int | None = None
    ) -> StoredTemplate | None:
        """A revision, or the latest unless it says that the template is deleted."""
        ...

    def all(self, *, tenant: str | None = None) -> AsyncIterator[StoredTemplate]:
        """The latest revision of every template that is not deleted, by tenant, namespace and id."""
        ...

    def changes(self) -> AsyncIterator[StoredTemplate]:
        """Saves and deletions from now on; after a lost connection everything there is is told again."""
        ...
