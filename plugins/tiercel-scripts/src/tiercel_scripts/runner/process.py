"""Runs a command as a process group of its own, and ends all of it: by kill, by timeout, and when the command is over."""

import asyncio
import errno
import os
import subprocess
import threading
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tiercel.sdk import TaskFailed
from tiercel.sdk.processes import MARKER, ProcessGroup
from tiercel_scripts.runner.pipe import Pipe, Reader

DRAIN_SECONDS = 5.0
_TOO_LONG = "the command or a variable of `env` is too long for the system; put the text into `inputFiles` and read it from there"


class ProcessRunner:
    """One command at a time. `grace` is how long all of it may take to end after TERM, in seconds."""

    def __init__(self, *, folder: Path, grace: float, mark: str) -> None:
        self._folder = folder
        self._grace = grace
        self._mark = mark
        self.exit_code: int | None = None
        """As a shell tells it: 128 and the signal's number for what a signal ended."""

    async def run(self, command: Sequence[str], *, environment: Mapping[str, str], out: Reader, err: Reader) -> int:
        """The command's exit code. Cancelled: ends all of it within the grace, then lets it pass."""
        pipes = [Pipe(out), Pipe(err)]
        process = self._start(command, environment, pipes)
        readers = [asyncio.ensure_future(pipe.read()) for pipe in pipes]
        try:
            self._group(process).write(self._folder)
            await _ended(process.pid, readers)
        except BaseException:
            await _to_its_end(self._stop(process))
            await _to_its_end(_drained(readers, pipes, within=DRAIN_SECONDS))
            raise
        return await self._finish(process, readers, pipes)

    def _start(
        self, command: Sequence[str], environment: Mapping[str, str], pipes: Sequence[Pipe]
    ) -> "subprocess.Popen[bytes]":
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=pipes[0].writing,
                stderr=pipes[1].writing,
                cwd=self._folder,
                env={**environment, MARKER: self._mark},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            for pipe in pipes:
                pipe.close()
            raise TaskFailed(_refusal(command, error)) from error
        finally:
            for pipe in pipes:
                pipe.given()
        return process

    async def _finish(
        self, process: "subprocess.Popen[bytes]", readers: "Sequence[asyncio.Future[None]]", pipes: Sequence[Pipe]
    ) -> int:
        """Nothing of the command outlives it; what it wrote is read."""
        await _to_its_end(self._group(process).kill())
        code = self._reap(process)
        try:
            await _drained(readers, pipes, within=None)
        except asyncio.CancelledError:
            await _to_its_end(_drained(readers, pipes, within=DRAIN_SECONDS))
            raise
        for reader in readers:
            reader.result()
        return code

    async def _stop(self, process: "subprocess.Popen[bytes]") -> None:
        await self._group(process).end(grace=self._grace)
        await _ended(process.pid, [])
        self._reap(process)

    def _group(self, process: "subprocess.Popen[bytes]") -> ProcessGroup:
        return ProcessGroup(leader=process.pid, mark=self._mark)

    def _reap(self, process: "subprocess.Popen[bytes]") -> int:
        code = process.wait()
        self.exit_code = code if code >= 0 else 128 - code
        return self.exit_code


async def _ended(pid: int, readers: "Sequence[asyncio.Future[None]]") -> None:
    """The process is over, and still to be reaped: until then its id, and that of its group, are nobody else's."""
    ended = asyncio.ensure_future(_exit_of(pid))
    try:
        waiting: set[asyncio.Future[None]] = {ended, *readers}
        while not ended.done():
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                future.result()  # whoever cannot read ends the command: it would wait for its reader for ever
    finally:
        ended.cancel()


async def _exit_of(pid: int) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    if not hasattr(os, "pidfd_open"):
        threading.Thread(target=_watch, args=(pid, loop, over), daemon=True).start()
        await over.wait()
        return
    descriptor = os.pidfd_open(pid)
    loop.add_reader(descriptor, over.set)
    try:
        await over.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def _watch(pid: int, loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    """The way of systems that have no descriptors of processes."""
    with suppress(ChildProcessError, RuntimeError):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        loop.call_soon_threadsafe(over.set)


async def _drained(readers: "Sequence[asyncio.Future[None]]", pipes: Sequence[Pipe], *, within: float | None) -> None:
    """What stands in the pipes is read, for some time."""
    for pipe in pipes:
        pipe.over()
    _, late = await asyncio.wait(readers, timeout=within)
    for reader in late:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    for pipe in pipes:
        pipe.close()


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Also when asked again to stop: what is being ended is not left half ended."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    await task


def _refusal(command: Sequence[str], error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.errno == errno.E2BIG:
        return _TOO_LONG
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{command[0]} cannot be started: {reason}"
