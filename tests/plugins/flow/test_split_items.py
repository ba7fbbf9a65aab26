"""The first step of a ForEachItem cuts its file in each of the ways that `batch` knows."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.services.jobs import Place, a_job, a_place

FILE = "kestra:///company/team/orders-flow/executions/0VexecutionexecutionA1/rows.txt"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path) as place:
        yield place


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def content(place: Place, uri: str) -> str:
    return b"".join([chunk async for chunk in place.storage.read(uri)]).decode()


@pytest.mark.parametrize(
    ("batch", "parts"),
    [
        ({}, ["a:1\n", "b:2\n", "a:3\n"]),
        ({"rows": 2}, ["a:1\nb:2\n", "a:3\n"]),
        ({"partitions": "{{ 2 }}"}, ["a:1\na:3\n", "b:2\n"]),
        ({"bytes": "1KB"}, ["a:1\nb:2\na:3\n"]),
        ({"regexPattern": r"^(\w):", "rows": 1}, ["a:1\na:3\n", "b:2\n"]),
    ],
)
async def test_a_file_is_cut_into_batches(place: Place, batch: dict[str, Any], parts: list[str]) -> None:
    await place.storage.put(FILE, chunks(b"a:1\nb:2\na:3\n"))
    job = a_job("core.flow.ForEachItem$ForEachItemSplit", {"items": FILE, "batch": batch})
    outcome = await place.runner.run(job)
    assert outcome.outputs is not None, outcome.error
    uris = (await content(place, outcome.outputs["splits"])).split()
    assert [await content(place, uri) for uri in uris] == parts


async def test_what_is_no_stored_file_is_refused(place: Place) -> None:
    outcome = await place.runner.run(a_job("core.flow.ForEachItem$ForEachItemSplit", {"items": "a.txt"}))
    assert "must be a file of internal storage" in str(outcome.error)
