"""Saves flows: reads and checks the text, says what else is kept of it, stores it, tells the registry.

Everyone who saves a flow comes here: the API, the folder given at a server's start.
"""

from datetime import datetime
from typing import NamedTuple

import msgspec

from tiercel import definition
from tiercel.definition import NO_DEFAULTS, Defaults, Problem, Reading, errors
from tiercel.definition.check import check
from tiercel.model.errors import TiercelError
from tiercel.model.flow import Flow
from tiercel.ports.clock import Clock
from tiercel.ports.flows import FlowDraft, FlowStore, StoredFlow, TriggerDraft
from tiercel.services.catalog import PluginCatalog
from tiercel.services.neighbours import RegisteredFlows
from tiercel.services.registry import Registry
from tiercel.services.schedules import drafts_of


class InvalidFlow(TiercelError):
    """A text is no flow that can be saved; all that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in errors(problems)))
        self.problems = problems


class Saved(msgspec.Struct, frozen=True):
    """A revision that is stored now, and what checking it found."""

    stored: StoredFlow
    flow: Flow
    problems: tuple[Problem, ...]


class Deployment:
    """Checks and saves. Raises InvalidFlow, FlowExists."""

    def __init__(
        self,
        *,
        store: FlowStore,
        registry: Registry,
        catalog: PluginCatalog,
        clock: Clock,
        defaults: Defaults = NO_DEFAULTS,
    ) -> None:
        self._store = store
        self._registry = registry
        self._catalog = catalog
        self._clock = clock
        self._defaults = defaults

    def checked(self, text: str, *, filename: str | None = None, tenant: str | None = None) -> Reading:
        """The flow of a text with everything that is wrong with it; with a tenant also what its other flows tell."""
        reading = definition.read(text, filename=filename, defaults=self._defaults)
        neighbours = None if tenant is None else RegisteredFlows(self._registry, tenant=tenant)
        return msgspec.structs.replace(reading, problems=check(reading, self._catalog, neighbours))

    def checked_task(self, text: str) -> tuple[Problem, ...]:
        """Everything that is wrong with the text of one task."""
        return definition.check_task(text, self._catalog)

    def checked_trigger(self, text: str) -> tuple[Problem, ...]:
        """Everything that is wrong with the text of one trigger."""
        return definition.check_trigger(text, self._catalog)

    async def create(self, text: str, *, tenant: str, by: str | None = None) -> Saved:
        """Store a new flow."""
        valid = self._valid(text)
        stored = await self._store.create(self._draft(valid, text, tenant=tenant, by=by))
        return self._kept(stored, valid)

    async def save(self, text: str, *, tenant: str, by: str | None = None) -> Saved:
        """Store a flow as its next revision; the latest one where nothing differs."""
        valid = self._valid(text)
        stored = await self._store.save(self._draft(valid, text, tenant=tenant, by=by))
        return self._kept(stored, valid)

    async def delete(self, *, tenant: str, namespace: str, flow_id: str) -> StoredFlow | None:
        """Mark a flow as deleted; None when there is none."""
        deleted = await self._store.delete(tenant=tenant, namespace=namespace, flow_id=flow_id, at=self._clock.now())
        if deleted is not None:
            self._registry.put(deleted)
        return deleted

    def _valid(self, text: str) -> "_Valid":
        reading = self.checked(text)
        if reading.flow is None or not reading.is_valid:
            raise InvalidFlow(reading.problems)
        completed = definition.with_defaults(reading).flow
        return _Valid(reading.flow, completed or reading.flow, reading.problems)

    def _kept(self, stored: StoredFlow, valid: "_Valid") -> Saved:
        self._registry.put(stored)
        return Saved(stored, valid.flow, valid.problems)

    def _draft(self, valid: "_Valid", text: str, *, tenant: str, by: str | None) -> FlowDraft:
        now, flow = self._clock.now(), valid.flow
        return FlowDraft(
            tenant=tenant,
            namespace=flow.namespace,
            id=flow.id,
            source=definition.without_revision(text),
            labels=tuple(f"{label.key}:{label.value}" for label in flow.labels),
            description=flow.description,
            disabled=flow.disabled,
            draft=flow.draft,
            triggers=self._triggers(valid.as_it_runs, tenant=tenant, now=now),
            at=now,
            by=by,
        )

    def _triggers(self, flow: Flow, *, tenant: str, now: datetime) -> tuple[TriggerDraft, ...]:
        if not flow.triggers:
            return ()
        return tuple(drafts_of(self._registry.context_of(flow, tenant=tenant), catalog=self._catalog, now=now))


class _Valid(NamedTuple):
    flow: Flow
    as_it_runs: Flow
    """With plugin defaults in it."""
    problems: tuple[Problem, ...]
