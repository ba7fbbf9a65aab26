"""Tells followers what became durable: frames of executions after each commit, log lines as they are stored.

A look-up in a dict when nobody follows. A follower that is too slow loses frames in the middle, never the last one.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec

from tiercel.model.execution import Execution
from tiercel.model.log import LogEntry, MetricEntry
from tiercel.model.task_run import TaskRun
from tiercel.ports.logs import LogQuery, LogStore, Tail

KEPT_FRAMES = 256
"""A follower that lags further behind gets the changed task runs of the frames it missed in one."""
KEPT_LINES = 10_000


class Frame(msgspec.Struct, frozen=True):
    """How an execution stands after a commit, and the task runs that this commit wrote."""

    execution: Execution
    runs: tuple[TaskRun, ...]
    has_gap: bool = False
    """Commits may have been missed: whoever wants all task runs reads their rows again."""

    @property
    def is_last(self) -> bool:
        return not self.execution.live

    def joined(self, newer: "Frame") -> "Frame":
        """This frame and a newer one as one."""
        runs = {run.ord: run for run in (*self.runs, *newer.runs)}
        return Frame(newer.execution, tuple(runs.values()), self.has_gap or newer.has_gap)


class Follower:
    """What one of those who follow an execution has not taken yet."""

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._lines: list[LogEntry] = []
        self._news = asyncio.Event()

    def show(self, frame: Frame) -> None:
        if len(self._frames) >= KEPT_FRAMES:
            frame = self._frames.pop().joined(frame)
        self._frames.append(frame)
        self._news.set()

    def hint(self) -> None:
        self._news.set()

    def tell(self, line: LogEntry) -> None:
        if len(self._lines) < KEPT_LINES:
            self._lines.append(line)
        self._news.set()

    async def news(self) -> AsyncIterator[Frame | LogEntry]:
        """Lines and frames, lines first, until the execution is really over."""
        while True:
            await self._news.wait()
            pieces = self._taken()
            for piece in pieces:
                yield piece
            if any(isinstance(piece, Frame) and piece.is_last for piece in pieces):
                return

    async def pieces(self, seconds: float) -> list[Frame | LogEntry]:
        """What came since the last time, lines first; waits for something, at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return []
        return self._taken()

    def _taken(self) -> list[Frame | LogEntry]:
        self._news.clear()
        frames, self._frames = self._frames, []
        lines, self._lines = self._lines, []
        return [*lines, *frames]


class Broadcaster:
    """Who follows which execution."""

    def __init__(self) -> None:
        self._followers: dict[str, list[Follower]] = defaultdict(list)
        self._listeners: list[Follower] = []

    @contextmanager
    def follow(self, execution_id: str) -> Generator[Follower]:
        """Follow from now on. Read the rows after entering: what is between is then shown twice, and never missed."""
        follower = Follower()
        self._followers[execution_id].append(follower)
        try:
            yield follower
        finally:
            self._followers[execution_id].remove(follower)
            if not self._followers[execution_id]:
                del self._followers[execution_id]

    @contextmanager
    def listen(self, follower: Follower) -> Generator[None]:
        """Let a follower hear the lines of every execution: of one that is alone here with those it starts."""
        self._listeners.append(follower)
        try:
            yield
        finally:
            self._listeners.remove(follower)

    @property
    def followed(self) -> Sequence[str]:
        """The executions that somebody follows."""
        return tuple(self._followers)

    def is_followed(self, execution_id: str) -> bool:
        return execution_id in self._followers

    def hint(self, execution_id: str) -> None:
        """Something of this execution was written elsewhere: its rows say what."""
        for follower in self._followers.get(execution_id, ()):
            follower.hint()

    def show(self, frame: Frame) -> None:
        for follower in self._followers.get(frame.execution.id, ()):
            follower.show(frame)

    def tell(self, lines: Iterable[LogEntry]) -> None:
        if not self._followers:
            return
        for line in lines:
            for follower in self._listeners or self._followers.get(line.execution_id or "", ()):
                follower.tell(line)


class TailedLogs:
    """A LogStore that tells followers what it has stored."""

    def __init__(self, store: LogStore, broadcaster: Broadcaster) -> None:
        self._store = store
        self._broadcaster = broadcaster

    async def append(self, entries: Sequence[LogEntry]) -> None:
        await self._store.append(entries)
        self._broadcaster.tell(entries)

    async def append_metrics(self, entries: Sequence[MetricEntry]) -> None:
        await self._store.append_metrics(entries)

    def read(self, query: LogQuery) -> AsyncIterator[LogEntry]:
        return self._store.read(query)

    async def page(self, query: LogQuery, *, page: int, size: int) -> tuple[list[LogEntry], int]:
        return await self._store.page(query, page=page, size=size)

    def follow(self, query: LogQuery, tail: Tail | None = None) -> AsyncIterator[LogEntry]:
        return self._store.follow(query, tail)

    async def delete_metrics(self, execution_ids: Sequence[str]) -> int:
        return await self._store.delete_metrics(execution_ids)

    async def delete_metrics_of(self, query: LogQuery) -> int:
        return await self._store.delete_metrics_of(query)

    async def delete(self, query: LogQuery) -> int:
        return await self._store.delete(query)

    async def metrics(self, execution_id: str, *, page: int, size: int) -> tuple[list[MetricEntry], int]:
        return await self._store.metrics(execution_id, page=page, size=size)

    async def delete_before(self, instant: datetime) -> int:
        return await self._store.delete_before(instant)
