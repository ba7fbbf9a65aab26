"""Waits for executions on behalf of those who look at them: the API's streams, `wait=true`.

News comes from the broadcaster: what the executor of this process commits, and hints to what other processes write.
Hints may be missed, so the rows are looked at each second as well.
"""

import asyncio
from collections.abc import AsyncGenerator

import msgspec

from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution
from tiercel.model.log import LogEntry
from tiercel.ports.changes import Changes
from tiercel.ports.logs import LogQuery, LogStore, Tail
from tiercel.ports.reader import Reader
from tiercel.services.broadcaster import Broadcaster, Frame
from tiercel.services.records import read_execution
from tiercel.services.residents import NoSuchExecution

LOOK_AGAIN = 1.0
"""Seconds between looks at the rows."""
PATIENCE = 10.0
"""Seconds to wait for an execution that is not there yet."""
BREATH = 0.02
"""Seconds between frames at least: what comes faster is shown as one."""
SLOW_BREATH = 0.5
MANY_RUNS = 1_000
"""An execution of more task runs gets at most two frames a second."""


class LetGo(TiercelError):
    """This process stops before the execution is over; the execution goes on."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"the server stops, and execution {execution_id} goes on: ask for it again in a moment")


class News(msgspec.Struct, frozen=True):
    """The rows of an execution changed."""

    is_over: bool


class Followers:
    """Raises NoSuchExecution where there is none."""

    def __init__(self, *, reader: Reader, broadcaster: Broadcaster, changes: Changes | None = None) -> None:
        self._reader = reader
        self._broadcaster = broadcaster
        self._changes = changes
        """Where the executor lives in another process: what it hears of that one's commits."""
        self._is_stopping = False

    def let_go(self) -> None:
        """Nobody waits for an end any longer, so that a stop need not."""
        self._is_stopping = True

    async def hear(self) -> None:
        """Pass on what other processes tell, for ever."""
        if self._changes is not None:
            async for ids in self._changes.news():
                for identifier in ids:
                    self._broadcaster.hint(identifier)

    async def until_there(self, tenant: str, execution_id: str) -> None:
        """Return as soon as the execution exists, at most after PATIENCE."""
        for _ in range(int(PATIENCE / 0.1)):
            if await self._reader.execution(tenant, execution_id) is not None:
                return
            await asyncio.sleep(0.1)
        raise NoSuchExecution(execution_id)

    async def until_over(self, tenant: str, execution_id: str) -> None:
        """Return when the execution is really over. Raises LetGo where this process stops before."""
        async for news in self.executions(tenant, execution_id):
            if self._is_stopping and not (news and news.is_over):
                raise LetGo(execution_id)

    async def executions(self, tenant: str, execution_id: str) -> AsyncGenerator[News | None]:
        """News at once, at each change, and last when the execution is over; None while nothing happens."""
        with self._broadcaster.follow(execution_id) as follower:
            seen = await self._look(tenant, execution_id)
            yield News(is_over=not seen.live)
            while seen.live:
                if self._changes is not None:
                    await self._changes.want()
                pieces = await follower.pieces(LOOK_AGAIN)
                newer = await self._look(tenant, execution_id)
                yield News(is_over=not newer.live) if newer != seen or _has_frame(pieces) else None
                seen = newer
                if seen.live:
                    await asyncio.sleep(SLOW_BREATH if seen.next_ord > MANY_RUNS else BREATH)

    async def lines(self, tenant: str, execution_id: str, logs: LogStore, query: LogQuery) -> AsyncGenerator[LogEntry]:
        """The lines of an execution as they come, until it is over and all it had written was shown."""
        tail = Tail()
        hinting = asyncio.create_task(self._hint(tenant, execution_id, tail))
        try:
            async for entry in logs.follow(query, tail):
                yield entry
        finally:
            hinting.cancel()
            await asyncio.wait([hinting])

    async def _hint(self, tenant: str, execution_id: str, tail: Tail) -> None:
        """Lines of tasks that ran in the executor come with its commits; all lines are stored before the last one."""
        try:
            async for _ in self.executions(tenant, execution_id):
                tail.hint()
        finally:
            tail.end()

    async def _look(self, tenant: str, execution_id: str) -> Execution:
        found = await self._reader.execution(tenant, execution_id)
        if found is None:
            raise NoSuchExecution(execution_id)
        return read_execution(found.row)


def _has_frame(pieces: list[Frame | LogEntry]) -> bool:
    return any(isinstance(piece, Frame) for piece in pieces)
