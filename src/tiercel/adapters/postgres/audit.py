"""Looks for rows that must not be there: the invariants of the design as queries, for tests, chaos and `doctor`.

Some hold only while nothing is on its way. docs/design/invariants.md says which query stands for which invariant.
"""

from collections.abc import Iterable, Mapping

from tiercel.adapters.postgres.connection import Borrowed
from tiercel.adapters.postgres.sql import query
from tiercel.model.states import EXECUTION_MOVES, TASK_RUN_MOVES, Moves

ALWAYS = (
    "ends_once",
    "execution_moves",
    "run_moves",
    "one_writer",
    "next_number",
    "one_state",
    "states_agree",
    "jobs_wanted",
    "counters",
    "slots_held",
    "loops_linked",
    "once_per_cause",
    "fenced",
    "own_shard",
    "orphans",
)
"""Hold after every commit."""
AT_REST = (*ALWAYS, "ends", "letters", "slots_taken", "ends_heard", "locks", "workers", "shards")
"""Hold when no process is writing and one that died has been replaced."""


async def audit(connection: Borrowed, *, names: Iterable[str] = AT_REST) -> dict[str, list[str]]:
    """The ids that break an invariant, by its name; empty when all is well."""
    found = {name: await _broken(connection, name) for name in names}
    return {name: ids for name, ids in found.items() if ids}


async def _broken(connection: Borrowed, name: str) -> list[str]:
    records = await connection.fetch(query(f"audit/{name}"), *_ARGUMENTS.get(name, ()))
    return [record["id"] for record in records]


def _columns(moves: Moves) -> tuple[list[str | None], list[str]]:
    return [before for before, _ in moves], [after for _, after in moves]


_ARGUMENTS: Mapping[str, tuple[list[str | None], list[str]]] = {
    "execution_moves": _columns(EXECUTION_MOVES),
    "run_moves": _columns(TASK_RUN_MOVES),
}
