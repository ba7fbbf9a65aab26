"""One PostgreSQL server on one data folder: made, started, found running, stopped. Durable, small, reached by socket only.

Settings stand on the command line, so that a release may change them; nothing in the data folder is edited but who may
log in.
"""

import asyncio
import os
import shutil
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Mapping
from pathlib import Path

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

_PATIENCE = 60.0
_PACE = 0.005
_LEFT_BEHIND = "pre-existing shared memory block"
"""Said while children of a killed server have not noticed its end."""


class Postmaster:
    """The server process of one data folder."""

    def __init__(self, programs: Binaries, *, data: Path, socket: Path, log: Path, account: Account) -> None:
        self._programs = programs
        self._data, self._socket, self._log, self._account = data, socket, log, account
        self._process: Process | None = None

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

    async def start(self, settings: Mapping[str, str]) -> None:
        """Return when the server takes connections. What a killed one left behind needs a moment to go."""
        self._say_who_may_enter(self._data)
        deadline = time.monotonic() + _PATIENCE
        while not await self._is_started(settings):
            said = self._log.read_text(errors="replace")
            if _LEFT_BEHIND not in said or time.monotonic() > deadline:
                raise self._reason(said)
            await asyncio.sleep(_PACE)

    async def _is_started(self, settings: Mapping[str, str]) -> bool:
        with self._log.open("wb") as log:
            # A session of its own: Ctrl+C in the terminal is for us, who stop the server after everything else.
            self._process = await asyncio.create_subprocess_exec(
                *self._command(settings), stdin=DEVNULL, stdout=log, stderr=STDOUT, start_new_session=True,
                cwd=self._data, env=_environment(), **self._account.child_options(),
            )  # fmt: skip
        return await self._is_ready(self._process)

    async def stop(self) -> None:
        """Fast: sessions are ended, nothing is lost; who does not go in time is sent away."""
        pid, _ = self._note()
        if pid is None or not self._serves(pid):
            return
        os.kill(pid, signal.SIGINT)
        try:
            await asyncio.wait_for(self._gone(pid), _PATIENCE)
        except TimeoutError:
            os.kill(pid, signal.SIGQUIT)
            await self._gone(pid)

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

    async def _is_ready(self, process: Process) -> bool:
        """Wait until the server takes connections or has given up."""
        ended = asyncio.ensure_future(process.wait())
        while self._note() != (process.pid, "ready"):
            await asyncio.wait({ended}, timeout=_PACE)
            if ended.done():
                return False
        return True

    async def _gone(self, pid: int) -> None:
        if self._process is not None and self._process.pid == pid:
            await self._process.wait()
        while self._serves(pid):  # noqa: ASYNC110  # a process that is not our child tells nobody of its end
            await asyncio.sleep(_PACE)

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

    async def _run(self, *command: str, given: str = "") -> None:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=STDOUT, env=_environment(), cwd=self._data.parent,
            **self._account.child_options(),
        )  # fmt: skip
        said, _ = await process.communicate(given.encode())
        if process.returncode != 0:
            raise self._reason(said.decode(errors="replace"))

    def _reason(self, said: str) -> Exception:
        if "No space left on device" in said:
            return NoSpace(self._data.parent)
        return DidNotStart(self._data.parent, said="\n".join(said.splitlines()[-12:]))


def _environment() -> dict[str, str]:
    """The caller's, without what would change how the server sorts, speaks or finds its folders."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C.UTF-8"}


def _is_server(pid: int, data: Path) -> bool:
    """Whether the process lives and serves this folder: a number is used again when its process is gone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return not Path("/proc").is_dir()
    return arguments[0].endswith(b"postgres") and os.fsencode(data) in arguments
