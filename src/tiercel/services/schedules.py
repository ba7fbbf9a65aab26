"""The schedules of flows: what a stored trigger means by the definition of its flow as it is now."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from tiercel.engine.conditions import read_conditions
from tiercel.engine.triggers import Missed, TriggerContext
from tiercel.model.errors import TiercelError
from tiercel.model.flow import Flow, Trigger
from tiercel.model.trigger import TriggerState
from tiercel.ports.flows import FlowStore, TriggerDraft
from tiercel.sdk import SchedulableTrigger
from tiercel.services.catalog import BrokenPlugin, PluginCatalog, UnknownType
from tiercel.services.registry import Deployed, Registry, UnreadableFlow

KEPT = 10_000
"""How many schedules stay read."""


class NotScheduled(TiercelError):
    """A stored trigger that can start nothing now: its flow or trigger is gone, disabled, or cannot be read."""


class Schedules:
    """Reads the schedules of flows, and keeps them."""

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
        self._read: OrderedDict[tuple[int, int, str], SchedulableTrigger] = OrderedDict()

    def context(self, state: TriggerState) -> TriggerContext:
        """What decisions need. Raises NotScheduled."""
        deployed = self._deployed(state)
        trigger = next((each for each in deployed.flow.triggers if each.id == state.trigger_id), None)
        if trigger is None:
            raise NotScheduled(f"{_name(state)} stands in the flow no more")
        schedule = self._schedule(state, deployed, trigger)
        try:
            return TriggerContext(deployed.context, trigger, schedule, read_conditions(trigger))
        except ValidationError as error:
            raise NotScheduled(f"the conditions of {_name(state)} cannot be read: {error}") from error

    async def refresh(self, state: TriggerState) -> None:
        """Read a flow again: its triggers may be told of before the flow itself is."""
        stored = await self._flows.get(tenant=state.tenant, namespace=state.namespace, flow_id=state.flow_id)
        if stored is not None:
            self._registry.put(stored)

    def first_date(self, state: TriggerState, instant: datetime) -> datetime | None:
        """The first date of a trigger at or after an instant. Raises NotScheduled."""
        return self.next_date(state, instant - timedelta(microseconds=1))

    def next_date(self, state: TriggerState, after: datetime) -> datetime | None:
        """The first date of a trigger after an instant. Raises NotScheduled."""
        return self.context(state).schedule.next_date(after, zone=self._zone)

    def missed(self, context: TriggerContext) -> Missed:
        """Which missed dates are made up for: what the trigger says, else the server."""
        schedule = context.schedule
        own = schedule.recover_missed_schedules if isinstance(schedule, SchedulableTrigger) else None
        return own or self._missed

    def _deployed(self, state: TriggerState) -> Deployed:
        stored = self._registry.latest(state.tenant, state.namespace, state.flow_id)
        if stored is None:
            raise NotScheduled(f"the flow of {_name(state)} is gone")
        if stored.disabled:
            raise NotScheduled(f"the flow of {_name(state)} is disabled")
        try:
            return self._registry.deployed(stored)
        except UnreadableFlow as error:
            raise NotScheduled(str(error)) from error

    def _schedule(self, state: TriggerState, deployed: Deployed, trigger: Trigger) -> SchedulableTrigger:
        place = (deployed.stored.place.flow, deployed.stored.revision, trigger.id)
        known = self._read.get(place)
        if known is None:
            known = self._read[place] = self._validated(state, trigger)
            if len(self._read) > KEPT:
                self._read.popitem(last=False)
        return known

    def _validated(self, state: TriggerState, trigger: Trigger) -> SchedulableTrigger:
        try:
            schedule = schedule_of(trigger, self._catalog)
        except (ValueError, UnknownType, BrokenPlugin) as error:
            raise NotScheduled(f"{_name(state)} cannot be read: {error}") from error
        if schedule is None:
            raise NotScheduled(f"{_name(state)} has no dates any more")
        return schedule


def schedule_of(trigger: Trigger, catalog: PluginCatalog) -> SchedulableTrigger | None:
    """The plugin of a trigger that has dates. Raises UnknownType, BrokenPlugin, ValueError."""
    kind = catalog.plugin(trigger.type)
    return kind.model_validate(trigger.properties) if issubclass(kind, SchedulableTrigger) else None


def drafts_of(flow: Flow, *, catalog: PluginCatalog, now: datetime, zone: ZoneInfo) -> Iterator[TriggerDraft]:
    """The triggers of a flow that have a stored state."""
    for trigger in flow.triggers:
        schedule = schedule_of(trigger, catalog)
        if schedule is not None:
            definition = hashlib.blake2b(trigger.model_dump_json().encode(), digest_size=16).digest()
            next_at = None if trigger.disabled is True else schedule.next_date(now, zone=zone)
            yield TriggerDraft(id=trigger.id, kind="SCHEDULE", definition=definition, next_at=next_at)


def _name(state: TriggerState) -> str:
    return f"trigger {state.namespace}.{state.flow_id}.{state.trigger_id}"
