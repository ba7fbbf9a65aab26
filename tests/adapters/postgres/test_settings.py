"""The server's own settings: written, written once, forgotten."""

import asyncio

from tiercel.adapters.postgres.connection import pool
from tiercel.adapters.postgres.settings_store import PostgresSettingsStore


async def test_a_setting_is_what_was_written_last(dsn: str) -> None:
    async with pool(dsn, size=2) as connections:
        store = PostgresSettingsStore(connections)
        assert await store.get("account") is None
        await store.put("account", b"\x00one")
        await store.put("account", b"two")
        assert await store.get("account") == b"two"
        assert await store.delete("account")
        assert not await store.delete("account")


async def test_of_two_servers_that_start_at_once_one_sets_it(dsn: str) -> None:
    async with pool(dsn, size=4) as connections:
        store = PostgresSettingsStore(connections)
        firsts = await asyncio.gather(*(store.put_new("instance", bytes([number])) for number in range(4)))
        assert firsts.count(True) == 1
        assert await store.get("instance") == bytes([firsts.index(True)])
