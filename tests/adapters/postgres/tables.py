"""The rows of a database as the tables that memory keeps, so that two journals can be compared row by row."""

from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg

from tiercel.adapters.memory.journal import Tables
from tiercel.adapters.postgres.rows import execution_row, run_row, storable
from tiercel.ports.journal import CountRow, EventRow, JobRow, LabelRow, LogRow, TimerRow, WindowRow

Named = Mapping[Any, Any]


async def differences(connection: asyncpg.Connection, memory: Tables) -> list[str]:
    """What PostgreSQL has otherwise than memory."""
    stored, kept = await _stored(connection), _kept(memory)
    return [difference for name in kept for difference in _unlike(name, stored[name], kept[name])]


def _unlike(table: str, stored: Named, kept: Named) -> Iterator[str]:
    for key in {**stored, **kept}:
        if stored.get(key) != kept.get(key):
            yield f"{table} {key}: {_shown(stored.get(key), kept.get(key))}"


def _shown(stored: Any, kept: Any) -> str:
    """Where two rows of one key differ; the whole where there is one of them only."""
    if not hasattr(stored, "_fields") or not hasattr(kept, "_fields"):
        return f"{stored} in PostgreSQL, {kept} in memory"
    unlike = (name for name in stored._fields if getattr(stored, name) != getattr(kept, name))
    return "; ".join(f"{name} is {getattr(stored, name)!r}, not {getattr(kept, name)!r}" for name in unlike)


def _kept(tables: Tables) -> dict[str, Named]:
    runs = [run for runs in tables.task_runs.values() for run in runs.values()]
    events = [event for events in tables.events.values() for event in events.values()]
    return {
        "execution": tables.executions,
        "task run": {(run.execution_id, run.ord): run for run in runs},
        "event": {(event.execution_id, event.seq): event for event in events},
        "job": {key: job._replace(worker=None) for key, job in tables.jobs.items()},
        "killed job": dict.fromkeys(tables.jobs_killed & tables.jobs.keys(), True),
        "timer": tables.timers,
        "line": {row.seq: _without_ord(row) for row in tables.logs},
        "label": dict.fromkeys(tables.labels, True),
        "count": tables.counts,
        "window": tables.windows,
    }


async def _stored(connection: asyncpg.Connection) -> dict[str, Named]:
    async def rows(table: str, columns: str = "*") -> list[asyncpg.Record]:
        return await connection.fetch(f"SELECT {columns} FROM {table}")

    jobs = await rows("jobs")
    counts = await rows(
        "(SELECT hour, flow, state, sum(n)::int AS n, sum(milliseconds)::int AS milliseconds"
        " FROM counts GROUP BY hour, flow, state) AS counts"
    )
    return {
        "execution": {row["id"]: execution_row(row) for row in await rows("executions")},
        "task run": {(row["execution_id"], row["ord"]): run_row(row) for row in await rows("task_runs")},
        "event": {(row["execution_id"], row["seq"]): EventRow(*row) for row in await rows("events")},
        "job": {
            _job_key(row): JobRow(**{name: row[name] for name in JobRow._fields})._replace(worker=None) for row in jobs
        },
        "killed job": {_job_key(row): True for row in jobs if row["killed"]},
        "timer": {(row["execution_id"], row["name"]): TimerRow(*row) for row in await rows("timers")},
        "line": {row["seq"]: LogRow(**{name: row.get(name) for name in LogRow._fields}) for row in await rows("logs")},
        "label": {LabelRow(*row): True for row in await rows("execution_labels")},
        "count": {(row["hour"], row["flow"], row["state"]): CountRow(*row) for row in counts},
        "window": {(row["flow"], row["trigger_id"]): WindowRow(*row) for row in await rows("windows")},
    }


def _job_key(row: asyncpg.Record) -> tuple[str, int, int]:
    return row["execution_id"], row["ord"], row["attempt"]


def _without_ord(row: LogRow) -> LogRow:
    """A line as PostgreSQL keeps it: the task run's id names the same as its ord, and some characters cannot be."""
    return row._replace(ord=None, thread=row.thread and storable(row.thread), message=storable(row.message))
