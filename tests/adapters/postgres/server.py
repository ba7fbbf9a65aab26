"""A real PostgreSQL for tests: one server a test process, started at first use, a fresh database for each test.

Without fsync, since nothing here has to outlive the machine; the tests of the launcher start servers of their own.
"""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path

import asyncpg

from tiercel.adapters.clock import SystemClock
from tiercel.adapters.postgres.database import prepare
from tiercel.adapters.postgres.embedded import EmbeddedPostgres

FAST = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "32MB", "max_connections": "40"}


class Server:
    """Where a server is, and databases on it."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._numbers = count(1)

    @asynccontextmanager
    async def database(self) -> AsyncIterator[str]:
        """The address of a database with the schema in it, gone afterwards."""
        name = f"test_{next(self._numbers)}"
        await self._do(f"CREATE DATABASE {name} TEMPLATE tiercel STRATEGY FILE_COPY")
        try:
            yield self.dsn.replace("/tiercel?", f"/{name}?")
        finally:
            await self._do(f"DROP DATABASE {name} (FORCE)")

    async def _do(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn.replace("/tiercel?", "/postgres?"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def open_folder() -> Generator[Path]:
    """A folder that an ordinary user can reach, which those of pytest are not when root runs it."""
    folder = Path(tempfile.mkdtemp(prefix="tiercel-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_server() -> Generator[Server]:
    """A server that lasts longer than the event loop of any test: it lives in a thread of its own."""
    ready, done = threading.Event(), threading.Event()
    found: list[Server] = []
    with open_folder() as folder:
        thread = threading.Thread(target=lambda: asyncio.run(_serve(folder, found, ready, done)))
        thread.start()
        try:
            ready.wait()
            yield found[0]
        finally:
            done.set()
            thread.join()


async def _serve(folder: Path, found: list[Server], ready: threading.Event, done: threading.Event) -> None:
    try:
        async with EmbeddedPostgres(folder / "postgres", settings=FAST) as dsn:
            await prepare(dsn, clock=SystemClock())
            found.append(Server(dsn))
            ready.set()
            await asyncio.to_thread(done.wait)
    finally:
        ready.set()
