"""Executions that came of one another, followed together to the end of them all."""

from typing import Any

from tests.api.client import Api

SUBFLOW = "{{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: {0}, flowId: {1}, wait: true}}"


def family(api: Api) -> dict[str, str]:
    """Three executions: the first calls the second, that one from a loop the third."""
    api.log_flow("third")
    loop = "{id: loop, type: io.kestra.plugin.core.flow.Loop, values: [a], tasks: [%s]}"
    api.deploy("second", f"tasks: [{loop % SUBFLOW.format(api.namespace, 'third')}]")
    api.deploy("first", f"tasks: [{SUBFLOW.format(api.namespace, 'second')}]")
    api.run("first")
    found = api.get("/executions/search", **{"filters[namespace][EQUALS]": api.namespace})["results"]
    return {shown["flowId"]: shown["id"] for shown in found}


def followed(api: Api, execution: str, **query: Any) -> list[str]:
    frames = api.follow(f"/executions/{execution}/follow-dependencies", **query)
    assert (frames[0].kind, frames[-1].kind) == ("start", "end-all")
    assert frames[0].data == frames[-1].data == {"executionId": execution}
    ends = [frame.data for frame in frames if frame.kind == "end"]
    assert {end["state"]["current"] for end in ends} == {"SUCCESS"}
    return [end["flowId"] for end in ends]


def test_the_nearest_are_followed_and_with_expand_all_the_others_too(api: Api) -> None:
    ids = family(api)
    assert followed(api, ids["first"]) == ["first", "second"]
    assert followed(api, ids["third"]) == ["second", "third"]
    for execution in ids.values():
        assert followed(api, execution, expandAll="true") == ["first", "second", "third"]


def test_what_an_execution_came_of_can_be_left_out(api: Api) -> None:
    ids = family(api)
    assert followed(api, ids["second"], destinationOnly="true") == ["second", "third"]
    assert followed(api, ids["second"], destinationOnly="true", expandAll="true") == ["second", "third"]
    assert followed(api, ids["third"], destinationOnly="true", expandAll="true") == ["third"]


def test_one_that_runs_is_shown_until_it_is_over(api: Api) -> None:
    api.deploy("paused", "tasks: [{id: wait, type: io.kestra.plugin.core.flow.Pause}]")
    execution = api.start("paused")["id"]
    with api.stream(f"/executions/{execution}/follow-dependencies") as found:
        assert next(found).kind == "start"
        assert next(frame for frame in found if frame.data["state"]["current"] == "PAUSED").kind == "progress"
        api.ask("POST", f"/executions/{execution}/actions/resume")
        assert [frame.kind for frame in found][-2:] == ["end", "end-all"]
