"""Which flows listen to the executions of others: an index of their Flow triggers, kept up with the registry."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from pydantic import ValidationError

from tiercel.engine.listening import Listening, read_listening
from tiercel.model.flow_trigger import TYPES
from tiercel.ports.flows import StoredFlow
from tiercel.services.registry import Deployed, Name, Registry, UnreadableFlow

log = logging.getLogger(__name__)

_WORDS = (".trigger.Flow", "triggers.types.Flow")
"""A source without any of them has no such trigger: reading ten thousand flows takes a minute."""
_NAMES = frozenset({*TYPES, *(name.removeprefix("io.kestra.plugin.") for name in TYPES)})

Source = tuple[str, str, str]
"""Tenant, namespace and flow id of what is listened to; the last two are empty for anything."""


class Listener(NamedTuple):
    """A flow and one of its triggers."""

    deployed: Deployed
    listening: Listening


class Listeners:
    """Asked at every change of state: a look into two dicts where nobody listens."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._by_source: defaultdict[Source, dict[tuple[Name, str], Listener]] = defaultdict(dict)
        self._sources: dict[Name, set[Source]] = {}
        self._with_deadline: dict[Name, list[Listener]] = {}
        self.changed = asyncio.Event()
        """Set when a flow was saved that listens, or listened, until a deadline."""
        registry.watch(self._changed)

    def of(self, tenant: str, namespace: str, flow_id: str) -> Iterator[Listener]:
        """Those that may listen to the executions of a flow."""
        found = (self._by_source.get(source) for source in ((tenant, namespace, flow_id), (tenant, "", "")))
        return chain.from_iterable(list(listeners.values()) for listeners in found if listeners)

    def with_deadline(self) -> list[Listener]:
        """Those for which something happens when their window ends and not enough has come."""
        return list(chain.from_iterable(self._with_deadline.values()))

    def _changed(self, name: Name, stored: StoredFlow | None) -> None:
        if self._with_deadline.pop(name, None):
            self.changed.set()
        for source in self._sources.pop(name, ()):
            listeners = self._by_source[source]
            for key in [key for key in listeners if key[0] == name]:
                del listeners[key]
        if stored is not None and not stored.disabled and any(word in stored.source for word in _WORDS):
            self._add(name, stored)

    def _add(self, name: Name, stored: StoredFlow) -> None:
        try:
            deployed = self._registry.deployed(stored)
            for listener in _listeners(deployed):
                self._put(name, listener)
        except (UnreadableFlow, ValidationError) as error:
            log.warning("the Flow triggers of %s.%s wait until it is mended: %s", stored.namespace, stored.id, error)

    def _put(self, name: Name, listener: Listener) -> None:
        tenant = name[0]
        named = listener.listening.sources
        sources = {(tenant, "", "")} if named is None else {(tenant, *source) for source in named}
        for source in sources:
            self._by_source[source][name, listener.listening.trigger.id] = listener
        self._sources.setdefault(name, set()).update(sources)
        if listener.listening.on_miss is not None:
            self._with_deadline.setdefault(name, []).append(listener)
            self.changed.set()


def _listeners(deployed: Deployed) -> Iterator[Listener]:
    for trigger in deployed.context.flow.triggers:
        if trigger.type in _NAMES and trigger.disabled is not True:
            yield Listener(deployed, read_listening(trigger))
