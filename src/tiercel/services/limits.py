"""Limits of concurrency, in memory: whoever is alive holds a slot. Nothing of them is stored, so nothing can leak.

A limit is counted from the live executions of its flow when it is asked for the first time after a start, and follows
every decision from then on. What `admit` says is the engine's; telling it to executions is the carrier's.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from immutables import Map

from tiercel.engine.limits import Limit, LimitEvent, Verdict, Waiting, admit
from tiercel.model.execution import Execution, Kind
from tiercel.model.states import BY_NUMBER, State
from tiercel.ports.journal import Journal
from tiercel.services.records import read_progress

_WITHOUT_SLOT = (State.CREATED, State.QUEUED, State.RESTARTED)
"""What is in one of these states waits for a slot or is about to ask for one."""

Living = Callable[[int], Iterable[Execution]]
"""The executions of a flow that are in memory, over or not: newer than their rows."""


class Limits:
    """By the number of the flow."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[int, Limit] = {}
        self._loading: dict[int, asyncio.Future[None]] = {}

    def is_known(self, flow: int) -> bool:
        return flow in self._known

    def tell(self, flow: int, event: LimitEvent) -> Sequence[Verdict]:
        """What a limit that is known answers."""
        limit, verdicts = admit(self._known[flow], event)
        self._known[flow] = limit
        return verdicts

    async def count(self, flow: int, living: Living, *, size: int) -> None:
        """Make a limit known. Whoever asks for one that is being counted waits for the same count."""
        if flow in self._known:
            return
        if flow in self._loading:
            await self._loading[flow]
            return
        self._loading[flow] = asyncio.get_running_loop().create_future()
        try:
            self._known[flow] = await self._counted(flow, living, size)
        finally:
            self._loading.pop(flow).set_result(None)

    async def _counted(self, flow: int, living: Living, size: int) -> Limit:
        """Rows first; memory, which is newer, over them. What ended meanwhile says so itself afterwards."""
        held: dict[str, int] = {}
        queue: dict[str, Waiting] = {}
        for row in await self._journal.live(flow):
            progress = read_progress(row.progress)
            _place(held, queue, row.id, BY_NUMBER[row.state], progress.life, progress.state.histories[-1].date)
        for execution in living(flow):
            held.pop(execution.id, None)
            queue.pop(execution.id, None)
            if execution.live and execution.kind is not Kind.LOOP:
                since = execution.state.histories[-1].date
                _place(held, queue, execution.id, execution.state.current, execution.life, since)
        return Limit(size, Map(held), tuple(sorted(queue.values())))

    def forget(self) -> None:
        """Memory is dropped: everything is counted again."""
        self._known.clear()


def _place(held: dict[str, int], queue: dict[str, Waiting], id: str, state: State, life: int, since: datetime) -> None:
    if state is State.QUEUED:
        queue[id] = Waiting(0, since, id, life)
    elif state not in _WITHOUT_SLOT:
        held[id] = life
