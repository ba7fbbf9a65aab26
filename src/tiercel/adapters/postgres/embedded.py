"""A PostgreSQL of our own for those who have none: one data folder, a socket only we may use, durable as any other.

Several processes may use one folder at once: the first starts the server, the others find it running, the last one stops
it. When they are all killed, a guard of the server stops it, where the system has the program `flock`; where it has not,
the next one takes it up again.
"""

import asyncio
import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from tiercel.adapters.postgres import binaries
from tiercel.adapters.postgres.accounts import Account, account
from tiercel.adapters.postgres.errors import DatabaseError, NoSpace
from tiercel.adapters.postgres.postmaster import Postmaster

log = logging.getLogger(__name__)

_NAME = "tiercel"
_BREATH = 1.0
"""Seconds between two attempts to start a server that does not."""
_ROOM_NEEDED = 200 * 1024 * 1024
_LONGEST_SOCKET = 90
"""Bytes; the kernel's limit for the whole path is 103 to 107."""


class EmbeddedPostgres:
    """`async with EmbeddedPostgres(folder) as dsn:` runs a server on `folder` while the block lasts."""

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._settings = dict(settings or {})
        self._account = account()
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> str:
        async with AsyncExitStack() as stack:
            self._prepare()
            users = stack.enter_context(_shared(self._users))
            async with _alone(self._folder / "start.lock"):
                postmaster = await self._running(users)
            stack.push_async_callback(self._leave, postmaster, users)
            await stack.enter_async_context(_beside(self._watch(postmaster)))
            self._exit = stack.pop_all()
        return postmaster.dsn

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exit.aclose()

    async def _running(self, users: IO[str]) -> Postmaster:
        programs = await asyncio.to_thread(self._programs)
        postmaster = Postmaster(
            programs,
            data=self._data,
            socket=self._socket(),
            log=self._folder / "postgres.log",
            users=self._users,
            account=self._account,
        )
        if not self._data.exists():
            self._require_room()
            await postmaster.create(_NAME)
        if not await postmaster.is_running():
            if _is_last(users):
                await postmaster.clear()
            # Asking whether we are the last gave the place among the users up, whatever the answer was.
            fcntl.flock(users, fcntl.LOCK_SH)
            await postmaster.start(self._settings)
        return postmaster

    async def _watch(self, postmaster: Postmaster) -> None:
        """Start the server again whenever it ends without being told to: killed, or out of memory."""
        while True:
            await postmaster.ended()
            log.error("the embedded PostgreSQL in %s has ended unexpectedly and is started again", self._folder)
            try:
                async with _alone(self._folder / "start.lock"):
                    if not await postmaster.is_running():
                        await postmaster.clear()
                        await postmaster.start(self._settings)
            except DatabaseError as error:
                log.error("it does not start, and is tried again: %s", error)
                await asyncio.sleep(_BREATH)

    async def _leave(self, postmaster: Postmaster, users: IO[str]) -> None:
        """Stop the server, unless another process uses it."""
        async with _alone(self._folder / "start.lock"):
            if _is_last(users):
                await postmaster.stop()
            fcntl.flock(users, fcntl.LOCK_UN)

    def _prepare(self) -> None:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        self._account.own(self._folder)
        self._account.require_way_to(self._folder)

    def _programs(self) -> binaries.Binaries:
        chosen = binaries.choose(self._data)
        return binaries.reachable(chosen, account=self._account, cache=self._folder)

    def _require_room(self) -> None:
        if shutil.disk_usage(self._folder).free < _ROOM_NEEDED:
            raise NoSpace(self._folder)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _users(self) -> Path:
        return self._folder / "users.lock"

    def _socket(self) -> Path:
        """A folder of the account's own; a short one elsewhere when the kernel would refuse the length of this one."""
        inside = self._folder / "socket"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
            return self._account.own(inside)
        digest = blake2b(os.fsencode(inside), digest_size=8).hexdigest()
        return _own_outside(Path(tempfile.gettempdir(), f"tiercel-{digest}"), self._account)


def _own_outside(folder: Path, owner: Account) -> Path:
    """A folder in a place where others may write too: one that another made is not used."""
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid not in (owner.uid, os.geteuid())):
        raise DatabaseError(f"{folder} belongs to someone else: remove it, or set TIERCEL_HOME to a shorter path")
    return owner.own(folder)


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Let something run as long as the block lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


@contextmanager
def _shared(path: Path) -> Generator[IO[str]]:
    """Be counted among those who use the server; the kernel forgets who dies."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield lock


def _is_last(users: IO[str]) -> bool:
    """Whether nobody else is counted. The caller is not counted any more either way."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _alone:  # noqa: N801  # reads as a word of the sentence
    """One process at a time starts or stops the server."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __aenter__(self) -> None:
        self._lock = self._path.open("w")
        await asyncio.to_thread(fcntl.flock, self._lock, fcntl.LOCK_EX)

    async def __aexit__(self, *_: object) -> None:
        self._lock.close()
