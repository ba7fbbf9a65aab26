"""Who is alive and who owns the shards: sessions with an epoch (design: executor.md §7)."""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple, Protocol, TypeVar


class Role(IntEnum):
    """What a process does; the numbers stand in rows. Executors and schedulers own shards, the others none."""

    EXECUTOR = 0
    SCHEDULER = 1
    WEBSERVER = 2
    WORKER = 3
    INDEXER = 4


class ServiceState(IntEnum):
    """What the API shows of a process."""

    CREATED = 0
    RUNNING = 1
    DISCONNECTED = 2
    TERMINATING = 3
    NOT_RUNNING = 4
    INACTIVE = 5


class ServiceRow(NamedTuple):
    """One process in one role."""

    id: int
    role: Role
    state: ServiceState
    host: str
    version: str
    pid: int
    created: datetime
    changed: datetime
    is_alive: bool
    """It has its lease."""


class Lease(Protocol):
    """A process's own session: alive as long as its connection is."""

    @property
    def epoch(self) -> int:
        """Its number, never given twice."""
        ...

    async def claim(self) -> list[int]:
        """Take all shards of the role that nobody owns; answer with the epochs that own others."""
        ...

    async def is_gone(self, epoch: int, *, patience: timedelta) -> bool:
        """Whether another's session has ended, or has not beaten for so long."""
        ...

    async def take_over(self, epoch: int) -> None:
        """Fence another off, take its shards and end its sessions; its commit in flight is waited for."""
        ...

    async def beat(self) -> bool:
        """Say that this process lives; False when someone has taken over."""
        ...

    async def close(self) -> None:
        """End the session in good order: nobody has to find out."""
        ...


L = TypeVar("L", bound=Lease, covariant=True)


class Leases(Protocol[L]):
    """Where sessions begin, and what others know of them."""

    async def register(self, role: Role) -> L:
        """A new session under a new epoch."""
        ...


class Roster(Protocol):
    """What every process may know of the others."""

    async def services(self) -> list[ServiceRow]:
        """All processes that were not forgotten, newest first."""
        ...

    async def lost(self, role: Role, *, patience: timedelta) -> list[int]:
        """Epochs whose session ended without a farewell, or has not beaten for so long: from now on they are fenced."""
        ...

    async def forget(self, *, before: datetime) -> int:
        """Drop services that ended before and return how many."""
        ...
