"""A clock that a test moves while a server in another thread waits on it."""

import asyncio
from datetime import datetime

from tiercel.adapters.memory.clock import ManualClock


class MovedClock(ManualClock):
    """`jump` may be called from any thread."""

    _loop: asyncio.AbstractEventLoop | None = None

    async def sleep_until(self, due: datetime) -> None:
        self._loop = asyncio.get_running_loop()
        await super().sleep_until(due)

    def jump(self, instant: datetime) -> None:
        """Move on, and wake whoever waits."""
        assert self._loop is not None, "nobody has waited on this clock yet"
        self._loop.call_soon_threadsafe(self.move_to, instant)
