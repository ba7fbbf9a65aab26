"""Schedules: a hundred thousand triggers over the minutes of a day, and ten thousand more whose date is the same instant.

Flows and triggers are filled in by COPY, as nobody saves ten thousand flows while one waits; the server then starts on them.
"""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from bench import flows
from bench.load import quantiles
from bench.report import Gate, Report
from bench.server import Server, serving
from bench.verify import Broken
from tiercel.adapters.postgres.embedded import EmbeddedPostgres
from tiercel.model.ids import SHARDS
from tiercel.model.states import State

EACH = 10
"""Triggers of a flow."""
MIXED, BURST = 100_000, 10_000
MINUTES_A_DAY = 24 * 60
STRIDE = 7919
"""A prime, so that the minutes of a flow lie apart."""
MINUTE = timedelta(minutes=1)
DRAIN_SECONDS = 600
LEAD = timedelta(seconds=45)
"""Filling and starting must be done by the first date that counts."""


class Plan(NamedTuple):
    """What is due when."""

    first: datetime
    """From here on lateness counts."""
    burst: datetime


async def schedule(home: Path, report: Report) -> None:
    """Start on a full database, rest with a few dates a minute, then the burst."""
    async with EmbeddedPostgres(home / "postgres") as dsn:
        async with serving(home, dsn=dsn) as server:
            await server.deploy(flows.scheduled(0, [0]))
            connection = await server.connect()
        try:
            plan = _plan(datetime.now(UTC), minutes=2 if report.quick else 10)
            due = await _fill(connection, plan)
            begun = time.perf_counter()
            async with serving(home, dsn=dsn) as server:
                started = round(time.perf_counter() - begun, 3)
                await _measure(server, connection, report, plan, due, started=started)
        finally:
            await connection.close()


def _plan(now: datetime, *, minutes: int) -> Plan:
    first = (now + LEAD).replace(second=0, microsecond=0) + MINUTE
    return Plan(first, first + minutes * MINUTE)


# Filling ---------------------------------------------------------------------------------------------------------------


async def _fill(connection: Any, plan: Plan) -> dict[int, datetime]:
    """The flows beside the one that was saved, with the states of their triggers: those that are due, by key."""
    at_once = plan.burst.hour * 60 + plan.burst.minute
    minutes = [
        [(flow * EACH + place) * STRIDE % MINUTES_A_DAY for place in range(EACH)] for flow in range(MIXED // EACH)
    ]
    minutes += [[at_once] * EACH for _ in range(BURST // EACH)]
    now = datetime.now(UTC)
    keys = await _flows(connection, minutes, now)
    rows = [
        (key, f"t{place}", "SCHEDULE", (key * EACH + place) % SHARDS, _digest(minute), _next(minute, now), now)
        for key, each in zip(keys, minutes, strict=True)
        for place, minute in enumerate(each)
    ]
    columns = ["flow", "trigger_id", "kind", "shard", "definition", "next_at", "updated"]
    await connection.copy_records_to_table("triggers", records=rows, columns=columns)
    await connection.execute("VACUUM ANALYZE flows, flow_revisions, triggers")
    due = await connection.fetch("SELECT key, next_at FROM triggers WHERE next_at <= $1", plan.burst)
    return {row["key"]: row["next_at"] for row in due}


async def _flows(connection: Any, minutes: Sequence[Sequence[int]], now: datetime) -> list[int]:
    """Their keys, in order."""
    rows = await connection.fetch(
        """INSERT INTO flows (tenant, namespace, id, revision, disabled, deleted, labels, updated)
           SELECT f.tenant, f.namespace, 'scheduled-' || n, 1, false, false, '{}', $2
           FROM flows AS f, generate_series(1, $1::int) AS n WHERE f.id = 'scheduled-0' ORDER BY n RETURNING key""",
        len(minutes),
        now,
    )
    keys: list[int] = [row["key"] for row in rows]
    sources = [
        (key, 1, flows.scheduled(number, each), False, False, False, now)
        for number, (key, each) in enumerate(zip(keys, minutes, strict=True), start=1)
    ]
    columns = ["flow", "revision", "source", "disabled", "draft", "deleted", "created"]
    await connection.copy_records_to_table("flow_revisions", records=sources, columns=columns)
    return keys


def _digest(minute: int) -> bytes:
    return hashlib.blake2b(str(minute).encode(), digest_size=16).digest()


def _next(minute: int, now: datetime) -> datetime:
    """The next time it is this minute of the day."""
    today = now.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


# Measuring -------------------------------------------------------------------------------------------------------------


async def _measure(
    server: Server, connection: Any, report: Report, plan: Plan, due: dict[int, datetime], *, started: float
) -> None:
    rest = await _resting(server, plan)
    await _until(plan.burst)
    burst = await _burst(server, connection, plan, due)
    found = await _verified(connection, due)
    mixed = [ended - due[key] for key, ended in found.items() if plan.first <= due[key] < plan.burst]
    late = {name: round(1000 * value, 1) for name, value in quantiles([each.total_seconds() for each in mixed]).items()}
    facts = {"start_s": started, "n": len(mixed), "late_ms": late, "resting_cpu_percent": rest, "burst": burst}
    report.say("RUN", {"workload": "schedule", "triggers": MIXED + BURST, **facts, "pss": server.pss()})
    report.say("RESULT", {"workload": "schedule", "start_s": started, "late_p99_ms": late["p99"], "cpu_percent": rest})
    report.gate(Gate("schedule.start_s", started, must=5, aim=2, is_time=True))
    report.gate(Gate("schedule.late_p99_ms", late["p99"], must=500, aim=100, is_time=True))
    report.gate(Gate("schedule.resting_cpu_percent", rest["sum"], must=5))


async def _resting(server: Server, plan: Plan) -> dict[str, float]:
    """Percent of a core while nothing but some dates a minute come, those included."""
    await _until(plan.first - MINUTE / 6)
    begun, before = time.perf_counter(), server.cpu()
    await _until(plan.burst - MINUTE / 6)
    spent = {part: used - before[part] for part, used in server.cpu().items()}
    spent["sum"] = sum(spent.values())
    return {part: round(100 * used / (time.perf_counter() - begun), 2) for part, used in spent.items()}


async def _burst(server: Server, connection: Any, plan: Plan, due: dict[int, datetime]) -> dict[str, Any]:
    """Until all that was due has ended; what each cost."""
    before, ended = server.cpu(), "FROM executions WHERE NOT live AND trigger_key = ANY($1::bigint[])"
    for _ in range(DRAIN_SECONDS // 2):
        if await connection.fetchval(f"SELECT count(*) {ended}", list(due)) >= len(due):
            break
        await asyncio.sleep(2)
    spent = {part: used - before[part] for part, used in server.cpu().items()}
    last = await connection.fetchval(f"SELECT max(ended) {ended}", list(due))
    cost = {part: round(1000 * used / BURST, 3) for part, used in spent.items()}
    return {"n": BURST, "seconds": round((last - plan.burst).total_seconds(), 2), "cpu_ms_each": cost}


async def _verified(connection: Any, due: dict[int, datetime]) -> dict[int, datetime]:
    """When the execution of each trigger that was due ended: exactly one each, all well."""
    rows = await connection.fetch(
        "SELECT trigger_key, state, ended FROM executions WHERE trigger_key = ANY($1::bigint[])", list(due)
    )
    ends = {row["trigger_key"]: row["ended"] for row in rows}
    if len(rows) != len(ends) or ends.keys() != due.keys():
        raise Broken(f"{len(rows)} executions of {len(ends)} triggers; {len(due)} were due")
    failed = sum(row["state"] != State.SUCCESS.number for row in rows)
    if failed:
        raise Broken(f"{failed} executions are not SUCCESS")
    return ends


async def _until(moment: datetime) -> None:
    await asyncio.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))
