"""The triggers of flows that have a stored state: what that state means by the definition of the flow as it is now."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from tiercel.engine import FlowContext
from tiercel.engine.conditions import read_conditions
from tiercel.engine.polls import PollContext
from tiercel.engine.triggers import Missed, TriggerContext, next_date
from tiercel.model.errors import TiercelError
from tiercel.model.flow import Trigger
from tiercel.model.trigger import TriggerState
from tiercel.ports.flows import FlowStore, TriggerDraft
from tiercel.sdk import Duration, PollingTrigger, RealtimeTrigger, SchedulableTrigger
from tiercel.services.catalog import BrokenPlugin, PluginCatalog, UnknownType
from tiercel.services.registry import Deployed, Registry, UnreadableFlow

KEPT = 10_000
"""How many triggers stay read."""
SCHEDULE, POLLING, REALTIME = "SCHEDULE", "POLLING", "REALTIME"
_duration = TypeAdapter[timedelta](Duration)

AnyContext = TriggerContext | PollContext
Rhythm = SchedulableTrigger | timedelta | None
"""When a trigger is looked at: at its dates, each interval, or once and for all: a stream."""


class NotScheduled(TiercelError):
    """A stored trigger that can start nothing now: its flow or trigger is gone, disabled, or cannot be read."""


class Named(Protocol):
    """Which trigger is meant: its state, or a run of it."""

    @property
    def tenant(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def flow_id(self) -> str: ...
    @property
    def trigger_id(self) -> str: ...


class Schedules:
    """Reads the triggers of flows, and keeps them."""

    def __init__(
        self,
        *,
        registry: Registry,
        flows: FlowStore,
        catalog: PluginCatalog,
        zone: ZoneInfo,
        missed: Missed = "ALL",
    ) -> None:
        self._registry = registry
        self._flows = flows
        self._catalog = catalog
        self._zone = zone
        self._missed: Missed = missed
        self._read: OrderedDict[tuple[int, int, str], Rhythm] = OrderedDict()

    def context(self, named: Named) -> AnyContext:
        """What decisions need. Raises NotScheduled."""
        deployed = self._deployed(named)
        trigger = next((each for each in deployed.context.flow.triggers if each.id == named.trigger_id), None)
        if trigger is None:
            raise NotScheduled(f"{_name(named)} stands in the flow no more")
        try:
            rhythm, conditions = self._rhythm(deployed, trigger), read_conditions(trigger)
        except (ValueError, UnknownType, BrokenPlugin) as error:
            raise NotScheduled(f"{_name(named)} cannot be read: {error}") from error
        if isinstance(rhythm, SchedulableTrigger):
            return TriggerContext(deployed.context, trigger, rhythm, conditions)
        return PollContext(deployed.context, trigger, rhythm, conditions)

    async def refresh(self, named: Named) -> None:
        """Read a flow again: its triggers may be told of before the flow itself is."""
        stored = await self._flows.get(tenant=named.tenant, namespace=named.namespace, flow_id=named.flow_id)
        if stored is not None:
            self._registry.put(stored)

    def first_date(self, state: TriggerState, instant: datetime) -> datetime | None:
        """The first date of a trigger at or after an instant, whether it will be left out or not. Raises NotScheduled."""
        context = self.context(state)
        if isinstance(context, PollContext):
            return instant
        return context.schedule.next_date(instant - timedelta(microseconds=1), zone=self._zone)

    def next_date(self, state: TriggerState, after: datetime) -> datetime | None:
        """The first date of a trigger after an instant; that is at once where workers look. Raises NotScheduled."""
        context = self.context(state)
        return after if isinstance(context, PollContext) else next_date(context, after)

    def missed(self, context: TriggerContext) -> Missed:
        """Which missed dates are made up for: what the trigger says, else the server."""
        schedule = context.schedule
        own = schedule.recover_missed_schedules if isinstance(schedule, SchedulableTrigger) else None
        return own or self._missed

    def flow_number(self, named: Named) -> int:
        """The number of a trigger's flow in rows. Raises NotScheduled."""
        return self._deployed(named).stored.place.flow

    def _deployed(self, named: Named) -> Deployed:
        stored = self._registry.latest(named.tenant, named.namespace, named.flow_id)
        if stored is None:
            raise NotScheduled(f"the flow of {_name(named)} is gone")
        if stored.disabled:
            raise NotScheduled(f"the flow of {_name(named)} is disabled")
        try:
            return self._registry.deployed(stored)
        except UnreadableFlow as error:
            raise NotScheduled(str(error)) from error

    def _rhythm(self, deployed: Deployed, trigger: Trigger) -> Rhythm:
        place = (deployed.stored.place.flow, deployed.stored.revision, trigger.id)
        if place not in self._read:
            self._read[place] = rhythm_of(trigger, self._catalog)
            if len(self._read) > KEPT:
                self._read.popitem(last=False)
        return self._read[place]


def kind_of(trigger: Trigger, catalog: PluginCatalog) -> str | None:
    """The kind of a trigger that has a stored state. Raises UnknownType, BrokenPlugin."""
    plugin = catalog.plugin(trigger.type)
    kinds = {SchedulableTrigger: SCHEDULE, PollingTrigger: POLLING, RealtimeTrigger: REALTIME}
    return next((kind for base, kind in kinds.items() if issubclass(plugin, base)), None)


def rhythm_of(trigger: Trigger, catalog: PluginCatalog) -> Rhythm:
    """When a trigger is looked at. Raises UnknownType, BrokenPlugin, ValueError."""
    plugin = catalog.plugin(trigger.type)
    if issubclass(plugin, SchedulableTrigger):
        return plugin.model_validate(trigger.properties)
    if issubclass(plugin, RealtimeTrigger):
        return None
    if not issubclass(plugin, PollingTrigger):
        raise ValueError(f"{trigger.type} is not looked at by itself")
    # Other properties may hold expressions: workers read them.
    written = trigger.properties.get("interval")
    return plugin.model_fields["interval"].default if written is None else _duration.validate_python(written)


def drafts_of(flow: FlowContext, *, catalog: PluginCatalog, now: datetime) -> Iterator[TriggerDraft]:
    """The triggers of a flow, with plugin defaults in it, that have a stored state."""
    for trigger in flow.flow.triggers:
        kind = kind_of(trigger, catalog)
        if kind is not None:
            next_at = None if trigger.disabled is True else _begin(flow, trigger, rhythm_of(trigger, catalog), now)
            definition = hashlib.blake2b(trigger.model_dump_json().encode(), digest_size=16).digest()
            yield TriggerDraft(id=trigger.id, kind=kind, definition=definition, next_at=next_at)


def _begin(flow: FlowContext, trigger: Trigger, rhythm: Rhythm, now: datetime) -> datetime | None:
    """When a trigger is looked at first."""
    if not isinstance(rhythm, SchedulableTrigger):
        return now
    return next_date(TriggerContext(flow, trigger, rhythm, read_conditions(trigger)), now)


def _name(named: Named) -> str:
    return f"trigger {named.namespace}.{named.flow_id}.{named.trigger_id}"
