"""Brings claims and ends of executions to the limits that bind them, and the verdicts to executions.

What limits say is committed together with what they were asked for, so no slot is given twice or lost.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from tiercel.engine.events import Admitted, AnyEvent, Queued, Rejected
from tiercel.engine.limits import Claim, Enqueued, Freed, Granted, LimitEvent, Refused, Sized, Verdict
from tiercel.model.bounds import LimitKey, upwards
from tiercel.model.execution import Execution
from tiercel.ports.flows import Place, StoredFlow
from tiercel.services.limits import Limits
from tiercel.services.registry import Registry, UnreadableFlow
from tiercel.services.residents import Resident, Residents, go_on, wait_for

ANY_NUMBER = 2**31
"""How many executions run of a flow without a limit."""


class Desk(Protocol):
    """What slots need of services.desk."""

    @property
    def residents(self) -> Residents: ...
    def tell(self, identifier: str, event: AnyEvent, *, by: Resident) -> None: ...
    def admit(self, identifier: str, event: AnyEvent) -> None: ...
    def pump(self) -> None: ...


class Slots:
    """Works for the one carrier that has it."""

    def __init__(
        self,
        limits: Limits,
        registry: Registry,
        *,
        moment: Callable[[], tuple[datetime, int]],
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._limits = limits
        self._registry = registry
        self._moment = moment
        self._spawn = spawn
        self._begun = asyncio.Event()
        """Those who waited before the start are in line: from now on others may ask."""

    async def begin(self, desk: Desk) -> None:
        """After a start, before anything is decided: whoever waits without need goes on. Raises JournalError."""
        self._admit(desk, await self._limits.begin(self._registry.rooms.around, desk.residents.within))
        self._begun.set()

    def acquire(self, desk: Desk, resident: Resident, *, is_forced: bool) -> None:
        """An execution asks for its slots, or takes them."""
        execution = _known(resident)
        claim = Claim(
            resident.id,
            execution.life,
            since=execution.state.histories[-1].date,
            bounds=execution.bounds,
            is_forced=is_forced,
        )
        keys = tuple(bound.limit for bound in execution.bounds)
        if self._begun.is_set() and self._limits.are_known(keys):
            self._tell(desk, resident, self._limits.tell(claim))
        else:
            flow = _place(resident).flow
            self._ask_later(desk, resident, claim, lambda: self._limits.count(keys, desk.residents.within, flow=flow))

    def release(self, desk: Desk, resident: Resident) -> None:
        """An execution is really over."""
        if self._begun.is_set() and self._limits.is_idle:
            return
        execution = _known(resident)
        freed = Freed(resident.id, execution.life, tuple(_around(execution)))
        if self._begun.is_set() and not self._limits.are_counted(freed.limits):
            self._tell(desk, resident, self._limits.tell(freed))
        else:
            self._ask_later(desk, resident, freed, lambda: self._limits.until_counted(freed.limits))

    def _ask_later(
        self, desk: Desk, resident: Resident, event: LimitEvent, ready: Callable[[], Awaitable[None]]
    ) -> None:
        wait_for(resident)
        self._spawn(self._ask_when(ready, desk, resident, event))

    async def _ask_when(
        self, ready: Callable[[], Awaitable[None]], desk: Desk, resident: Resident, event: LimitEvent
    ) -> None:
        await self._begun.wait()
        await ready()
        self._tell(desk, resident, self._limits.tell(event))
        go_on(resident)
        desk.pump()

    def _tell(self, desk: Desk, resident: Resident, verdicts: Sequence[Verdict]) -> None:
        for verdict in verdicts:
            desk.tell(verdict.execution_id, self._event(verdict), by=resident)

    def _event(self, verdict: Verdict) -> AnyEvent:
        match verdict:
            case Granted():
                return Admitted(*self._moment())
            case Enqueued():
                return Queued(*self._moment())
            case Refused(state=state):
                return Rejected(*self._moment(), state)

    # Another limit -----------------------------------------------------------------------------------------------------

    def minds(self, stored: StoredFlow) -> bool:
        """Whether executions of a flow may wait for its limit, by the revision before or by this one."""
        return self._limits.are_known((_whole(stored),)) or "concurrency" in stored.source

    async def resize(self, desk: Desk, stored: StoredFlow) -> None:
        """The flow was saved, perhaps with another limit: who waits and now need not, goes on."""
        await self._begun.wait()
        whole = _whole(stored)
        await self._limits.count_again(whole, desk.residents.within, flow=stored.place.flow)
        for limit in {whole, *self._limits.values(whole)}:
            self._admit(desk, self._limits.tell(Sized(limit, self._size(stored, limit))))

    def _size(self, stored: StoredFlow, limit: LimitKey) -> int:
        """As many as the flow allows; any number where it limits something else or nothing, or cannot be read."""
        try:
            concurrency = self._registry.deployed(stored).flow.concurrency
        except UnreadableFlow:
            return ANY_NUMBER
        is_meant = concurrency is not None and bool(concurrency.key) is bool(limit.value)
        return concurrency.limit if concurrency is not None and is_meant else ANY_NUMBER

    def _admit(self, desk: Desk, verdicts: Iterable[Verdict]) -> None:
        """Those that were in line already hear nothing new."""
        for verdict in verdicts:
            if isinstance(verdict, Granted):
                desk.admit(verdict.execution_id, self._event(verdict))

    def forget(self) -> None:
        """Memory is dropped: limits are counted again."""
        self._begun.clear()
        self._limits.forget()


def _known(resident: Resident) -> Execution:
    if resident.execution is None:
        raise TypeError(f"execution {resident.id} was decided before it was loaded")
    return resident.execution


def _place(resident: Resident) -> Place:
    if resident.place is None:
        raise TypeError(f"execution {resident.id} was decided before it was loaded")
    return resident.place


def _whole(stored: StoredFlow) -> LimitKey:
    return LimitKey(stored.tenant, stored.namespace, stored.id)


def _around(execution: Execution) -> Iterator[LimitKey]:
    """All limits that may count an execution."""
    whole = LimitKey(execution.tenant, execution.namespace, execution.flow_id)
    yield whole
    yield from (bound.limit for bound in execution.bounds if bound.limit.value)
    yield from (LimitKey(execution.tenant, namespace) for namespace in upwards(execution.namespace))
    yield LimitKey(execution.tenant)
