"""A server as a process: in a session of its own, awaited until it answers, stopped with all that it started."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PACE = 0.05


class DidNotStart(Exception):
    """A server ended, or did not answer in time. Says what it said last."""


@contextmanager
def a_process(
    command: Sequence[str | Path],
    *,
    log: Path,
    answers: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    ends_by: signal.Signals = signal.SIGTERM,
    patience: float = 60,
) -> Generator["subprocess.Popen[bytes]"]:
    """The process, from its first answer to the end of the block. `ends_by` is the polite signal; KILL follows."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd=log.parent,
            start_new_session=True,
        )
    try:
        _await(process, answers, log, time.monotonic() + patience)
        yield process
    finally:
        _end(process, ends_by)


def _await(process: "subprocess.Popen[bytes]", answers: Callable[[], bool], log: Path, deadline: float) -> None:
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise DidNotStart(f"{process.args!r}: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(PACE)


def _end(process: "subprocess.Popen[bytes]", ends_by: signal.Signals) -> None:
    """The leader gets the polite signal; who is left in its session after its end is killed."""
    if process.poll() is None:
        process.send_signal(ends_by)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def is_open(host: str, port: int) -> bool:
    """Whether something listens there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_port(host: str = "127.0.0.1") -> int:
    with socket.create_server((host, 0)) as listener:
        return int(listener.getsockname()[1])
