"""http.SseRequest against a real server: the events of a stream, and a program over them."""

from typing import Any

import pytest
from tests.services.jobs import Place, a_job

from tiercel.services.outcome import Outcome


async def request(place: Place, uri: str, **properties: Any) -> Outcome:
    return await place.runner.run(a_job("core.http.SseRequest", {"uri": uri, **properties}))


async def test_a_stream_becomes_its_events(place: Place, server: str) -> None:
    outcome = await request(place, f"{server}/events")
    assert outcome.outputs is not None, outcome.error
    assert outcome.outputs["events"] == [
        {"id": "1", "name": "word", "data": {"text": "fal"}},
        {"id": "1", "name": None, "data": "co\nn"},
        {"id": "1", "name": None, "data": {"text": "con"}},
    ]
    assert (outcome.outputs["size"], outcome.outputs["result"]) == (3, None)
    assert outcome.outputs["uri"] == f"{server}/events"


async def test_only_so_many_events_are_taken(place: Place, server: str) -> None:
    outcome = await request(place, f"{server}/events", maxEvents=2)
    assert outcome.outputs is not None, outcome.error
    assert [event["data"] for event in outcome.outputs["events"]] == [{"text": "fal"}, "co\nn"]


async def test_a_program_joins_what_it_finds(place: Place, server: str) -> None:
    program = ".data | objects | .text"
    outcome = await request(place, f"{server}/events", concatJqExpression=program, failedOnMissingJq=False)
    assert outcome.outputs is not None, outcome.error
    assert outcome.outputs["result"] == "falcon"


async def test_a_program_that_finds_nothing_fails(place: Place, server: str) -> None:
    outcome = await request(place, f"{server}/events", concatJqExpression=".data | objects | .text")
    assert "gives nothing for the event" in str(outcome.error)


async def test_an_event_that_a_program_cannot_read_adds_nothing_where_that_is_let(place: Place, server: str) -> None:
    assert "Cannot index string" in str(
        (await request(place, f"{server}/events", concatJqExpression=".data.text")).error
    )
    outcome = await request(place, f"{server}/events", concatJqExpression=".data.text", failedOnMissingJq=False)
    assert outcome.outputs is not None, outcome.error
    assert outcome.outputs["result"] == "falcon"


async def test_a_program_that_is_none_fails_in_any_case(place: Place, server: str) -> None:
    outcome = await request(place, f"{server}/events", concatJqExpression=".data |", failedOnMissingJq=False)
    assert outcome.outputs is None


@pytest.mark.parametrize(
    ("path", "properties", "why"),
    [
        ("absent", {}, "404 Not Found"),
        ("events", {"options": {"maxContentLength": 20}}, "longer than 20 characters"),
    ],
)
async def test_what_is_no_stream_or_too_long_fails(
    place: Place, server: str, path: str, properties: dict[str, Any], why: str
) -> None:
    assert why in str((await request(place, f"{server}/{path}", **properties)).error)
