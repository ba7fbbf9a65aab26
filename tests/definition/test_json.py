"""The flow as the API shows it."""

import json
from typing import Any

from tiercel.definition import read
from tiercel.definition.json import flow_json

TEXT = """\
id: one
namespace: my.team
labels: {team: data}
inputs:
  - {id: flag, type: BOOL, defaults: false}
  - {id: choice, type: SELECT, values: [a]}
  - {id: form, type: FORM, inputs: [{id: x, type: INT}]}
retry: {type: constant, interval: PT0.100S, maxAttempt: 3}
tasks:
  - id: check
    type: io.kestra.plugin.core.flow.If
    condition: "{{ true }}"
    then: [{id: a, type: io.kestra.plugin.core.log.Log, message: hi, level: null}]
    else: [{id: b, type: io.kestra.plugin.core.log.Log, message: {deep: null}}]
    finally: [{id: c, type: x.Y}]
"""


def test_a_flow_is_shown_with_what_its_author_set() -> None:
    flow = read(TEXT).flow
    assert flow is not None
    log = "io.kestra.plugin.core.log.Log"
    assert flow_json(flow) == {
        "id": "one",
        "namespace": "my.team",
        "labels": [{"key": "team", "value": "data"}],
        "inputs": [
            {"id": "flag", "type": "BOOL", "required": True, "defaults": "false"},
            {
                "id": "choice",
                "type": "SELECT",
                "required": True,
                "values": ["a"],
                "allowCustomValue": False,
                "isRadio": False,
                "autoSelectFirst": False,
            },
            {"id": "form", "type": "FORM", "required": True, "inputs": [{"id": "x", "type": "INT", "required": True}]},
        ],
        "retry": {
            "type": "constant",
            "interval": "PT0.1S",
            "maxAttempts": 3,
            "behavior": "RETRY_FAILED_TASK",
            "warningOnRetry": False,
        },
        "tasks": [
            {
                "id": "check",
                "type": "io.kestra.plugin.core.flow.If",
                "condition": "{{ true }}",
                "then": [{"id": "a", "type": log, "message": "hi"}],
                "else": [{"id": "b", "type": log, "message": {"deep": None}}],
                "finally": [{"id": "c", "type": "x.Y"}],
            }
        ],
        "disabled": False,
        "deleted": False,
    }


def test_what_is_shown_can_be_read_again() -> None:
    flow = read(TEXT).flow
    assert flow is not None
    shown = flow_json(flow)
    again = read(json.dumps(shown)).flow
    assert again is not None
    assert flow_json(again) == shown


def shown_task(text: str) -> dict[str, Any]:
    flow = read(f"id: one\nnamespace: my.team\nrevision: 7\ntasks:\n  - {text}").flow
    assert flow is not None
    return flow_json(flow)["tasks"][0]


def test_what_a_core_type_renders_is_shown_as_text() -> None:
    values = shown_task("{id: a, type: core.output.OutputValues, values: {n: 1, s: 'ü {{ x }}', l: [true]}}")
    assert values["values"] == '{"n":1,"s":"ü {{ x }}","l":[true]}'
    until = shown_task(
        "{id: a, type: io.kestra.plugin.core.flow.WaitFor, condition: '{{ true }}', failOnMaxReached: true,"
        " checkFrequency: {maxIterations: 3, interval: PT1S}, tasks: [{id: b, type: core.log.Log, message: [x]}]}"
    )
    assert (until["failOnMaxReached"], until["checkFrequency"]["maxIterations"]) == ("true", "3")
    assert until["tasks"][0]["message"] == ["x"]


def test_inputs_that_a_task_asks_for_are_shown_like_those_of_the_flow() -> None:
    pause = shown_task(
        "{id: a, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: x, type: BOOL, defaults: true}, {id: 7}]}"
    )
    assert pause["onResume"] == [{"id": "x", "type": "BOOL", "required": True, "defaults": "true"}, {"id": 7}]


def test_labels_of_a_subflow_are_shown_as_a_list() -> None:
    subflow = shown_task(
        "{id: a, type: io.kestra.plugin.core.flow.Subflow, namespace: n, flowId: f, labels: {team: x}}"
    )
    assert subflow["labels"] == [{"key": "team", "value": "x"}]
