"""Brings claims and ends of executions to the limit of their flow, and its verdicts to executions.

What a limit says is committed together with what it was asked for, so no slot is given twice or lost.
"""

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, Protocol

from tiercel.engine.commands import Acquire
from tiercel.engine.events import Admitted, AnyEvent, Queued, Rejected
from tiercel.engine.limits import Claim, Enqueued, Freed, Granted, LimitEvent, Refused, Sized, Verdict
from tiercel.model.execution import Execution
from tiercel.ports.flows import Place, StoredFlow
from tiercel.services.limits import Limits
from tiercel.services.registry import Registry, UnreadableFlow
from tiercel.services.residents import Resident, go_on, wait_for

ANY_NUMBER = 2**31
"""How many executions run of a flow without a limit."""


class Desk(Protocol):
    """What slots need of services.desk."""

    def tell(self, identifier: str, event: AnyEvent, *, by: Resident) -> None: ...
    def admit(self, identifier: str, event: AnyEvent) -> None: ...
    def of_flow(self, flow: int) -> list[Execution]: ...
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

    def acquire(self, desk: Desk, resident: Resident, command: Acquire) -> None:
        """An execution asks for a slot, or takes one."""
        execution = _known(resident)
        claim = Claim(
            resident.id,
            execution.life,
            since=execution.state.histories[-1].date,
            size=command.limit,
            behavior=command.behavior,
            is_forced=command.is_forced,
        )
        self._ask(desk, resident, claim, size=command.limit)

    def release(self, desk: Desk, resident: Resident) -> None:
        """An execution is really over."""
        concurrency = None if resident.context is None else resident.context.flow.concurrency
        if concurrency is not None:
            self._ask(desk, resident, Freed(resident.id, _known(resident).life), size=concurrency.limit)

    def _ask(self, desk: Desk, resident: Resident, event: LimitEvent, *, size: int) -> None:
        flow = _place(resident).flow
        if self._limits.is_known(flow):
            self._tell(desk, resident, self._limits.tell(flow, event))
        else:
            wait_for(resident)
            self._spawn(self._ask_counted(desk, resident, event, flow=flow, size=size))

    async def _ask_counted(self, desk: Desk, resident: Resident, event: LimitEvent, *, flow: int, size: int) -> None:
        await self._limits.count(flow, desk.of_flow, size=size)
        self._tell(desk, resident, self._limits.tell(flow, event))
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
        return self._limits.is_known(stored.place.flow) or "concurrency" in stored.source

    async def resize(self, desk: Desk, stored: StoredFlow) -> None:
        """The flow was saved, perhaps with another limit: who waits and now need not, goes on."""
        flow, size = stored.place.flow, self._limit_of(stored)
        await self._limits.count(flow, desk.of_flow, size=size)
        for verdict in self._limits.tell(flow, Sized(size)):
            desk.admit(verdict.execution_id, self._event(verdict))

    def _limit_of(self, stored: StoredFlow) -> int:
        """As many as the flow allows; any number where it says nothing, or cannot be read."""
        try:
            concurrency = self._registry.deployed(stored).flow.concurrency
        except UnreadableFlow:
            return ANY_NUMBER
        return ANY_NUMBER if concurrency is None else concurrency.limit

    def forget(self) -> None:
        """Memory is dropped: limits are counted again."""
        self._limits.forget()


def _known(resident: Resident) -> Execution:
    if resident.execution is None:
        raise TypeError(f"execution {resident.id} was decided before it was loaded")
    return resident.execution


def _place(resident: Resident) -> Place:
    if resident.place is None:
        raise TypeError(f"execution {resident.id} was decided before it was loaded")
    return resident.place
