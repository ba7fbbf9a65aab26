"""http.Trigger against a real server: which answers start an execution, and what it gets."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from tests.services.jobs import Place, a_job

from tiercel.adapters.memory.clock import START
from tiercel.engine.commands import JobTrigger
from tiercel.model.trigger import Finding
from tiercel.sdk import RunInfo


async def no_events(info: RunInfo, variables: Mapping[str, Any]) -> Sequence[str]:
    raise AssertionError("a poll has no events")


async def asked(place: Place, uri: str, **properties: Any) -> Finding:
    job = a_job("core.http.Trigger", {"uri": uri, **properties}, trigger=JobTrigger(id="watch", date=START))
    finding = await place.runner.look(job, start=no_events).finding()
    assert finding is not None
    return finding


async def test_an_answer_below_400_is_what_the_execution_gets(place: Place, server: str) -> None:
    finding = await asked(place, f"{server}/created")
    assert finding.variables is not None
    assert (finding.variables["code"], finding.variables["body"], finding.error) == (201, "{}", None)
    assert finding.variables["headers"]["Content-Type"] == ["application/json"]


@pytest.mark.parametrize(
    ("path", "condition", "fits"),
    [
        ("absent", None, False),
        ("absent", "{{ response.statusCode == 404 }}", True),
        ("absent", "{{ response.body contains 'nothing' }}", True),
        ("created", "{{ response.headers['content-type'][0] == 'application/json' }}", True),
        ("created", "{{ fromJson(response.body) is empty }}", True),
        ("created", "{{ vars.nothing ?? '' }}", False),
        ("empty", "0", False),
    ],
)
async def test_a_condition_tells_which_answers_fit(
    place: Place, server: str, path: str, condition: str | None, *, fits: bool
) -> None:
    written = {} if condition is None else {"responseCondition": condition}
    finding = await asked(place, f"{server}/{path}", **written)
    assert (finding.variables is not None, finding.error) == (fits, None)


async def test_an_answer_with_a_code_that_is_not_allowed_is_an_error(place: Place, server: str) -> None:
    finding = await asked(place, f"{server}/absent", options={"allowedResponseCodes": [200]})
    assert "404 Not Found" in str(finding.error)
    assert [level for level, _ in await place.lines()] == ["DEBUG", "ERROR"]


async def test_a_server_that_is_not_there_is_an_error(place: Place) -> None:
    finding = await asked(place, "http://127.0.0.1:9/")
    assert "Connection refused" in str(finding.error)


async def test_a_secret_is_sent_and_shown_nowhere(place: Place, server: str) -> None:
    finding = await asked(
        place,
        f"{server}/private",
        options={"auth": {"type": "BEARER", "token": "{{ secret('TOKEN') }}"}},
        responseCondition="{{ response.statusCode == 200 }}",
    )
    assert finding.variables is not None


async def test_a_pause_between_looks_is_not_negative(place: Place, server: str) -> None:
    assert "`interval`" in str((await asked(place, f"{server}/created", interval="-PT5S")).error)
    assert (await asked(place, f"{server}/created", interval="PT0S")).error is None


async def test_a_condition_that_breaks_is_an_error(place: Place, server: str) -> None:
    finding = await asked(place, f"{server}/created", responseCondition="{{ nothing.there }}")
    assert "nothing" in str(finding.error)
