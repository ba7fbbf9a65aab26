"""One PostgreSQL server on one data folder: made, started, found running, stopped. Durable, small, reached by socket only.

Settings stand on the command line, so that a release may change them; nothing in the data folder is edited but who may
log in.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from subprocess import PIPE, STDOUT

from tiercel.adapters.postgres.accounts import Account
from tiercel.adapters.postgres.binaries import Binaries
from tiercel.adapters.postgres.errors import DidNotStart, NoSpace

_PORT = "5432"
_USER = _DATABASE = "tiercel"
_LOCALE = ("--locale=C.UTF-8", "--encoding=UTF8")
"""Fixed: sort orders must not depend on who started the server first."""

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": _PORT,
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum_naptime": "30s",
    "huge_pages": "off",
    "log_min_messages": "warning",
}
_SINCE = {18: {"io_method": "sync"}}
"""Settings that older versions do not know. Helpers for reading ahead would be three processes that idle."""

_LAUNCH = (files("tiercel.adapters.postgres") / "launch.sh").read_text()
_PATIENCE = 60.0
_PACE = 0.005
_PROCESSES = Path("/proc")
_SHOWS_PROCESSES = _PROCESSES.is_dir()
"""Whether the system tells of its processes in a folder, as Linux does."""


class Postmaster:
    """The server process of one data folder."""

    def __init__(
        self, programs: Binaries, *, data: Path, socket: Path, log: Path, users: Path, account: Account
    ) -> None:
        self._programs = programs
        self._data, self._socket, self._log, self._account = data, socket, log, account
        self._users = users
        """The file that everyone who uses the server holds a lock on."""

    @property
    def dsn(self) -> str:
        return f"postgresql:///{_DATABASE}?host={self._socket}&port={_PORT}&user={_USER}"

    async def create(self, database: str) -> None:
        """Make the data folder, whole or not at all: it gets its name when everything is in it."""
        partial = self._data.with_name("data.partial")
        await asyncio.to_thread(shutil.rmtree, partial, ignore_errors=True)
        self._account.own(partial)
        options = ("-D", str(partial), "-U", _USER, "--auth=peer", "--no-instructions", *_LOCALE)
        await self._run(self._programs.program("initdb"), *options)
        self._say_who_may_enter(partial)
        await self._run(*self._single_user(partial), given=f"CREATE DATABASE {database};\n")
        partial.rename(self._data)

    async def is_running(self) -> bool:
        """Whether a server on this folder answers; a note left by one that was killed is for the next start to clear."""
        while True:
            pid, status = self._note()
            if pid is None or not self._serves(pid):
                return False
            if status == "ready":
                return True
            await asyncio.sleep(_PACE)

    async def ended(self) -> None:
        """Return when the server that runs now has ended."""
        pid, _ = self._note()
        if pid is not None and self._serves(pid):
            await _end_of(pid)

    async def clear(self) -> None:
        """Take away what a killed server left behind, where nobody uses this folder: its note, when its last child is gone.

        PostgreSQL itself would refuse to start as long as any process has the number in the note, as after a restart of
        a container.
        """
        if not _SHOWS_PROCESSES:
            return
        deadline = time.monotonic() + _PATIENCE
        while left := _inside(self._data):
            if time.monotonic() > deadline:
                raise DidNotStart(self._data.parent, said=f"processes {left} of a server that was killed do not end")
            await asyncio.sleep(_PACE)
        for path in (
            self._data / "postmaster.pid",
            *(self._socket / f".s.PGSQL.{_PORT}{end}" for end in ("", ".lock")),
        ):
            path.unlink(missing_ok=True)

    async def start(self, settings: Mapping[str, str]) -> None:
        """Return when the server takes connections."""
        self._say_who_may_enter(self._data)
        if not await self._is_ready(await self._launch(settings)):
            raise self._reason(self._log.read_text(errors="replace"))

    async def _launch(self, settings: Mapping[str, str]) -> int:
        """Begin a server that is nobody's child: it belongs to all who use it, and outlives the one who came first."""
        # A session of its own: Ctrl+C in the terminal is for us, who stop the server after everything else.
        places = (str(self._log), str(self._users), str(self._data / "postmaster.pid"))
        return int(
            await self._run(
                "/bin/sh", "-c", _LAUNCH, "launch", *places, *self._command(settings), start_new_session=True
            )
        )

    async def stop(self) -> None:
        """Fast: sessions are ended, nothing is lost; who does not go in time is sent away."""
        pid, _ = self._note()
        if pid is None or not self._serves(pid):
            return
        os.kill(pid, signal.SIGINT)
        try:
            await asyncio.wait_for(_end_of(pid), _PATIENCE)
        except TimeoutError:
            os.kill(pid, signal.SIGQUIT)
            await _end_of(pid)

    def _command(self, settings: Mapping[str, str]) -> tuple[str, ...]:
        newer = {
            name: value
            for major, some in _SINCE.items()
            if self._programs.major >= major
            for name, value in some.items()
        }
        chosen = {**_SETTINGS, **newer, "unix_socket_directories": str(self._socket), **settings}
        options = (option for name, value in chosen.items() for option in ("-c", f"{name}={value}"))
        return (self._programs.program("postgres"), "-D", str(self._data), *options)

    def _single_user(self, data: Path) -> tuple[str, ...]:
        return (
            self._programs.program("postgres"),
            "--single",
            "-D",
            str(data),
            "-c",
            "log_min_messages=fatal",
            "postgres",
        )

    async def _is_ready(self, pid: int) -> bool:
        """Wait until the server takes connections or has given up."""
        while _is_alive(pid):
            if self._note() == (pid, "ready"):
                return True
            await asyncio.sleep(_PACE)
        return False

    def _serves(self, pid: int) -> bool:
        return _is_server(pid, self._data)

    def _note(self) -> tuple[int | None, str]:
        """What the server wrote of itself: its process id and how far it is."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None, ""
        pid = int(lines[0]) if lines and lines[0].strip().isdigit() else None
        return pid, lines[7].strip() if len(lines) > 7 else ""

    def _say_who_may_enter(self, data: Path) -> None:
        self._write(data / "pg_hba.conf", "local all all peer map=ours\n")
        self._write(data / "pg_ident.conf", "".join(f"ours {peer} {_USER}\n" for peer in self._account.peers))

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text)
        if not self._account.is_ours:
            os.chown(path, self._account.uid, self._account.gid)

    async def _run(self, *command: str, given: str = "", start_new_session: bool = False) -> str:
        # In a thread rather than by the event loop: uvloop knows no `user`, and keeps pipes open that a server inherits.
        done = await asyncio.to_thread(
            subprocess.run, command, input=given.encode(), stdout=PIPE, stderr=STDOUT, env=_environment(),
            cwd=self._data.parent, start_new_session=start_new_session, **self._account.child_options(),
        )  # fmt: skip
        said = done.stdout.decode(errors="replace")
        if done.returncode != 0:
            raise self._reason(said)
        return said

    def _reason(self, said: str) -> Exception:
        if "No space left on device" in said:
            return NoSpace(self._data.parent)
        return DidNotStart(self._data.parent, said="\n".join(said.splitlines()[-12:]))


def _environment() -> dict[str, str]:
    """The caller's, without what would change how the server sorts, speaks or finds its folders."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C.UTF-8"}


async def _end_of(pid: int) -> None:
    """Return when a process that is not our child has ended: the system tells, or it is looked for each second."""
    try:
        handle = os.pidfd_open(pid)
    except (AttributeError, OSError):
        while _is_alive(pid):  # noqa: ASYNC110
            await asyncio.sleep(1)
        return
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(handle, over.set)
        await over.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


def _inside(folder: Path) -> list[int]:
    """Processes that work in a folder: all of a server's do."""
    found: list[int] = []
    for process in _PROCESSES.iterdir():
        with suppress(OSError):
            if process.name.isdigit() and os.readlink(process / "cwd") == str(folder):
                found.append(int(process.name))
    return found


def _is_server(pid: int, data: Path) -> bool:
    """Whether the process lives and serves this folder: a number is used again when its process is gone."""
    if not _is_alive(pid):
        return False
    try:
        arguments = (_PROCESSES / str(pid) / "cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return not _SHOWS_PROCESSES
    return arguments[0].endswith(b"postgres") and os.fsencode(data) in arguments


def _is_alive(pid: int) -> bool:
    """Whether it runs; one that has ended and waits to be noticed does not."""
    try:
        os.kill(pid, 0)
        state = (_PROCESSES / str(pid) / "stat").read_bytes().rpartition(b") ")[2][:1]
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    except FileNotFoundError:
        return not _SHOWS_PROCESSES
    return state != b"Z"
