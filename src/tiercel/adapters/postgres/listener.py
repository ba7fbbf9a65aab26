"""One connection a process that hears what others notify, and tells whoever asked here. Hints only: nothing depends on them.

After a lost connection everybody is told that something may have been missed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

import asyncpg

from tiercel.adapters.postgres.connection import LOST, Connection, connect

Heard = Callable[[str | None], None]
"""Called with the payload; with None when hints may have been missed: look for yourself."""

_LONGEST_WAIT = 5.0


class Listener:
    """`async with Listener(dsn) as listener:` hears while the block lasts."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._hearers: dict[str, set[Heard]] = defaultdict(set)
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        """Held by whoever tells the database what to listen to: a connection does one thing at a time."""
        self._lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Listener":
        await self._reconnect()
        self._task = asyncio.create_task(self._stay_connected(), name="listener")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._connection is not None:
            self._connection.remove_termination_listener(self._note_loss)
            await self._connection.close()

    async def hear(self, channel: str, heard: Heard) -> None:
        """From now on call `heard` for each notice on the channel."""
        self._hearers[channel].add(heard)
        async with self._turn:
            if self._connection is not None and not self._connection.is_closed():
                with suppress(*LOST):
                    await self._connection.add_listener(channel, self._pass_on)

    def forget(self, channel: str, heard: Heard) -> None:
        """Call it no more. The channel stays open: others may ask for it again."""
        self._hearers[channel].discard(heard)

    def _pass_on(self, connection: object, pid: int, channel: str, payload: object) -> None:
        for heard in tuple(self._hearers[channel]):
            heard(str(payload))

    def _note_loss(self, connection: object) -> None:
        self._lost.set()

    async def _stay_connected(self) -> None:
        while True:
            await self._lost.wait()
            self._lost.clear()
            wait = 0.0
            while not await self._is_reconnected():
                wait = min(wait * 2 + 0.1, _LONGEST_WAIT)
                await asyncio.sleep(wait)
            for hearers in self._hearers.values():
                for heard in tuple(hearers):
                    heard(None)

    async def _is_reconnected(self) -> bool:
        try:
            await self._reconnect()
        except (asyncpg.PostgresError, *LOST):
            return False
        return True

    async def _reconnect(self) -> None:
        async with self._turn:
            connection = await connect(self._dsn, purpose="listener")
            connection.add_termination_listener(self._note_loss)
            for channel in tuple(self._hearers):
                await connection.add_listener(channel, self._pass_on)
            self._connection = connection


class Hint:
    """Waits for a notice on some channels, or for a second: a notice may be lost, a second is not."""

    def __init__(self, listener: Listener, *channels: str, seconds: float = 1.0) -> None:
        self._listener, self._channels, self._seconds = listener, channels, seconds
        self._event = asyncio.Event()

    async def __aenter__(self) -> "Hint":
        for channel in self._channels:
            await self._listener.hear(channel, self._set)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self._channels:
            self._listener.forget(channel, self._set)

    async def wait(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), self._seconds)
        self._event.clear()

    def _set(self, payload: str | None) -> None:
        self._event.set()
