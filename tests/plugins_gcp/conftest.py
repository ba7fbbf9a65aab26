"""Where tasks of Google Cloud run, and the BigQuery they speak to: a fake of a few lines, or the emulator."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.peers.bigquery import BigQuery
from tests.peers.fixtures import bigquery
from tests.plugins_gcp.fake import FakeBigQuery, a_fake
from tests.services.jobs import Place, a_job, a_place

from tiercel.services.outcome import Outcome

__all__ = ["bigquery"]

LOAD = "io.kestra.plugin.gcp.bigquery.Load"
QUERY = "io.kestra.plugin.gcp.bigquery.Query"
FOLDER = "kestra:///company/team/orders-flow/executions/0VexecutionexecutionA1"


@dataclass
class Desk:
    """Runs tasks and says how they ended; each task is a task run of its own."""

    place: Place
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    async def put(self, name: str, content: bytes) -> str:
        """A file of internal storage."""

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        uri = f"{FOLDER}/{name}"
        await self.place.storage.put(uri, chunks())
        return uri

    async def load(self, name: str, content: bytes, *, attempt: int = 1, run: str = "", **properties: Any) -> Outcome:
        given = {"from": await self.put(name, content), "destinationTable": "project.dataset.events", **properties}
        job = a_job(LOAD, given, attempt=attempt, task_run_id=run or f"run{next(self.numbers)}")
        return await self.place.runner.run(job)

    async def query(self, sql: str, *, attempt: int = 1, **properties: Any) -> Outcome:
        given = {"sql": sql, "projectId": "project", **properties}
        return await self.place.runner.run(a_job(QUERY, given, attempt=attempt, task_run_id=f"run{next(self.numbers)}"))

    async def read(self, uri: str) -> bytes:
        return b"".join([chunk async for chunk in self.place.storage.read(uri)])

    async def levels(self, text: str) -> set[str]:
        """The levels of the lines that hold a text."""
        return {level for level, message in await self.place.lines() if text in message}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_place(tmp_path) as place:
        yield Desk(place)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBigQuery]:
    with a_fake() as fake:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", fake.host)
        yield fake


@pytest.fixture
def emulator(bigquery: BigQuery, monkeypatch: pytest.MonkeyPatch) -> BigQuery:
    """The emulator with an empty dataset `dataset`, as the one that tasks speak to."""
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery.host)
    bigquery.make("dataset")
    return bigquery
