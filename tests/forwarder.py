"""A port that stands for a socket in a folder: a database that is reachable by an address, from when it is wanted."""

import asyncio
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def forwarded(port: int, socket: Path, *, host: str = "127.0.0.1") -> Generator[None]:
    """Pass on what comes to the port as long as the block lasts."""
    ready, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(host, port, socket, ready, done)))
    thread.start()
    ready.wait()
    yield
    done.set()
    thread.join()


def address_of(dsn: str, port: int) -> tuple[str, Path]:
    """The address of a database of the tests at a port, and the socket that the port is to stand for."""
    found = re.search(r"///(\w+)\?host=([^&]+)", dsn)
    assert found is not None
    return f"postgresql://tiercel@127.0.0.1:{port}/{found[1]}", Path(found[2], ".s.PGSQL.5432")


async def _serve(host: str, port: int, socket: Path, ready: threading.Event, done: threading.Event) -> None:
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await _passed_on(reader, writer, socket)
        finally:
            connections.discard(task)

    async with await asyncio.start_server(connected, host, port):
        ready.set()
        await asyncio.to_thread(done.wait)
        for connection in connections:
            connection.cancel()


async def _passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, socket: Path) -> None:
    there, back = await asyncio.open_unix_connection(socket)
    try:
        await asyncio.gather(_pour(reader, back), _pour(there, writer))
    except (asyncio.CancelledError, ConnectionError):
        # The database is away: whoever is connected sees his connection break.
        writer.transport.abort()
    finally:
        writer.close()
        back.close()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.write_eof()
