"""Runs a command as a process group of its own, and ends all of it: by kill, by timeout, and when the command is over."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tiercel.sdk import TaskFailed
from tiercel_scripts.lines import Lines

MARKER = "TIERCEL_TASK_RUN"
"""Environment variable by which processes are found that left the group."""
CHUNK = 64 * 1024
DRAIN_SECONDS = 5.0


class ProcessRunner:
    """One command at a time. `grace` is how long the group may take to end after TERM, in seconds."""

    def __init__(self, *, folder: Path, grace: float, mark: str) -> None:
        self._folder = folder
        self._grace = grace
        self._mark = mark

    async def run(self, command: Sequence[str], *, environment: Mapping[str, str], out: "Reader", err: "Reader") -> int:
        """The command's exit code; negative for the signal that ended it. Cancelled: ends the group, then lets it pass."""
        pipes = [Pipe(out), Pipe(err)]
        process = await self._start(command, environment, pipes)
        readers = [asyncio.ensure_future(pipe.read()) for pipe in pipes]
        try:
            return await process.wait()
        finally:
            await asyncio.shield(self._end(process, readers))

    async def _start(
        self, command: Sequence[str], environment: Mapping[str, str], pipes: "Sequence[Pipe]"
    ) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=pipes[0].writing,
                stderr=pipes[1].writing,
                cwd=self._folder,
                env={**environment, MARKER: self._mark},
                start_new_session=True,
            )
        except OSError as error:
            for pipe in pipes:
                pipe.discard()
            raise TaskFailed(f"{command[0]} cannot be started: {error.strerror}") from error
        finally:
            for pipe in pipes:
                pipe.given()

    async def _end(self, process: asyncio.subprocess.Process, readers: "Sequence[asyncio.Future[None]]") -> None:
        """Nothing of the command outlives it; what it wrote is read to the end, for a while."""
        if process.returncode is None:
            await self._terminate(process)
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()
        _, late = await asyncio.wait(readers, timeout=DRAIN_SECONDS)
        for reader in late:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)

    async def _terminate(self, process: asyncio.subprocess.Process) -> None:
        _signal_group(process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(self._grace):
                await process.wait()
        except TimeoutError:
            _signal_group(process.pid, signal.SIGKILL)
        for pid in marked(self._mark):
            _signal(pid, signal.SIGKILL)


class Reader(NamedTuple):
    """What becomes of the lines of a stream. `drain` holds the pipe up while the log is full."""

    take: Callable[[str], None]
    drain: Callable[[], Awaitable[None]]


class Pipe:
    """A pipe whose reading end is ours: the end of the process does not wait for the end of the pipe."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._reading, self.writing = os.pipe()

    def given(self) -> None:
        """The process has its end: ours of it is closed."""
        os.close(self.writing)

    def discard(self) -> None:
        os.close(self._reading)

    async def read(self) -> None:
        stream = asyncio.StreamReader(limit=CHUNK)
        source = os.fdopen(self._reading, "rb", buffering=0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), source
        )
        lines = Lines()
        try:
            while chunk := await stream.read(CHUNK):
                await self._take(lines.feed(chunk))
        finally:
            await self._take(lines.end())
            transport.close()

    async def _take(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._reader.take(line)
        await self._reader.drain()


def marked(mark: str) -> list[int]:
    """Processes that carry the mark in their environment, wherever they went."""
    wanted = f"{MARKER}={mark}".encode()
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if wanted in _environment(entry).split(b"\0")]


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""  # it ended, or is another user's


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return  # nobody is left of it


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
