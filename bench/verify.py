"""What must be true before a rate is printed: every accepted execution is there, ended well, once, with its rows."""

from typing import Any

from tiercel.model.states import State


class Broken(Exception):
    """The run's data are not what the workload promises: no figure may be printed."""


async def executions(connection: Any, ids: list[str], *, runs_each: int, lines_each: int) -> None:
    """All of `ids` are SUCCESS with so many task runs, all SUCCESS, so many lines, and nothing is left behind."""
    found = await connection.fetch("SELECT id, state, live FROM executions WHERE id = ANY($1::text[])", ids)
    _same("executions", len(found), len(set(ids)))
    _same("executions not SUCCESS", sum(row["state"] != State.SUCCESS.number for row in found), 0)
    _same("executions still live", sum(row["live"] for row in found), 0)
    runs = await connection.fetchrow(
        "SELECT count(*) AS all, count(*) FILTER (WHERE state <> $2) AS bad, count(DISTINCT id) AS ids FROM task_runs WHERE execution_id = ANY($1::text[])",
        ids,
        State.SUCCESS.number,
    )
    _same("task runs", runs["all"], runs_each * len(ids))
    _same("task runs not SUCCESS", runs["bad"], 0)
    _same("task run ids", runs["ids"], runs_each * len(ids))
    lines = await connection.fetchval(
        "SELECT count(*) FROM logs WHERE execution_id = ANY($1::text[]) AND task_id IS NOT NULL", ids
    )
    _same("log lines of tasks", lines, lines_each * len(ids))
    for table in ("messages", "jobs", "timers"):
        _same(f"rows left in {table}", await connection.fetchval(f"SELECT count(*) FROM {table}"), 0)
    await _histories(connection, ids)


async def iterations(connection: Any, ids: list[str], *, each: int, lines_each: int) -> None:
    """Each of `ids` has so many iterations of a Loop, all SUCCESS with one task run that is too."""
    found = await connection.fetchrow(
        """SELECT count(*) AS all, count(DISTINCT c.id) AS ids, count(*) FILTER (WHERE c.state <> $2 OR c.live) AS bad,
                  count(r.id) AS runs, count(*) FILTER (WHERE r.state <> $2) AS bad_runs
           FROM executions c LEFT JOIN task_runs r ON r.execution_id = c.id WHERE c.parent_id = ANY($1::text[])""",
        ids,
        State.SUCCESS.number,
    )
    expected = each * len(ids)
    _same("iterations", found["all"], expected)
    _same("ids of iterations", found["ids"], expected)
    _same("iterations not SUCCESS", found["bad"], 0)
    _same("task runs of iterations", found["runs"], expected)
    _same("task runs of iterations not SUCCESS", found["bad_runs"], 0)
    lines = await connection.fetchval(
        "SELECT count(*) FROM logs JOIN executions c ON c.id = execution_id WHERE c.parent_id = ANY($1::text[])", ids
    )
    _same("log lines of iterations", lines, lines_each * expected)


async def _histories(connection: Any, ids: list[str]) -> None:
    gaps = await connection.fetchval(
        "SELECT count(*) FROM (SELECT 1 FROM events WHERE execution_id = ANY($1::text[]) GROUP BY execution_id HAVING min(seq) <> 0 OR max(seq) <> count(*) - 1) g",
        ids,
    )
    _same("histories with gaps", gaps, 0)


async def latencies(connection: Any, planned: dict[str, float]) -> list[float]:
    """Seconds from the planned send time to the stored end of each execution."""
    rows = await connection.fetch(
        "SELECT id, extract(epoch FROM ended)::float8 AS ended FROM executions WHERE id = ANY($1::text[])",
        list(planned),
    )
    return [row["ended"] - planned[row["id"]] for row in rows]


def _same(what: str, found: int, expected: int) -> None:
    if found != expected:
        raise Broken(f"{what}: {found}, expected {expected}")
