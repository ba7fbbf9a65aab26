"""Whoever asks for a channel hears what is told on it."""

import asyncio

from tests.adapters.postgres.samples import a_look

from tiercel.adapters.postgres.listener import Listener


async def test_channels_that_are_asked_for_at_the_same_time_are_all_heard(dsn: str) -> None:
    channels = [f"channel_{number}" for number in range(10)]
    heard: asyncio.Queue[str | None] = asyncio.Queue()
    async with Listener(dsn) as listener, a_look(dsn) as look:
        await asyncio.gather(*(listener.hear(channel, heard.put_nowait) for channel in channels))
        for channel in channels:
            await look.execute("SELECT pg_notify($1, $1)", channel)
        async with asyncio.timeout(5):
            assert [await heard.get() for _ in channels] == channels
