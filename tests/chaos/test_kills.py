"""`kill -9` of each part in the middle of executions, and a restart: every execution ends, once, and nothing runs twice
without an attempt that says so."""

import asyncio
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from tests.api.client import Api, wait_for
from tests.chaos.parts import counting_flow, parts
from tests.server import Process, environment_for

from tiercel.adapters.postgres.audit import audit

EXECUTIONS = 40


class Stream:
    """Starts executions one after another, in the background, until it has as many as wanted."""

    def __init__(self, url: str) -> None:
        self.ids: list[str] = []
        self._url = url
        self.half = threading.Event()

    def run(self) -> None:
        with Api(self._url) as api:
            while len(self.ids) < EXECUTIONS:
                self._start(api)
                if len(self.ids) >= EXECUTIONS // 4:
                    self.half.set()

    def _start(self, api: Api) -> None:
        """A server that is being killed refuses, or says nothing: then nothing was promised."""
        try:
            answer = api.ask("POST", f"/executions/{api.namespace}/counting", json={})
        except httpx2.TransportError:
            return
        if answer.is_success:
            self.ids.append(answer.json()["id"])


@contextmanager
def stream(url: str) -> Generator[Stream]:
    """Executions are started while the block lasts; all are when it is left."""
    found = Stream(url)
    thread = threading.Thread(target=found.run)
    thread.start()
    found.half.wait()
    yield found
    thread.join()


@pytest.mark.parametrize("kind", ["executor", "worker", "webserver", "scheduler"])
def test_each_execution_ends_once_though_a_part_is_killed(dsn: str, home: Path, kind: str) -> None:
    with parts(dsn, home) as running, Api(running["webserver"].url) as api:
        api.deploy("counting", counting_flow(home / "starts"))
        with stream(running["webserver"].url) as started:
            running[kind].kill()
            running[kind].start()
        check(api, started.ids, home / "starts", dsn)


def test_each_execution_ends_once_though_all_of_it_is_killed_again_and_again(dsn: str, home: Path) -> None:
    process = Process("standalone", "--port", "0", environment=environment_for(dsn, home))
    with process:
        with Api(process.url) as api:
            api.deploy("counting", counting_flow(home / "starts"))
        ids: list[str] = []
        for _ in range(3):
            with Api(process.url) as api:
                ids += [api.start("counting")["id"] for _ in range(EXECUTIONS // 4)]
            process.kill()
            process.start()
        with Api(process.url) as api:
            check(api, ids, home / "starts", dsn)


def test_a_task_whose_worker_is_killed_under_it_runs_again_and_the_record_says_so(dsn: str, home: Path) -> None:
    starts = home / "starts"
    with parts(dsn, home) as running, Api(running["webserver"].url) as api:
        api.deploy("counting", counting_flow(starts, seconds=2))
        started = api.start("counting")["id"]
        wait_for(lambda: starts.exists() and started in starts.read_text(), bool)
        running["worker"].kill()
        running["worker"].start()
        assert attempts_of(api.over(started)) == 2
        assert starts.read_text().split() == [started, started]


def check(api: Api, ids: list[str], starts: Path, dsn: str) -> None:
    """All that was promised ended well; what ran more than once has as many attempts; no line is lost; the rows agree."""
    ended = {identifier: api.over(identifier) for identifier in ids}
    assert {shown["state"]["current"] for shown in ended.values()} == {"SUCCESS"}
    ran = Counter(starts.read_text().split())
    for identifier, shown in ended.items():
        assert 1 <= ran[identifier] <= attempts_of(shown), f"{identifier} ran {ran[identifier]} times"
        assert lines_of(api, identifier, attempts_of(shown)) == ["begun", "done"], "lines of the last attempt"
    wait_for(lambda: asyncio.run(broken(dsn)), lambda found: not found)


def attempts_of(shown: Any) -> int:
    """How often the record says that the task on the worker was tried; all but the last were taken from a lost worker."""
    attempts = next(run for run in shown["taskRunList"] if run["taskId"] == "work")["attempts"]
    states = [attempt["state"]["current"] for attempt in attempts]
    assert states[:-1] == ["RESUBMITTED"] * (len(states) - 1)
    return len(states)


def lines_of(api: Api, identifier: str, attempt: int) -> list[str]:
    """What the task on the worker wrote in one of its attempts."""
    lines = api.get(f"/logs/{identifier}?taskId=work&minLevel=INFO")
    said = [line["message"] for line in lines if line["attemptNumber"] == attempt - 1]
    return [message for message in said if message in ("begun", "done")]


async def broken(dsn: str) -> dict[str, list[str]]:
    """Invariants that do not hold."""
    connection = await asyncpg.connect(dsn)
    try:
        return await audit(connection)
    finally:
        await connection.close()
