"""`tiercel why`: the story of an execution on a screen, or as JSON."""

import json

from tests.api.client import Api
from tests.cli.commands import Tiercel

FAIL = "tasks: [{id: f, type: io.kestra.plugin.core.execution.Fail, errorMessage: 'on {{ flow.id }}'}]"


def test_a_failure_is_told_on_one_screen(tiercel: Tiercel, api: Api) -> None:
    api.deploy("broken", FAIL)
    said = tiercel("why", api.run("broken")["id"])
    assert said.code == 0
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines[1] == "FAILED: task f ended as FAILED: on broken"
    assert "errorMessage: on broken" in lines
    assert any(line.startswith("3 | tasks: [{id: f") for line in lines)


def test_the_story_is_data_too(tiercel: Tiercel, api: Api) -> None:
    api.deploy("broken", FAIL)
    told = json.loads(tiercel("why", api.run("broken")["id"], "--json").out)
    assert told["failure"]["path"][0]["taskId"] == "f"


def test_an_execution_that_is_not_there_has_no_story(tiercel: Tiercel) -> None:
    assert tiercel("why", "nobody").code == 1
