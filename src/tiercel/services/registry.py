"""The stored flows in memory: the latest revision of each, and older ones as they are asked for.

Sources are read into flows at their first use. What a flow means is definition's, what is stored the FlowStore's.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator

import msgspec

from tiercel import definition
from tiercel.definition import NO_DEFAULTS, Defaults, Problem, Reading
from tiercel.engine import FlowContext, World
from tiercel.model.bounds import UNLIMITED, LimitKey, Rooms
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution
from tiercel.model.flow import Flow
from tiercel.model.flowable import Flowable, Pause
from tiercel.model.task import Task
from tiercel.ports.flows import FlowStore, StoredFlow
from tiercel.services.templates import WITHOUT_TEMPLATES, Pins, Templates, Version

log = logging.getLogger(__name__)

READ_FLOWS = 5_000
"""How many flows stay read; the others keep their source only."""

Name = tuple[str, str, str]
"""Tenant, namespace and id."""


Watcher = Callable[[Name, StoredFlow | None], None]
"""Told of the latest revision of a flow."""


class UnreadableFlow(TiercelError):
    """The stored source of a flow is no valid flow (any more): nothing of it can run."""

    def __init__(self, stored: StoredFlow, problems: tuple[Problem, ...]) -> None:
        first = problems[0].message if problems else "it is empty"
        super().__init__(
            f"flow {stored.namespace}.{stored.id} revision {stored.revision} cannot be read: {first}; save it mended"
        )
        self.stored = stored
        self.problems = problems


class Deployed(msgspec.Struct, frozen=True):
    """A stored revision, read and made ready."""

    stored: StoredFlow
    flow: Flow
    """As it is written."""
    context: FlowContext
    """As it runs: with plugin defaults in it."""


class Registry:
    """Answers from memory where it can."""

    def __init__(
        self,
        store: FlowStore,
        *,
        world: World,
        is_instant: Callable[[str], bool],
        defaults: Defaults = NO_DEFAULTS,
        rooms: Rooms = UNLIMITED,
        templates: Templates | None = None,
    ) -> None:
        self._store = store
        self._world = world
        self._is_instant = is_instant
        self._defaults = defaults
        """Properties that the server gives to all tasks and triggers of a type."""
        self.rooms = rooms
        """Limits of concurrency that the server sets to namespaces and tenants."""
        self._namespaces: dict[tuple[str, str], int] = {}
        self._templates = templates or Templates()
        self._latest: dict[Name, StoredFlow] = {}
        self._read: OrderedDict[tuple[int, int, Version], Deployed] = OrderedDict()
        self._watchers: list[Watcher] = []

    async def load(self) -> None:
        """Take in the latest revision of every flow, and forget those that were deleted meanwhile."""
        await self._templates.load()
        before, there = set(self._latest), set[Name]()
        async for stored in self._store.all():
            there.add((stored.tenant, stored.namespace, stored.id))
            self.put(stored)
        for name in before - there:
            self._forget(name)

    async def follow(self) -> None:
        """Take in what this or another process saves, for ever."""
        await self.load()
        async for change in self._store.changes():
            name = (change.tenant, change.namespace, change.id)
            stored = await self._store.get(tenant=change.tenant, namespace=change.namespace, flow_id=change.id)
            if stored is None:
                self._forget(name)
            else:
                self.put(stored)

    def put(self, stored: StoredFlow) -> None:
        """Take in a revision that was just saved, so that whoever saved it finds it at once."""
        name = (stored.tenant, stored.namespace, stored.id)
        self._namespaces[stored.tenant, stored.namespace] = stored.place.namespace
        known = self._latest.get(name)
        if known is not None and known.revision > stored.revision:
            return
        if stored.deleted:
            self._forget(name)
        elif not stored.draft:
            self._latest[name] = stored
            for watcher in self._watchers:
                watcher(name, stored)

    def watch(self, watcher: "Watcher") -> None:
        """Tell of every flow there is, and from now on of every change; None for a flow that is gone."""
        self._watchers.append(watcher)
        for name, stored in self._latest.items():
            watcher(name, stored)

    def _forget(self, name: Name) -> None:
        if self._latest.pop(name, None) is not None:
            for watcher in self._watchers:
                watcher(name, None)

    def all(self) -> list[StoredFlow]:
        """The latest revision of every flow."""
        return list(self._latest.values())

    def namespaces(self, limit: LimitKey) -> list[int]:
        """The numbers of the namespaces that a limit contains."""
        return [number for name, number in self._namespaces.items() if limit.contains(*name, "")]

    def latest(self, tenant: str, namespace: str, flow_id: str) -> StoredFlow | None:
        """The latest revision of a flow that is no draft and not deleted."""
        return self._latest.get((tenant, namespace, flow_id))

    def deployed(self, stored: StoredFlow, *, templates: Pins | None = None) -> Deployed:
        """The flow of a stored revision, with the latest templates or with these. Raises UnreadableFlow."""
        key = (stored.place.flow, stored.revision, self._templates.version(stored.source, templates))
        known = self._read.get(key)
        if known is None:
            known = self._read[key] = self._make(stored, templates)
            if len(self._read) > READ_FLOWS:
                self._read.popitem(last=False)
        return known

    def context_of(self, flow: Flow, *, tenant: str) -> FlowContext:
        """What a flow will be once it is saved."""
        latest = self.latest(tenant, flow.namespace, flow.id)
        return self._context(flow, tenant=tenant, revision=1 if latest is None else latest.revision + 1)

    def known(self, tenant: str, namespace: str, flow_id: str, revision: int) -> Deployed | None:
        """A revision if it is in memory."""
        latest = self.latest(tenant, namespace, flow_id)
        if latest is None:
            return None
        if latest.revision == revision:
            return self.deployed(latest)
        return self._read.get((latest.place.flow, revision, WITHOUT_TEMPLATES))

    async def revision(self, tenant: str, namespace: str, flow_id: str, revision: int) -> Deployed | None:
        """A revision, of a deleted flow too; read from the store where it is not in memory."""
        known = self.known(tenant, namespace, flow_id, revision)
        if known is not None:
            return known
        stored = await self._store.get(tenant=tenant, namespace=namespace, flow_id=flow_id, revision=revision)
        return None if stored is None else self.deployed(stored)

    async def of_execution(self, header: Execution) -> Deployed | None:
        """What an execution runs: its revision, with the templates it began with."""
        found = await self.revision(header.tenant, header.namespace, header.flow_id, header.flow_revision)
        if found is None or not self._templates.are_in(found.stored.source):
            return found
        await self._templates.pin(header.tenant, header.templates)
        return self.deployed(found.stored, templates=header.templates)

    def _make(self, stored: StoredFlow, templates: Pins | None) -> Deployed:
        reading = definition.read_stored(stored.source, defaults=self._defaults)
        if reading.flow is None:
            raise UnreadableFlow(stored, reading.problems)
        merged, used = self._templates.put_into(reading, tenant=stored.tenant, pins=templates, defaults=self._defaults)
        flow = self._effective(merged, reading.flow)
        context = self._context(flow, tenant=stored.tenant, revision=stored.revision, templates=used)
        return Deployed(stored, reading.flow, context)

    def _context(self, flow: Flow, *, tenant: str, revision: int, templates: Pins | None = None) -> FlowContext:
        return FlowContext.of(
            flow,
            revision=revision,
            tenant=tenant,
            world=self._world,
            around=self.rooms.around(tenant, flow.namespace),
            instant=frozenset(name for name in types_of(flow) if self._is_instant(name)),
            templates=templates or {},
        )

    def _effective(self, merged: Reading, flow: Flow) -> Flow:
        """The flow with its own defaults and the server's in it; as it is written where they would break it."""
        if merged.flow is None:
            reasons = "; ".join(problem.message for problem in merged.problems)
            log.warning("flow %s.%s runs without plugin defaults, which break it: %s", flow.namespace, flow.id, reasons)
        return merged.flow or flow


def types_of(flow: Flow) -> Iterator[str]:
    """The types of all tasks of a flow, as written."""
    return (task.type for task in tasks_of(flow))


def tasks_of(flow: Flow) -> Iterator[Task]:
    """All tasks of a flow, at every level."""
    heard = tuple(task for listener in flow.listeners for task in listener.tasks)
    for tasks in (flow.tasks, flow.errors, flow.finally_, flow.after_execution, heard):
        yield from _within(tasks)


def _within(tasks: tuple[Task, ...]) -> Iterator[Task]:
    for task in tasks:
        yield task
        if isinstance(task, Flowable):
            for block in task.blocks().values():
                yield from _within(block)
        if isinstance(task, Pause) and task.on_pause is not None:
            yield task.on_pause
