"""Server-sent events: an execution and its lines as they come, to the end."""

from typing import Any

import pytest
from tests.api.client import LOG, Api, frames, wait_for

PAUSE = f"""
tasks:
  - {{id: first, type: {LOG}, message: first}}
  - {{id: p, type: io.kestra.plugin.core.flow.Pause}}
  - {{id: last, type: {LOG}, message: last}}
"""


def test_an_execution_is_followed_from_its_start_to_its_end(api: Api) -> None:
    api.deploy("pause", PAUSE)
    execution = api.start("pause")["id"]
    with api.stream(f"/executions/{execution}/follow") as found:
        start = next(found)
        assert (start.kind, start.data["id"]) == ("start", execution)
        progress = next(frame for frame in found if frame.data["state"]["current"] == "PAUSED")
        assert progress.kind == "progress"
        assert [run["outputs"] for run in progress.data["taskRunList"]] == [None, None]
        api.ask("POST", f"/executions/{execution}/actions/resume")
        rest = list(found)
    assert [frame.kind for frame in rest][-1] == "end"
    assert rest[-1].data["state"]["current"] == "SUCCESS"
    assert [run["taskId"] for run in rest[-1].data["taskRunList"]] == ["first", "p", "last"]


def test_one_that_is_over_ends_at_once(api: Api) -> None:
    api.log_flow()
    execution = api.run("hello")["id"]
    assert [frame.kind for frame in api.follow(f"/executions/{execution}/follow")] == ["start", "end"]


def test_many_follow_one_execution(api: Api) -> None:
    api.deploy("pause", PAUSE)
    execution = api.start("pause")["id"]
    path = f"/executions/{execution}/follow"
    with api.stream(path) as one, api.stream(path) as other:
        assert next(one).kind == next(other).kind == "start"
        api.ask("POST", f"/executions/{execution}/actions/resume")
        assert [list(each)[-1].data["state"]["current"] for each in (one, other)] == ["SUCCESS", "SUCCESS"]


def test_a_stream_opens_before_its_execution_is_there_and_closes_where_none_comes(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tiercel.services.followers.PATIENCE", 0.3)
    with api.stream("/executions/nope/follow") as found:
        assert [(frame.kind, frame.data["id"]) for frame in found] == [("start", "nope")]


def test_the_lines_of_what_is_not_there_are_not_followed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiercel.services.followers.PATIENCE", 0.3)
    assert api.ask("GET", "/logs/nope/follow").status_code == 404


def test_lines_are_followed_and_end_with_the_execution(api: Api) -> None:
    api.deploy("pause", PAUSE)
    execution = api.start("pause")["id"]
    with api.stream(f"/logs/{execution}/follow") as found:
        assert next(found).kind == "start"
        assert next(found).data["message"] == "first"
        api.ask("POST", f"/executions/{execution}/actions/resume")
        rest = [(frame.kind, frame.data.get("message")) for frame in found]
    assert rest == [("progress", "last"), ("end", None)]


def test_lines_are_followed_by_level(api: Api) -> None:
    api.deploy(
        "two",
        f"""tasks:
  - {{id: a, type: {LOG}, message: quiet, level: DEBUG}}
  - {{id: b, type: {LOG}, message: loud, level: ERROR}}
""",
    )
    execution = api.run("two")["id"]
    found: dict[str, Any] = {"filters[level][GREATER_THAN_OR_EQUAL_TO]": "WARN"}
    assert [frame.data.get("message") for frame in api.follow(f"/logs/{execution}/follow", **found)][1:-1] == ["loud"]
    assert [frame.data.get("message") for frame in api.follow(f"/logs/{execution}/follow", minLevel="WARN")][1:-1] == [
        "loud"
    ]


def test_the_kind_of_a_frame_stands_in_its_id(api: Api) -> None:
    api.log_flow()
    execution = api.run("hello")["id"]
    with api.http.stream("GET", f"/api/v1/main/executions/{execution}/follow") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = list(answer.iter_lines())
    assert [line for line in lines if line.startswith("id: ")] == ["id: start", "id: end"]
    assert not [line for line in lines if line.startswith("event:")]


def test_a_follower_that_leaves_is_forgotten(api: Api, shared_server: Any) -> None:
    api.deploy("pause", PAUSE)
    execution = api.start("pause")["id"]
    broadcaster = shared_server.base.foundation.broadcaster
    with api.http.stream("GET", f"/api/v1/main/executions/{execution}/follow") as answer:
        coming = frames(answer)  # kept: a generator that nobody holds is closed, and the answer with it
        next(coming)
        wait_for(lambda: broadcaster.is_followed(execution), bool)
    wait_for(lambda: broadcaster.is_followed(execution), lambda followed: not followed)
