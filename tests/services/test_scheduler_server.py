"""Schedules on a whole server: as the acceptance flow needs them, on a clock that is moved, and with `kill -9`."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from tests.adapters.postgres.samples import a_look
from tests.adapters.postgres.server import open_folder
from tests.server import served, settings_for

from tiercel.adapters.memory.clock import ManualClock
from tiercel.app import running

FLOW = """
id: daily
namespace: test
inputs:
  - id: date
    type: DATE
    defaults: "{{ now() | dateAdd(-1, 'DAYS') | date('yyyy-MM-dd') }}"
tasks:
  - id: day
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.date }}"
triggers:
  - id: every
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 2 * * *"
"""
EACH_SECOND = """
id: ticking
namespace: test
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.date }}"
triggers:
  - id: every
    type: io.kestra.plugin.core.trigger.Schedule
    withSeconds: true
    cron: "* * * * * *"
"""
EVENING = datetime(2026, 7, 1, 20, tzinfo=UTC)
NIGHT = datetime(2026, 7, 1, 21, tzinfo=UTC)
"""02:00 of the second of July in Karachi, five hours ahead."""
TRIGGER = {"namespace": "test", "flowId": "daily", "triggerId": "every"}
PATIENCE = 30


class Notices:
    """What the scheduler is told: triggers that an executor freed, or people changed."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[object] = asyncio.Queue()

    def hear(self, *notice: object) -> None:
        self._heard.put_nowait(notice)

    async def next(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self._heard.get()


@asynccontextmanager
async def heard(dsn: str) -> AsyncGenerator[Notices]:
    """All notices from now on."""
    notices = Notices()
    async with a_look(dsn) as connection:
        await connection.add_listener("triggers", notices.hear)
        yield notices


class Night:
    """A server whose clock stands before 02:00, somewhere that is not UTC."""

    def __init__(self, clock: ManualClock, http: httpx2.AsyncClient, notices: Notices) -> None:
        self.clock, self.http, self._notices = clock, http, notices

    async def freed(self) -> dict[str, Any]:
        """The state of the trigger once it waits for nothing."""
        while True:
            await self._notices.next()
            state = await self.state()
            if not state["locked"] and "lastTriggeredDate" in state and "backfill" not in state:
                return state

    async def state(self) -> dict[str, Any]:
        found = await self.http.get("/triggers/search", params={"filters[flowId][EQUALS]": "daily"})
        return found.json()["results"][0]["state"]

    async def executions(self) -> list[dict[str, Any]]:
        return (await self.http.get("/executions/search", params={"size": 100})).json()["results"]


@asynccontextmanager
async def a_night(dsn: str) -> AsyncGenerator[Night]:
    clock = ManualClock(EVENING)
    with open_folder() as home:
        settings = settings_for(dsn, home, tiercel={"home": str(home), "timezone": "Asia/Karachi"})
        async with (
            heard(dsn) as notices,
            served(settings, clock=clock) as server,
            httpx2.AsyncClient(base_url=f"{server.url}/api/v1/main", timeout=PATIENCE) as http,
        ):
            answer = await http.post("/flows", content=FLOW, headers={"Content-Type": "application/x-yaml"})
            assert answer.status_code == 200, answer.text
            yield Night(clock, http, notices)


async def test_at_two_o_clock_the_day_before_is_run_once(dsn: str) -> None:
    async with a_night(dsn) as night:
        night.clock.move_to(NIGHT)
        state = await night.freed()
        assert (state["nextEvaluationDate"], state["evaluatedAt"]) == ("2026-07-02T21:00:00Z", "2026-07-01T21:00:00Z")
        (execution,) = await night.executions()
        assert execution["state"]["current"] == "SUCCESS"
        assert execution["trigger"]["variables"]["date"] == "2026-07-02T02:00:00+05:00"
        assert execution["inputs"] == {"date": "2026-07-01"}


async def test_a_backfill_of_one_date_runs_it_and_its_default_still_reads_the_clock(dsn: str) -> None:
    async with a_night(dsn) as night:
        around = {"start": "2026-06-10T20:00:00Z", "end": "2026-06-10T22:00:00Z"}
        created = await night.http.put("/triggers/backfill/create", json={**TRIGGER, "backfill": around})
        assert created.status_code == 200, created.text
        state = await night.freed()
        assert state["nextEvaluationDate"] == "2026-07-01T21:00:00Z"
        (execution,) = await night.executions()
        assert execution["trigger"]["variables"]["date"] == "2026-06-11T02:00:00+05:00"
        assert execution["inputs"] == {"date": "2026-07-01"}


async def test_months_that_pass_at_once_are_made_up_for_day_by_day(dsn: str) -> None:
    async with a_night(dsn) as night:
        night.clock.move_to(NIGHT + timedelta(days=59))
        while (await night.freed())["nextEvaluationDate"] != "2026-08-30T21:00:00Z":
            pass
        dates = [execution["trigger"]["variables"]["date"][:10] for execution in await night.executions()]
        first = datetime(2026, 7, 2, tzinfo=UTC)
        assert sorted(dates) == [(first + timedelta(days=day)).date().isoformat() for day in range(60)]


async def test_a_scheduler_alone_writes_to_the_executor_of_another_process(dsn: str) -> None:
    clock = ManualClock(EVENING)
    with open_folder() as home, open_folder() as other_home:
        async with (
            heard(dsn) as notices,
            running(settings_for(dsn, home), "executor", clock=clock),
            running(settings_for(dsn, other_home), "scheduler", clock=clock) as scheduler,
        ):
            base = scheduler.foundation
            await base.deployment.save(FLOW, tenant="main")
            await notices.next()
            clock.move_to(EVENING + timedelta(hours=6))
            await notices.next()
            assert await base.database.fetchval("SELECT count(*) FROM executions WHERE state = 9 AND NOT live") == 1


@asynccontextmanager
async def a_process(dsn: str, home: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A server of its own; killed at the end unless it has ended before."""
    environment = {**os.environ, "DATASOURCES_POSTGRES_URL": dsn, "TIERCEL_HOME": str(home), "TIERCEL_TIMEZONE": "UTC"}
    command = (str(Path(sys.executable).with_name("tiercel")), "server", "standalone", "--port", "0")
    with (home / "server.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, "--flow-path", str(home / "flows"), stdout=log, stderr=log, env=environment
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_kill_9_neither_loses_nor_doubles_a_date(dsn: str) -> None:
    with open_folder() as home:
        (home / "flows").mkdir()
        (home / "flows" / "ticking.yaml").write_text(EACH_SECOND)
        async with heard(dsn) as notices, a_look(dsn) as look:
            for times, last_signal in ((3, signal.SIGKILL), (2, signal.SIGKILL), (2, signal.SIGTERM)):
                async with a_process(dsn, home) as process:
                    for _ in range(times):
                        await notices.next()
                    process.send_signal(last_signal)
                    ended = await process.wait()
            assert ended == 0, (home / "server.log").read_text()[-3000:]
            await only_once_each_without_a_gap(look)


async def only_once_each_without_a_gap(look: "asyncpg.Connection[asyncpg.Record]") -> None:
    rows = await look.fetch(
        "SELECT (convert_from(given, 'UTF8')::jsonb #>> '{trigger,variables,date}')::timestamptz AS date FROM executions"
    )
    dates = Counter(row["date"] for row in rows)
    first, last = min(dates), max(dates)
    assert set(dates.values()) == {1}
    assert len(dates) == (last - first).total_seconds() + 1
