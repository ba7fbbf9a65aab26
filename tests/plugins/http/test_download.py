"""http.Download against a real server: the file, its name, its length, and what is no file."""

from typing import Any

import pytest
from tests.plugins.http.server import LARGE
from tests.services.jobs import Place, a_job

from tiercel.model.states import State
from tiercel.services.outcome import Outcome


async def download(place: Place, uri: str, **properties: Any) -> Outcome:
    return await place.runner.run(a_job("core.http.Download", {"uri": uri, **properties}))


async def stored(place: Place, outcome: Outcome) -> bytes:
    assert outcome.outputs is not None, outcome.error
    return b"".join([chunk async for chunk in place.storage.read(outcome.outputs["uri"])])


async def test_the_answer_becomes_a_file(place: Place, server: str) -> None:
    outcome = await download(place, f"{server}/file")
    assert await stored(place, outcome) == b"a,b\n1,2\n"
    assert outcome.outputs is not None
    assert (outcome.outputs["code"], outcome.outputs["length"]) == (200, 8)
    assert outcome.outputs["headers"]["Content-Type"] == ["text/csv"]


@pytest.mark.parametrize(
    ("path", "properties", "name"),
    [
        ("file/orders.csv?day=1", {}, "orders.csv"),
        ("named", {}, "my%20résumé.txt"),
        ("climbing", {}, "evil.txt"),
        ("file", {"saveAs": "mine.csv"}, "mine.csv"),
    ],
)
async def test_the_name_of_the_file(
    place: Place, server: str, path: str, properties: dict[str, Any], name: str
) -> None:
    outcome = await download(place, f"{server}/{path}", **properties)
    assert outcome.outputs is not None, outcome.error
    assert outcome.outputs["uri"].endswith(f"/tasks/work/taskrun1/{name}")


async def test_a_large_file_is_stored_whole(place: Place, server: str) -> None:
    outcome = await download(place, f"{server}/large")
    assert outcome.outputs is not None
    assert outcome.outputs["length"] == LARGE == await place.storage.size(outcome.outputs["uri"])


async def test_an_empty_answer_fails_unless_told_otherwise(place: Place, server: str) -> None:
    assert "is empty" in str((await download(place, f"{server}/empty")).error)
    assert (await download(place, f"{server}/empty", failOnEmptyResponse=False)).state is State.SUCCESS
    assert (await download(place, f"{server}/empty", options={"allowFailed": True})).state is State.SUCCESS
    assert ("WARN", f"File '{server}/empty' is empty") in await place.lines()


async def test_a_refusal_fails(place: Place, server: str) -> None:
    assert "404 Not Found" in str((await download(place, f"{server}/absent")).error)


async def test_a_transfer_that_breaks_off_fails_and_leaves_no_file(place: Place, server: str) -> None:
    outcome = await download(place, f"{server}/cut")
    assert outcome.state is State.FAILED
    assert [uri async for uri in place.storage.list("kestra:///")] == []


async def test_a_limit_of_length_holds(place: Place, server: str) -> None:
    outcome = await download(place, f"{server}/large", options={"maxContentLength": 1000})
    assert "longer than options.maxContentLength of 1000 bytes" in str(outcome.error)
