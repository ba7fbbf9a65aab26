"""The log of one run: lines become entries, masked, cut where they are too long, and go to a sink as they come."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from functools import partial

from tiercel.model.log import Level, LogEntry
from tiercel.model.masking import Masker
from tiercel.model.surrogates import whole
from tiercel.sdk import RunInfo

LONGEST_LINE = 64 * 1024
"""Characters of one entry; a longer line is cut into several."""


class RunLog:
    """What a task writes its lines to. `sink` takes each entry at once; `drain` waits while too many wait there."""

    __slots__ = ("_drain", "_info", "_lowest", "_masker", "_now", "_place", "_sink")

    def __init__(
        self,
        info: RunInfo,
        *,
        sink: Callable[[LogEntry], None],
        now: Callable[[], datetime],
        masker: Masker,
        lowest: str | None = None,
        drain: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._info = info
        self._place = _place(info)
        self._sink = sink
        self._now = now
        self._masker = masker
        self._lowest = Level.__members__.get(lowest or "", Level.TRACE)
        self._drain = drain

    def trace(self, message: str) -> None:
        self._write(Level.TRACE, message)

    def debug(self, message: str) -> None:
        self._write(Level.DEBUG, message)

    def info(self, message: str) -> None:
        self._write(Level.INFO, message)

    def warning(self, message: str) -> None:
        self._write(Level.WARN, message)

    def error(self, message: str) -> None:
        self._write(Level.ERROR, message)

    def at(self, level: str) -> Callable[[str], None]:
        return partial(self._write, Level[level])

    async def drain(self) -> None:
        if self._drain is not None:
            await self._drain()

    def _write(self, level: Level, message: str) -> None:
        if level >= self._lowest:
            for part in _parts(_storable(self._masker.mask(message))):
                self._sink(self._entry(level, part))

    def _entry(self, level: Level, message: str) -> LogEntry:
        info = self._info
        execution_id, task_id, task_run_id, attempt_number = self._place
        return LogEntry(
            namespace=info.namespace,
            flow_id=info.flow_id,
            timestamp=self._now(),
            level=level.name,
            message=message,
            tenant_id=info.tenant,
            execution_id=execution_id,
            task_id=task_id,
            task_run_id=task_run_id,
            attempt_number=attempt_number,
            trigger_id=info.trigger_id or None,
        )


def _place(info: RunInfo) -> tuple[str | None, str | None, str | None, int | None]:
    """Which attempt lines belong to; those of a trigger belong to none."""
    if info.trigger_id:
        return None, None, None, None
    return info.execution_id, info.task_id, info.task_run_id, info.attempt - 1


def _parts(message: str) -> Iterator[str]:
    if len(message) <= LONGEST_LINE:
        yield message
        return
    for start in range(0, len(message), LONGEST_LINE):
        yield message[start : start + LONGEST_LINE]


def _storable(message: str) -> str:
    """Neither halves of surrogate pairs nor NUL, which no database takes as text."""
    if message.isascii() and "\0" not in message:
        return message
    return whole(message.replace("\0", "\ufffd"))
