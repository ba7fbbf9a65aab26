"""Looks for rows that must not be there: the invariants of the design as queries, for tests, chaos and `doctor`.

Slots of concurrency limits (invariant 9) come with their table. Some hold only while nothing is on its way.
"""

from collections.abc import Iterable

from tiercel.adapters.postgres.connection import Borrowed
from tiercel.adapters.postgres.sql import query

ALWAYS = ("ends_once", "one_writer", "next_number", "one_state")
"""Hold after every commit."""
AT_REST = (*ALWAYS, "ends", "shards")
"""Hold when no process is writing and one that died has been replaced."""


async def audit(connection: Borrowed, *, names: Iterable[str] = AT_REST) -> dict[str, list[str]]:
    """The ids that break an invariant, by its name; empty when all is well."""
    found = {name: [row["id"] for row in await connection.fetch(query(f"audit/{name}"))] for name in names}
    return {name: ids for name, ids in found.items() if ids}
