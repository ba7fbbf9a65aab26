"""At the start: states for the triggers of stored flows that lack one, because it was deleted or a plugin was not there."""

import asyncio
import logging

from tiercel.ports.clock import Clock
from tiercel.ports.flows import StoredFlow
from tiercel.ports.triggers import TriggerStore
from tiercel.services.catalog import BrokenPlugin, PluginCatalog, UnknownType
from tiercel.services.registry import Registry, UnreadableFlow
from tiercel.services.schedules import drafts_of

log = logging.getLogger(__name__)

WORDS = ("Schedule", "Trigger")
"""Types of triggers that have a state have one of them in their names."""


class Enrolment:
    """Runs once, beside everything else: it may take a while where there are many flows."""

    def __init__(self, store: TriggerStore, *, registry: Registry, catalog: PluginCatalog, clock: Clock) -> None:
        self._store = store
        self._registry = registry
        self._catalog = catalog
        self._clock = clock

    async def run(self) -> None:
        """Look at every flow that may lack a state."""
        numbers = await self._store.numbers()
        for stored in self._registry.all():
            # Reading ten thousand texts takes a minute: one that names no more types than it has states lacks none.
            if sum(map(stored.source.count, WORDS)) > numbers.get(stored.place.flow, 0):
                await self._enrol(stored)
            await asyncio.sleep(0)

    async def _enrol(self, stored: StoredFlow) -> None:
        now = self._clock.now()
        try:
            drafts = list(drafts_of(self._registry.deployed(stored).context, catalog=self._catalog, now=now))
        except (UnreadableFlow, UnknownType, BrokenPlugin, ValueError) as error:
            log.warning("the triggers of flow %s.%s wait until it is mended: %s", stored.namespace, stored.id, error)
            return
        if drafts:
            await self._store.enrol(stored, drafts, at=now)
