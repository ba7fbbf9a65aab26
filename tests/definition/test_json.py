"""The flow as the API shows it."""

import json

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
