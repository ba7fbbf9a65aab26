"""Limits of concurrency, in memory: whoever is alive holds a slot. Nothing of them is stored, so nothing can leak.

A limit is counted from live executions when it is asked for the first time after a start, and follows every decision from
then on. Whoever waited before the start is put in line again first. What `admit` says is the engine's; telling it to
executions is that of services.slots.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from tiercel.engine.admission import asked_of
from tiercel.engine.limits import Claim, Counted, LimitEvent, Slots, Verdict, admit
from tiercel.model.bounds import Bound, LimitKey
from tiercel.model.execution import Execution, Kind
from tiercel.model.states import BEFORE_SLOT, BY_NUMBER
from tiercel.ports.journal import Journal, LiveRow
from tiercel.services.records import read_execution, read_progress

Held: TypeAlias = dict[LimitKey, dict[str, int]]
"""By limit, each execution with its life."""

Living = Callable[[LimitKey], Iterable[Execution]]
"""The executions in memory that a limit contains, over or not: newer than their rows."""
Around = Callable[[str, str], tuple[Bound, ...]]
"""What binds every execution in a namespace of a tenant."""


class Holder(NamedTuple):
    """What tells of which limits an execution that has begun holds a slot."""

    life: int
    bounds: tuple[Bound, ...]
    cause_id: str | None


class Limits:
    """Counts each flow, namespace and tenant that somebody asks for once, all values of a flow's key with it."""

    def __init__(self, journal: Journal, numbers: Callable[[LimitKey], Sequence[int]]) -> None:
        self._journal = journal
        self._numbers = numbers
        """The numbers of the namespaces in a limit."""
        self._slots = Slots()
        self._known: set[LimitKey] = set()
        self._counting: dict[LimitKey, asyncio.Future[None]] = {}

    @property
    def is_idle(self) -> bool:
        """Nobody has asked for a limit yet."""
        return not (self._known or self._counting)

    def are_known(self, keys: Iterable[LimitKey]) -> bool:
        """Whether these can be asked at once."""
        return all(key.whole in self._known for key in keys)

    def are_counted(self, keys: Iterable[LimitKey]) -> bool:
        """Whether one of these is just being counted."""
        return any(key.whole in self._counting for key in keys)

    def values(self, whole: LimitKey) -> list[LimitKey]:
        """The limits of a flow that somebody has a slot of, or waits for."""
        return [key for key in self._slots if key.whole == whole]

    def tell(self, event: LimitEvent) -> Sequence[Verdict]:
        """What limits that are known answer."""
        self._slots, verdicts = admit(self._slots, event)
        return verdicts

    async def count(self, keys: Iterable[LimitKey], living: Living, *, flow: int | None = None) -> None:
        """Make limits known. `flow` is the number of the flow among them."""
        for whole in dict.fromkeys(key.whole for key in keys):
            if whole in self._counting:
                # Whoever asks for one that is being counted waits for the same count.
                await self._counting[whole]
            elif whole not in self._known:
                await self._count(whole, living, flow)

    async def count_again(self, whole: LimitKey, living: Living, *, flow: int) -> None:
        """Find those that ran without asking, as their revision of the flow had no limit."""
        self._known.discard(whole)
        await self.count((whole,), living, flow=flow)

    async def until_counted(self, keys: Iterable[LimitKey]) -> None:
        """Wait until none of these is just being counted."""
        wholes = {key.whole for key in keys}
        while under_way := [counted for whole, counted in self._counting.items() if whole in wholes]:
            await asyncio.wait(under_way)

    async def _count(self, whole: LimitKey, living: Living, flow: int | None) -> None:
        counted = self._counting[whole] = asyncio.get_running_loop().create_future()
        try:
            self.tell(Counted(await self._found(whole, living, flow)))
            self._known.add(whole)
        finally:
            del self._counting[whole]
            counted.set_result(None)

    async def _found(self, whole: LimitKey, living: Living, flow: int | None) -> Held:
        """Rows first; memory, which is newer, over them. What ends meanwhile says so itself afterwards."""
        # Those whose end is not stored yet may have left memory when the rows are here.
        over = {execution.id for execution in living(whole) if not execution.live}
        rows = await self._rows(whole, flow)
        holders = {row.id: _holder(row) for row in rows if BY_NUMBER[row.state] not in BEFORE_SLOT}
        for identifier in over:
            holders.pop(identifier, None)
        for execution in living(whole):
            holders.pop(execution.id, None)
            if _holds(execution):
                holders[execution.id] = Holder(execution.life, execution.bounds, execution.cause_id)
        return _by_limit(whole, holders)

    async def _rows(self, whole: LimitKey, flow: int | None) -> list[LiveRow]:
        if not whole.flow_id:
            return await self._journal.live_in(self._numbers(whole))
        return [] if flow is None else await self._journal.live(flow)

    async def begin(self, around: Around, living: Living) -> Sequence[Verdict]:
        """After a start: put all who wait in line again, and let those go on who need not wait any more."""
        verdicts: list[Verdict] = []
        for flow, claim in await self._waiting(around):
            await self.count((bound.limit for bound in claim.bounds), living, flow=flow)
            verdicts += self.tell(claim)
        return verdicts

    async def _waiting(self, around: Around) -> list[tuple[int, Claim]]:
        """What they asked of their flow, and what the installation asks now, which may have other limits than before."""
        waiting = [(row.flow, read_execution(row)) for row in await self._journal.queued()]
        claims = [
            (flow, _claim(execution, around(execution.tenant, execution.namespace))) for flow, execution in waiting
        ]
        return sorted(claims, key=lambda pair: (pair[1].priority, pair[1].since, pair[1].execution_id))

    def forget(self) -> None:
        """Memory is dropped: everything is counted again."""
        self._slots = Slots()
        self._known.clear()


def _by_limit(whole: LimitKey, holders: Mapping[str, Holder]) -> Held:
    """A slot of the whole for each that did not run within the slot of another, and one of the value that its key has."""
    held: Held = {whole: {}}
    for name, holder in holders.items():
        asked = [bound.limit for bound in holder.bounds if bound.limit.whole == whole]
        if asked or whole.flow_id or holder.cause_id not in holders:
            for limit in {whole, *asked}:
                held.setdefault(limit, {})[name] = holder.life
    return held


def _holds(execution: Execution) -> bool:
    return execution.live and execution.kind is not Kind.LOOP and execution.state.current not in BEFORE_SLOT


def _holder(row: LiveRow) -> Holder:
    progress = read_progress(row.progress)
    return Holder(progress.life, progress.bounds, row.cause_id)


def _claim(execution: Execution, around: tuple[Bound, ...]) -> Claim:
    """Whoever waits goes on waiting, whatever becomes of those who come later."""
    own = (bound for bound in execution.bounds if bound.limit.flow_id)
    bounds = tuple(replace(bound, behavior="QUEUE") for bound in (*own, *asked_of(execution, around)))
    return Claim(execution.id, execution.life, execution.state.histories[-1].date, bounds)
