"""Deadlines of Flow triggers: when one passes and not enough has come, an execution fails for it (`onMiss`).

A deadline is known from the trigger and the clock alone, and the execution by it: so a server that was down begins with
the last one, and nobody has to remember that it was looked at.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

from tiercel.engine.listening import missed
from tiercel.engine.windows import Daily
from tiercel.model.errors import TiercelError
from tiercel.model.execution import TriggerInfo
from tiercel.model.ids import SHARDS, caused_execution_id
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.journal import Journal
from tiercel.services.creator import Creator, Wish
from tiercel.services.listeners import Listener, Listeners
from tiercel.services.residents import Resident, Residents, Window, Work, error_line, resident_of

log = logging.getLogger(__name__)


class Desk(Protocol):
    """What is needed of services.desk."""

    @property
    def residents(self) -> Residents: ...
    def adopt(self, resident: Resident, first: Work) -> None: ...
    def pump(self) -> None: ...


class Misses:
    """Runs in the background of an executor."""

    def __init__(
        self,
        *,
        listeners: Listeners,
        window: Callable[[Listener], Awaitable[Window]],
        creator: Creator,
        journal: Journal,
        clock: Clock,
        dice: Dice,
    ) -> None:
        self._listeners = listeners
        self._window = window
        self._creator = creator
        self._journal = journal
        self._clock = clock
        self._dice = dice

    async def run(self, desk: Desk) -> None:
        """Look at every deadline when it has passed, at the last one of each trigger first; for ever."""
        while True:
            self._listeners.changed.clear()
            now = self._clock.now()
            for listener in self._listeners.with_deadline():
                await self._look(desk, listener, now)
            await self._wait(now)

    async def _wait(self, now: datetime) -> None:
        """Until the next deadline passes, or there are other ones."""
        ends = [_next_end(listener, now) for listener in self._listeners.with_deadline()]
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._listeners.changed.wait())]
        if ends:
            waits.append(asyncio.ensure_future(self._clock.sleep_until(min(ends))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _look(self, desk: Desk, listener: Listener, now: datetime) -> None:
        stored, zone = listener.deployed.stored, listener.deployed.context.world.zone
        known = (await self._window(listener)).collected
        deadline = missed(listener.listening, known, at=now, since=stored.updated, zone=zone)
        if deadline is None:
            return
        identifier = _execution_of(listener, deadline)
        if not await self._journal.load([identifier]) and desk.residents.known(identifier) is None:
            wish = _wish(listener, deadline, identifier)
            self._fail(desk, wish, f"not all that `{listener.listening.trigger.id}` waits for came by {deadline}")

    def _fail(self, desk: Desk, wish: Wish, reason: str) -> None:
        try:
            made = self._creator.make_failed(wish)
        except TiercelError as error:
            log.warning("a missed deadline of flow %s starts nothing: %s", wish.flow_id, error)
            return
        at = self._clock.now()
        resident = resident_of(made)
        resident.outgoing.lines.append((error_line(made.execution, reason, at=at), None))
        desk.adopt(resident, made.created(at, self._dice.roll()))
        desk.pump()


def _next_end(listener: Listener, now: datetime) -> datetime:
    limits, zone = listener.listening.limits, listener.deployed.context.world.zone
    if not isinstance(limits, Daily):
        raise TypeError(f"the window of trigger {listener.listening.trigger.id} has no deadline")
    return limits.next_end(now.astimezone(zone))


def _execution_of(listener: Listener, deadline: datetime) -> str:
    stored, trigger = listener.deployed.stored, listener.listening.trigger
    cause = ("miss", stored.tenant, stored.namespace, stored.id, trigger.id, deadline.timestamp())
    return caused_execution_id(int(deadline.timestamp() * 1000), shard=stored.place.flow % SHARDS, cause=cause)


def _wish(listener: Listener, deadline: datetime, identifier: str) -> Wish:
    stored, trigger, on_miss = listener.deployed.stored, listener.listening.trigger, listener.listening.on_miss
    return Wish(
        tenant=stored.tenant,
        namespace=stored.namespace,
        flow_id=stored.id,
        labels=() if on_miss is None else tuple(label.label() for label in on_miss.labels),
        origin="trigger",
        trigger=TriggerInfo(trigger.id, trigger.type, {"deadline": deadline.isoformat()}),
        id=identifier,
    )
