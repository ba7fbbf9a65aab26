"""Gathers the log lines and numbers of all runs of a worker and stores them in batches, apart from results and states.

A batch is written 50 ms after its first line, or when it holds 64 KB. Runs that write faster than the store takes wait
in `drain`. A store that fails is tried again: lines wait, tasks go on until 4 MB wait.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from tiercel.model.log import LogEntry, MetricEntry
from tiercel.ports.clock import Clock
from tiercel.ports.logs import LogStore

BATCH_BYTES = 64 * 1024
BATCH_WAIT = timedelta(milliseconds=50)
HELD_BYTES = 4 * 1024 * 1024
RETRY_WAIT = timedelta(seconds=1)
LAST_WAIT_SECONDS = 30
"""How long leaving waits for a store that does not answer."""
_log = logging.getLogger(__name__)
_OVERHEAD = 200
"""Bytes of an entry beside its message."""


class LogWriter:
    """One per worker. `async with` runs it; leaving stores what is left."""

    def __init__(self, store: LogStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: list[LogEntry] = []
        self._metrics: list[MetricEntry] = []
        self._bytes = 0
        self._written = 0
        """Lines and numbers ever added; `_stored` follows it."""
        self._stored = 0
        self._changed = asyncio.Condition()
        self._first = asyncio.Event()
        self._full = asyncio.Event()
        self._hurry = 0
        self._loop: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "LogWriter":
        self._loop = asyncio.create_task(self._run(), name="log writer")
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            async with asyncio.timeout(LAST_WAIT_SECONDS):
                await self.flush()
        except TimeoutError:
            _log.error("%d log lines and numbers are lost: the store does not answer", self._written - self._stored)
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])

    def add(self, entry: LogEntry) -> int:
        """Take a line; it is stored soon. The number is for `flush`."""
        self._waiting.append(entry)
        self._written += 1
        self._bytes += len(entry.message) + _OVERHEAD
        self._first.set()
        if self._bytes >= BATCH_BYTES:
            self._full.set()
        return self._written

    def add_metrics(self, entries: Sequence[MetricEntry]) -> int:
        """Take numbers; they are stored with the next batch of lines. The number given back is for `flush`."""
        if entries:
            self._metrics += entries
            self._written += len(entries)
            self._first.set()
        return self._written

    async def drain(self) -> None:
        """Wait while more than 4 MB wait to be stored."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._bytes < HELD_BYTES)

    async def flush(self, number: int | None = None) -> None:
        """Return when everything up to this number is stored; without one, all that was added before the call."""
        target = self._written if number is None else number
        if self._stored >= target:
            return
        self._hurry += 1
        self._full.set()
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._stored >= target)
        finally:
            self._hurry -= 1

    async def _run(self) -> None:
        while True:
            await self._first.wait()
            await self._batch_is_ready()
            await self._write()

    async def _batch_is_ready(self) -> None:
        if self._hurry or self._bytes >= BATCH_BYTES:
            return
        self._full.clear()
        due = self._clock.now() + BATCH_WAIT
        waits = [asyncio.ensure_future(self._full.wait()), asyncio.ensure_future(self._clock.sleep_until(due))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _write(self) -> None:
        lines, self._waiting = self._waiting, []
        metrics, self._metrics = self._metrics, []
        self._first.clear()
        if lines:
            await self._until_stored(lambda: self._store.append(lines))
        if metrics:
            await self._until_stored(lambda: self._store.append_metrics(metrics))
        async with self._changed:
            self._stored += len(lines) + len(metrics)
            self._bytes -= sum(len(entry.message) + _OVERHEAD for entry in lines)
            self._changed.notify_all()

    async def _until_stored(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await work()
            except Exception as error:  # noqa: BLE001 – whatever the store's trouble is, lines are not lost for it
                _log.warning("log lines cannot be stored, trying again: %r", error)
                await self._clock.sleep_until(self._clock.now() + RETRY_WAIT)
