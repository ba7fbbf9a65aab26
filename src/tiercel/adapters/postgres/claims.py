"""One worker's claims on a queue of rows: a session with a lease, and the keys that are held in it.

A lost connection is mended here: what is to be stored is tried until it is, and a worker that was given up for lost
registers anew and stops what it had.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from tiercel.adapters.postgres.connection import LOST, Pool
from tiercel.adapters.postgres.lease import PostgresLease, PostgresLeases
from tiercel.adapters.postgres.listener import Hint, Listener
from tiercel.ports.leases import Role
from tiercel.ports.outage import Outage

C = TypeVar("C")
K = TypeVar("K")
T = TypeVar("T")

_LONGEST_WAIT = 5.0


class Claims(ABC, Generic[C, K]):
    """What claims of every kind share. `C` is what is claimed, `K` the key it is known by."""

    news: str
    """The channel on which new rows are announced."""
    stops: str
    """How the channel begins on which a session hears that something it holds is to stop; its epoch ends it."""

    def __init__(self, pool: Pool, listener: Listener, leases: PostgresLeases, *, name: str) -> None:
        """`name` is what the API shows as the worker."""
        self._pool, self._listener, self._leases, self._name = pool, listener, leases, name
        self._lease: PostgresLease | None = None
        self._held: set[K] = set()
        self._kills: asyncio.Queue[K] = asyncio.Queue()
        self._looks: set[asyncio.Task[None]] = set()
        self._hint = Hint(listener, self.news)

    @abstractmethod
    async def release(self, claimed: C) -> None:
        """Let another worker have it."""

    @abstractmethod
    async def _rows(self, epoch: int, limit: int) -> list[C]:
        """Claim rows for a session."""

    @abstractmethod
    async def _wanted(self, epoch: int) -> set[K]:
        """What a session holds and shall go on with."""

    @abstractmethod
    def _key(self, claimed: C) -> K: ...

    async def _tidy(self) -> None:
        """Called with each beat, for what nobody else does."""

    async def __aenter__(self) -> Self:
        await self._hint.__aenter__()
        await self._register()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._hint.__aexit__(kind, error, trace)
        for look in self._looks:
            look.cancel()
        if self._lease is not None:
            self._listener.forget(self._channel(self._lease), self._look)
            await self._lease.close()

    async def claim(self, limit: int) -> list[C]:
        while True:
            claimed = await self._until_stored(lambda: self._claim_or_give_back(limit))
            if claimed:
                return claimed
            await self._hint.wait()

    async def kills(self) -> AsyncGenerator[K]:
        while True:
            yield await self._kills.get()

    async def beat(self) -> None:
        """Also looks for what is to stop: the notice may have been lost."""
        lease = self._lease
        try:
            if lease is not None and await lease.beat():
                await self._tidy()
                return await self._look_for_kills()
        except (Outage, *LOST):
            pass
        await self._until_stored(self._register)
        return None

    async def _claim_or_give_back(self, limit: int) -> list[C]:
        """A claim that was broken off may have taken some already: nobody else would ever have them."""
        claiming = asyncio.ensure_future(self._claim(limit))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            for each in await claiming:
                await self.release(each)
            raise

    async def _claim(self, limit: int) -> list[C]:
        if self._lease is None:
            return []
        claimed = await self._rows(self._lease.epoch, limit)
        self._held.update(map(self._key, claimed))
        return claimed

    async def _register(self) -> None:
        """A new session. What the old one had was given to others, or will be: it is to stop here."""
        if self._lease is not None:
            self._listener.forget(self._channel(self._lease), self._look)
            self._lease.drop()
        for key in self._held:
            self._kills.put_nowait(key)
        self._held.clear()
        self._lease = await self._leases.register(Role.WORKER)
        await self._listener.hear(self._channel(self._lease), self._look)
        await self._tidy()

    def _look(self, payload: str | None) -> None:
        look = asyncio.ensure_future(self._look_for_kills())
        self._looks.add(look)
        look.add_done_callback(self._looked)

    def _looked(self, look: asyncio.Task[None]) -> None:
        """A look that failed is made up for by the next beat."""
        self._looks.discard(look)
        if not look.cancelled():
            look.exception()

    async def _look_for_kills(self) -> None:
        # What is held must be known before the look: what is claimed meanwhile is not missing.
        held, lease = frozenset(self._held), self._lease
        wanted = await self._wanted(lease.epoch) if lease else set[K]()
        for key in held - wanted:
            self._held.discard(key)
            self._kills.put_nowait(key)

    async def _until_stored(self, work: Callable[[], Awaitable[T]]) -> T:
        wait = 0.0
        while True:
            try:
                return await work()
            except (Outage, *LOST):
                wait = min(wait * 2 + 0.1, _LONGEST_WAIT)
                await asyncio.sleep(wait)

    def _channel(self, lease: PostgresLease) -> str:
        return f"{self.stops}_{lease.epoch}"
