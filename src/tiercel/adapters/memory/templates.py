"""Stored templates in a dict: for runs without a server."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime

from msgspec.structs import replace

from tiercel.ports.templates import StoredTemplate, TemplateDraft, TemplateExists

Name = tuple[str, str, str]


class MemoryTemplateStore:
    """All revisions of a template in a list, the latest last."""

    def __init__(self) -> None:
        self._revisions: dict[Name, list[StoredTemplate]] = {}
        self._heard: list[asyncio.Queue[StoredTemplate]] = []

    async def create(self, draft: TemplateDraft) -> StoredTemplate:
        if self._latest(_name(draft)) is not None:
            raise TemplateExists(draft.namespace, draft.id)
        return self._add(draft)

    async def save(self, draft: TemplateDraft) -> StoredTemplate:
        latest = self._latest(_name(draft))
        return latest if latest is not None and latest.source == draft.source else self._add(draft)

    async def delete(self, *, tenant: str, namespace: str, template_id: str, at: datetime) -> StoredTemplate | None:
        latest = self._latest((tenant, namespace, template_id))
        if latest is None:
            return None
        return self._append(replace(latest, revision=latest.revision + 1, deleted=True, updated=at))

    async def get(
        self, *, tenant: str, namespace: str, template_id: str, revision: int | None = None
    ) -> StoredTemplate | None:
        name = (tenant, namespace, template_id)
        if revision is None:
            return self._latest(name)
        return next((each for each in self._revisions.get(name, []) if each.revision == revision), None)

    async def all(self, *, tenant: str | None = None) -> AsyncGenerator[StoredTemplate]:
        for name in sorted(self._revisions):
            latest = self._latest(name)
            if latest is not None and tenant in (None, latest.tenant):
                yield latest

    async def changes(self) -> AsyncGenerator[StoredTemplate]:
        heard: asyncio.Queue[StoredTemplate] = asyncio.Queue()
        self._heard.append(heard)
        try:
            while True:
                yield await heard.get()
        finally:
            self._heard.remove(heard)

    def _latest(self, name: Name) -> StoredTemplate | None:
        revisions = self._revisions.get(name)
        return revisions[-1] if revisions and not revisions[-1].deleted else None

    def _add(self, draft: TemplateDraft) -> StoredTemplate:
        return self._append(
            StoredTemplate(
                tenant=draft.tenant,
                namespace=draft.namespace,
                id=draft.id,
                revision=len(self._revisions.get(_name(draft), [])) + 1,
                source=draft.source,
                updated=draft.at,
            )
        )

    def _append(self, template: StoredTemplate) -> StoredTemplate:
        self._revisions.setdefault((template.tenant, template.namespace, template.id), []).append(template)
        for heard in self._heard:
            heard.put_nowait(template)
        return template


def _name(draft: TemplateDraft) -> Name:
    return (draft.tenant, draft.namespace, draft.id)
