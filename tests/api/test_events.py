"""The history of an execution, told with the decisions that were made."""

import json
from typing import Any

import pytest
from tests.api.client import Api, good

FLOW = """
inputs: [{id: word, type: STRING, defaults: hush-hush}]
labels: {team: one}
tasks:
  - {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ now() }} {{ uuid() }} {{ kv('no', errorOnMissing=false) ?? 1 }}"}
  - {id: more, type: io.kestra.plugin.core.execution.Labels, labels: {more: "{{ outputs.say.value }}"}}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b]
    tasks:
      - id: inner
        type: io.kestra.plugin.core.flow.Loop
        values: [c]
        tasks: [{id: back, type: io.kestra.plugin.core.debug.Return, format: "{{ item.value }} {{ outputs.say.value }}"}]
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.01S}
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: none, flowId: none, inputs: {word: "{{ inputs.word }}"}, allowFailure: true}
"""


@pytest.fixture
def execution(api: Api) -> Any:
    api.deploy("flow", FLOW)
    return api.run("flow")


def kinds(entries: list[Any]) -> list[str]:
    return [entry["event"]["event"] for entry in entries]


def test_a_history_has_events_decisions_and_commands(api: Api, execution: Any) -> None:
    entries = api.get(f"/executions/{execution['id']}/events")
    assert kinds(entries)[0] == "created"
    assert "timerFired" in kinds(entries)
    assert all("notRecomputed" not in entry for entry in entries)
    assert entries[-1]["state"] == execution["state"]["current"]
    commands = [command["command"] for entry in entries for command in entry.get("commands", ())]
    assert commands.count("StartIteration") == 2
    assert {"StartTimer", "CreateExecution"} <= set(commands)


def test_what_is_told_again_is_what_was_stored(api: Api, execution: Any) -> None:
    last: dict[str, str] = {}
    for entry in api.get(f"/executions/{execution['id']}/events"):
        last |= {run["id"]: run["state"] for run in entry.get("taskRuns", ())}
    assert last == {run["id"]: run["state"]["current"] for run in execution["taskRunList"]}


def test_an_iteration_within_an_iteration_is_told_from_the_decisions_that_made_it(api: Api, execution: Any) -> None:
    def children(of: str) -> list[str]:
        found = api.get("/executions/search", **{"filters[parentId][EQUALS]": of})["results"]
        return [child["id"] for child in found]

    below = [inner for outer in children(execution["id"]) for inner in children(outer)]
    assert len(below) == 2
    for id in below:
        entries = api.get(f"/executions/{id}/events")
        assert [entry["state"] for entry in entries][-1] == "SUCCESS"
        assert kinds(entries)[0] == "created"


def test_a_history_is_downloaded_as_lines(api: Api, execution: Any) -> None:
    path = f"/executions/{execution['id']}/events"
    answer = good(api.ask("GET", path, params={"download": "true"}))
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == f'attachment; filename="{execution["id"]}.events.jsonl"'
    assert [json.loads(line) for line in answer.text.splitlines()] == api.get(path)


def test_a_replay_shows_its_events_and_why_there_are_no_decisions(api: Api, execution: Any) -> None:
    replayed = good(api.ask("POST", f"/executions/{execution['id']}/replay")).json()
    api.over(replayed["id"])
    entries = api.get(f"/executions/{replayed['id']}/events")
    assert kinds(entries)[0] == "replay"
    assert all("does not begin with a creation" in entry["notRecomputed"] for entry in entries)


def test_an_execution_that_is_not_there_has_no_history(api: Api) -> None:
    assert api.ask("GET", "/executions/nothing/events").status_code == 404
