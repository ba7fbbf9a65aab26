"""A stream of a command: read as long as the command runs, then to what is in it, whoever else still holds it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from tiercel_scripts.lines import Lines

CHUNK = 64 * 1024
LEFT_BYTES = 1024 * 1024
"""More than a pipe holds: what comes after it was written after the end of the command."""


class Reader(NamedTuple):
    """What becomes of the lines of a stream. `drain` holds the pipe up while the log is full, `hide` knows secrets."""

    take: Callable[[str], None]
    drain: Callable[[], Awaitable[None]]
    hide: Callable[[str], str] = str


class Pipe:
    """`writing` is the end for the command."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._is_over = False
        self._left = LEFT_BYTES
        self._wake = asyncio.Event()

    def given(self) -> None:
        """The command has its end: ours of it is closed."""
        os.close(self.writing)

    def close(self) -> None:
        os.close(self._reading)

    def over(self) -> None:
        """The command has ended: `read` returns when what it wrote is read."""
        self._is_over = True
        self._wake.set()

    async def read(self) -> None:
        lines = Lines(hide=self._reader.hide)
        while chunk := await self._chunk():
            await self._take(lines.feed(chunk))
        await self._take(lines.end())

    async def _chunk(self) -> bytes:
        """Empty at the end of the pipe, or of the command."""
        while self._left > 0:
            try:
                chunk = os.read(self._reading, CHUNK)
            except BlockingIOError:
                if self._is_over:
                    return b""
                await self._readable()
                continue
            if self._is_over:
                self._left -= len(chunk)
            return chunk
        return b""

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        self._wake.clear()
        loop.add_reader(self._reading, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            loop.remove_reader(self._reading)

    async def _take(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._reader.take(line)
        await self._reader.drain()
        await asyncio.sleep(0)  # others have their turn, however fast the command writes
