"""What goes on beside the work on events, until memory is dropped."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Background:
    """Runs what has to wait for something. `fail` is told when one of them breaks: what was to come of it is missing."""

    def __init__(self, fail: Callable[[BaseException], None]) -> None:
        self._fail = fail
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._look_at)

    def cancel(self) -> None:
        """End all of them: nobody wants any more what they would bring."""
        for task in self._tasks:
            task.cancel()

    def _look_at(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._fail(error)
