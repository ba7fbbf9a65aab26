"""Loops that run as long as the server, and go on where the database was away for a while."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg

from tiercel.adapters.postgres.connection import LOST
from tiercel.app.foundation import Foundation
from tiercel.model.errors import TiercelError

log = logging.getLogger(__name__)

BREATH = timedelta(seconds=1)
"""Between two attempts to reach a database that is away."""


Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


@asynccontextmanager
async def background() -> AsyncGenerator[Spawn]:
    """Loops that run as long as the server; one that breaks takes the server down, with its reason."""
    async with asyncio.TaskGroup() as group:
        tasks: set[asyncio.Task[None]] = set()

        def spawn(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
            task = group.create_task(work)
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            return task

        try:
            yield spawn
        finally:
            for task in list(tasks):
                task.cancel()


async def lasting(base: Foundation, loop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Begin a loop again that broke for want of the database."""
    while True:
        try:
            return await loop()
        except (TiercelError, asyncpg.PostgresError, *LOST) as error:
            log.warning("the database is away, trying again: %s", error)
            await base.clock.sleep_until(base.clock.now() + BREATH)
