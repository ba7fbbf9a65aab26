"""Saves flows: reads and checks the text, says what else is kept of it, stores it, tells the registry.

Everyone who saves a flow comes here: the API, the folder given at a server's start.
"""

from zoneinfo import ZoneInfo

import msgspec

from tiercel import definition
from tiercel.definition import NO_DEFAULTS, Defaults, Problem, Reading, errors
from tiercel.definition.check import check
from tiercel.model.errors import TiercelError
from tiercel.model.flow import Flow
from tiercel.ports.clock import Clock
from tiercel.ports.flows import FlowDraft, FlowStore, StoredFlow
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
        zone: ZoneInfo,
        defaults: Defaults = NO_DEFAULTS,
    ) -> None:
        self._store = store
        self._registry = registry
        self._catalog = catalog
        self._clock = clock
        self._zone = zone
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
        flow, problems = self._valid(text)
        stored = await self._store.create(self._draft(flow, text, tenant=tenant, by=by))
        return self._kept(stored, flow, problems)

    async def save(self, text: str, *, tenant: str, by: str | None = None) -> Saved:
        """Store a flow as its next revision; the latest one where nothing differs."""
        flow, problems = self._valid(text)
        stored = await self._store.save(self._draft(flow, text, tenant=tenant, by=by))
        return self._kept(stored, flow, problems)

    async def delete(self, *, tenant: str, namespace: str, flow_id: str) -> StoredFlow | None:
        """Mark a flow as deleted; None when there is none."""
        deleted = await self._store.delete(tenant=tenant, namespace=namespace, flow_id=flow_id, at=self._clock.now())
        if deleted is not None:
            self._registry.put(deleted)
        return deleted

    def _valid(self, text: str) -> tuple[Flow, tuple[Problem, ...]]:
        reading = self.checked(text)
        if reading.flow is None or not reading.is_valid:
            raise InvalidFlow(reading.problems)
        return reading.flow, reading.problems

    def _kept(self, stored: StoredFlow, flow: Flow, problems: tuple[Problem, ...]) -> Saved:
        self._registry.put(stored)
        return Saved(stored, flow, problems)

    def _draft(self, flow: Flow, text: str, *, tenant: str, by: str | None) -> FlowDraft:
        now = self._clock.now()
        return FlowDraft(
            tenant=tenant,
            namespace=flow.namespace,
            id=flow.id,
            source=definition.without_revision(text),
            labels=tuple(f"{label.key}:{label.value}" for label in flow.labels),
            description=flow.description,
            disabled=flow.disabled,
            draft=flow.draft,
            triggers=tuple(drafts_of(flow, catalog=self._catalog, now=now, zone=self._zone)),
            at=now,
            by=by,
        )
