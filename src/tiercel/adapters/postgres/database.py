"""What comes before everything else: wait for the database, bring its schema up to date, make room for this month."""

from datetime import timedelta

import asyncpg

from tiercel.adapters.postgres.connection import Connection, connect
from tiercel.adapters.postgres.errors import DatabaseError
from tiercel.adapters.postgres.migrate import STAGES, migrate
from tiercel.adapters.postgres.partitions import make_partitions
from tiercel.ports.clock import Clock

_PACE = timedelta(milliseconds=500)
_LATER = (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError, TimeoutError)
"""What passes by itself when a database is being started."""


class NotThere(DatabaseError):
    def __init__(self, reason: str) -> None:
        super().__init__(f"cannot reach the database: {reason}; is it running, and is its address right?")


async def prepare(
    dsn: str, *, clock: Clock, patience: timedelta = timedelta(seconds=60), stages: tuple[str, ...] = STAGES
) -> list[str]:
    """Return when the database can be used; answers with the migrations that were run."""
    connection = await _reach(dsn, clock=clock, patience=patience)
    try:
        applied = await migrate(connection, stages=stages)
        await make_partitions(connection, now=clock.now())
    finally:
        await connection.close()
    return applied


async def _reach(dsn: str, *, clock: Clock, patience: timedelta) -> Connection:
    deadline = clock.now() + patience
    while True:
        try:
            return await connect(dsn, purpose="setup")
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise NotThere(str(error)) from error
        except _LATER as error:
            if clock.now() >= deadline:
                raise NotThere(str(error) or type(error).__name__) from error
        await clock.sleep_until(clock.now() + _PACE)
