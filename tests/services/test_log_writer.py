"""Lines reach the store in batches and in order, none is lost, and whoever writes too fast has to wait."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.logs import MemoryLogStore
from tiercel.model.log import LogEntry, MetricEntry
from tiercel.services.log_writer import BATCH_BYTES, BATCH_WAIT, HELD_BYTES, RETRY_WAIT, LogWriter


class Batches(MemoryLogStore):
    """Remembers the size of each batch, can be stopped, and can fail."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []
        self.failures = 0
        self.open = asyncio.Event()
        self.open.set()

    async def append(self, entries: Sequence[LogEntry]) -> None:
        await self.open.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the store is away")
        self.batches.append([entry.message for entry in entries])


def line(message: str) -> LogEntry:
    return LogEntry(namespace="a", flow_id="f", timestamp=START, level="INFO", message=message)


async def settle() -> None:
    """Let everything happen that waits for nothing."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store() -> Batches:
    return Batches()


async def test_lines_of_a_short_while_are_one_batch(store: Batches, clock: ManualClock) -> None:
    async with LogWriter(store, clock=clock) as writer:
        writer.add(line("a"))
        writer.add(line("b"))
        await settle()
        assert store.batches == []
        clock.move(BATCH_WAIT)
        await settle()
        assert store.batches == [["a", "b"]]


async def test_a_full_batch_does_not_wait(store: Batches, clock: ManualClock) -> None:
    async with LogWriter(store, clock=clock) as writer:
        writer.add(line("x" * BATCH_BYTES))
        await settle()
        assert len(store.batches) == 1


async def test_a_flush_stores_what_was_added_before_it(store: Batches, clock: ManualClock) -> None:
    async with LogWriter(store, clock=clock) as writer:
        writer.add(line("a"))
        await writer.flush()
        assert store.batches == [["a"]]
        await writer.flush()


async def test_leaving_stores_what_is_left(store: Batches, clock: ManualClock) -> None:
    async with LogWriter(store, clock=clock) as writer:
        writer.add(line("a"))
    assert store.batches == [["a"]]


async def test_a_store_that_fails_is_tried_again(store: Batches, clock: ManualClock) -> None:
    store.failures = 2
    async with LogWriter(store, clock=clock) as writer:
        writer.add(line("a"))
        flushed = asyncio.create_task(writer.flush())
        for _ in range(2):
            await settle()
            clock.move(RETRY_WAIT)
        await flushed
    assert store.batches == [["a"]]


async def test_who_writes_too_fast_waits_until_lines_are_stored(store: Batches, clock: ManualClock) -> None:
    store.open.clear()
    async with LogWriter(store, clock=clock) as writer:
        await writer.drain()
        writer.add(line("x" * HELD_BYTES))
        waiting = asyncio.create_task(writer.drain())
        await settle()
        assert not waiting.done()
        store.open.set()
        await waiting


async def test_numbers_are_stored_with_the_lines(store: Batches, clock: ManualClock) -> None:
    async with LogWriter(store, clock=clock) as writer:
        number = MetricEntry("a", "f", "e", "t", "r", "counter", "n", 1, START)
        writer.add_metrics([number])
        await writer.flush()
        assert await store.metrics("e", page=1, size=10) == ([number], 1)


async def test_order_is_kept_over_batches(store: Batches, clock: ManualClock) -> None:
    async with LogWriter(store, clock=clock) as writer:
        for number in range(100):
            writer.add(line(str(number)))
            if number % 7 == 0:
                await writer.flush()
            clock.move(timedelta(milliseconds=1))
    assert [message for batch in store.batches for message in batch] == [str(number) for number in range(100)]
