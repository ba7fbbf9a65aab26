"""The stored templates in memory, and the flows that use them.

An execution goes on with the revisions of templates it began with: they are part of what it was given.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from tiercel.definition import Defaults, Reading
from tiercel.definition.templates import read_template, with_templates
from tiercel.ports.templates import StoredTemplate, TemplateStore

Pins = Mapping[str, int]
"""Revisions of templates, by `namespace/id`."""
Version = int | frozenset[tuple[str, int]]
WITHOUT_TEMPLATES = 0
"""The version of flows that use none."""
READ_TEMPLATES = 1_000
"""How many older revisions are kept in memory for the executions that run them."""
_TYPE = re.compile(r"flows?\.Template\b")


class Templates:
    """Answers from memory. Without a store there are no templates."""

    def __init__(self, store: TemplateStore | None = None) -> None:
        self._store = store
        self._latest: dict[tuple[str, str], StoredTemplate] = {}
        self._pinned: OrderedDict[tuple[str, str, int], StoredTemplate] = OrderedDict()
        self._generation = 1
        """Counts changes: what was made of the latest templates before one is out of date."""

    async def load(self) -> None:
        """Take in every template, and forget those that were deleted meanwhile."""
        if self._store is None:
            return
        before, there = set(self._latest), set[tuple[str, str]]()
        async for template in self._store.all():
            there.add((template.tenant, _name(template)))
            self.put(template)
        for name in before - there:
            self._generation += 1
            del self._latest[name]

    async def follow(self) -> None:
        """Take in what this or another process saves, for ever."""
        await self.load()
        if self._store is not None:
            async for template in self._store.changes():
                self.put(template)

    def put(self, template: StoredTemplate) -> None:
        """Take in a revision that was just saved, so that whoever saved it finds it at once."""
        name = (template.tenant, _name(template))
        known = self._latest.get(name)
        if known is not None and known.revision >= template.revision:
            return
        self._generation += 1
        if template.deleted:
            self._latest.pop(name, None)
        else:
            self._latest[name] = template

    async def pin(self, tenant: str, pins: Pins) -> None:
        """Have these revisions in memory, as far as they are stored."""
        for name, revision in pins.items():
            if self._store is None or self._known(tenant, name, revision) is not None:
                continue
            namespace, _, template_id = name.rpartition("/")
            found = await self._store.get(
                tenant=tenant, namespace=namespace, template_id=template_id, revision=revision
            )
            if found is not None:
                self._remember(tenant, name, found)

    def are_in(self, source: str) -> bool:
        """Whether a flow may use templates: its text has the name of the type."""
        return _TYPE.search(source) is not None

    def version(self, source: str, pins: Pins | None) -> Version:
        """What a flow that is made ready now depends on, beside its own text."""
        if not self.are_in(source):
            return WITHOUT_TEMPLATES
        return self._generation if pins is None else frozenset(pins.items())

    def put_into(
        self, reading: Reading, *, tenant: str, pins: Pins | None, defaults: Defaults
    ) -> tuple[Reading, dict[str, int]]:
        """The reading with templates and plugin defaults in it, and the revisions it uses."""
        used: dict[str, int] = {}

        def find(namespace: str, template_id: str) -> Mapping[str, Any] | None:
            name = f"{namespace}/{template_id}"
            template = self._latest.get((tenant, name)) if pins is None else self._known(tenant, name, pins.get(name))
            document = None if template is None else read_template(template.source).document
            if template is None or document is None:
                return None
            used[name] = template.revision
            return document.data

        return with_templates(reading, find, defaults=defaults), used

    def _known(self, tenant: str, name: str, revision: int | None) -> StoredTemplate | None:
        if revision is None:
            return None
        latest = self._latest.get((tenant, name))
        if latest is not None and latest.revision == revision:
            return latest
        return self._pinned.get((tenant, name, revision))

    def _remember(self, tenant: str, name: str, template: StoredTemplate) -> None:
        self._pinned[(tenant, name, template.revision)] = template
        if len(self._pinned) > READ_TEMPLATES:
            self._pinned.popitem(last=False)


def _name(template: StoredTemplate) -> str:
    return f"{template.namespace}/{template.id}"
