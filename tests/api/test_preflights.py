"""Forms ask what would become of what people typed; nothing is created or kept by it."""

from typing import Any

from tests.api.client import Api, good

FLOW = """
inputs:
  - {id: name, type: STRING, validator: "[a-z]+"}
  - {id: count, type: INT, defaults: 3, max: 10}
  - {id: size, type: SELECT, expression: "{{ ['S', 'M'] }}", autoSelectFirst: true}
  - {id: why, type: STRING, dependsOn: {inputs: [count], condition: "{{ inputs.count > 5 }}"}}
  - {id: data, type: FILE, required: false, accept: [.csv]}
  - {id: place, type: FORM, inputs: [{id: city, type: STRING, defaults: Graz}]}
checks:
  - {when: "{{ inputs.count < 9 }}", message: "{{ inputs.count }} are too many", style: WARNING}
  - {when: "{{ inputs.count != 7 }}", message: not seven, behavior: FAIL_EXECUTION}
tasks: [{id: log, type: io.kestra.plugin.core.log.Log, message: hi}]
"""
PAUSE = """
tasks:
  - {id: p, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: reason, type: STRING}, {id: count, type: INT, defaults: 1}]}
"""


def judged(api: Api, **given: Any) -> dict[str, Any]:
    """What is answered, with the inputs by their id."""
    answer = good(api.ask("POST", f"/executions/{api.namespace}/form/validate", json=given)).json()
    return {**answer, "inputs": {each["input"]["id"]: each for each in answer["inputs"]}}


def test_each_input_is_told_with_what_became_of_it(api: Api) -> None:
    api.deploy("form", FLOW)
    found = judged(api, name="ABC")
    assert (found["id"], found["namespace"], found["checks"]) == ("form", api.namespace, [])
    assert list(found["inputs"]) == ["name", "count", "size", "why", "data", "place.city"]
    refused = found["inputs"]["name"]
    assert (refused["value"], refused["enabled"]) == ("ABC", True)
    (error,) = refused["errors"]
    assert error["message"] == "Invalid value for input `name`. Cause: it must match the pattern `[a-z]+`"
    taken = found["inputs"]["count"]
    assert (taken["value"], taken["isDefault"], taken["errors"]) == (3, True, [])
    assert found["inputs"]["place.city"]["value"] == "Graz"


def test_the_values_that_an_expression_gives_are_told(api: Api) -> None:
    api.deploy("form", FLOW)
    size = judged(api, name="a")["inputs"]["size"]
    assert (size["input"]["values"], "expression" in size["input"], size["value"]) == (["S", "M"], False, "S")


def test_inputs_are_switched_on_by_others(api: Api) -> None:
    api.deploy("form", FLOW)
    assert judged(api, name="a")["inputs"]["why"]["enabled"] is False
    asked = judged(api, name="a", count=6)["inputs"]["why"]
    assert (asked["enabled"], asked["errors"][0]["message"]) == (True, "Missing required input:why")


def test_checks_that_do_not_hold_are_told(api: Api) -> None:
    api.deploy("form", FLOW)
    assert judged(api, name="a", count=9, why="x")["checks"] == [
        {"message": "9 are too many", "style": "WARNING", "behavior": "BLOCK_EXECUTION"}
    ]


def test_a_file_is_judged_by_its_name_and_not_kept(api: Api, shared_server: Any) -> None:
    api.deploy("form", FLOW)
    parts = [("name", (None, "a")), ("data", ("rows.txt", "1"))]
    answer = good(api.ask("POST", f"/executions/{api.namespace}/form/validate", files=parts)).json()
    (data,) = (each for each in answer["inputs"] if each["input"]["id"] == "data")
    assert data["errors"][0]["message"].endswith("File type not allowed. Accepted extensions: .csv")
    storage = shared_server.base.foundation.home / "storage"
    assert not [file for file in storage.rglob("rows.txt") if api.namespace.replace(".", "/") in str(file)]


def test_a_flow_that_is_not_there_cannot_be_asked(api: Api) -> None:
    assert api.ask("POST", f"/executions/{api.namespace}/nobody/validate").status_code == 404


def test_a_failed_check_lets_nothing_be_created(api: Api) -> None:
    api.deploy("form", FLOW)
    refused = api.ask("POST", f"/executions/{api.namespace}/form", json={"name": "a", "count": 9, "why": "x"})
    assert refused.status_code == 422
    assert refused.json()["message"] == (
        "Illegal argument: Flow execution blocked: one or more condition checks evaluated to false."
        "\nFailed checks: 9 are too many"
    )


def test_a_failed_check_may_let_an_execution_fail(api: Api) -> None:
    api.deploy("form", FLOW)
    for wait in ("false", "true"):
        created = api.start("form", inputs={"name": "a", "count": 7, "why": "x"}, wait=wait)
        assert created["state"]["current"] == "FAILED"
        assert "taskRunList" not in created
    lines = api.get(f"/logs/{created['id']}")
    assert [line["message"] for line in lines][:1] == ["not seven"]


def test_a_secret_without_a_key_is_refused_and_not_repeated(api: Api) -> None:
    api.deploy("form", "inputs: [{id: token, type: SECRET}]\ntasks: [{id: s, type: core.log.Log, message: hi}]")
    token = judged(api, token="hunter2")["inputs"]["token"]
    assert "kestra.encryption.secret-key" in token["errors"][0]["message"]
    assert "value" not in token


def test_the_inputs_of_a_pause_are_judged_while_it_waits(api: Api) -> None:
    api.deploy("pause", PAUSE)
    started = api.start("pause")
    api.until(started["id"], "PAUSED")
    for path in ("actions/resume/validate", "resume/validate"):
        answer = good(api.ask("POST", f"/executions/{started['id']}/{path}", json={"count": "many"})).json()
        assert [[error["message"] for error in each["errors"]] for each in answer["inputs"]] == [
            ["Missing required input:reason"],
            ['Invalid value for input `count`. Cause: For input string: "many"'],
        ]
        assert [each["input"]["required"] for each in answer["inputs"]] == [True, True]
    good(api.ask("POST", f"/executions/{started['id']}/actions/resume", json={"reason": "x"}))
    api.until(started["id"], "SUCCESS")
    assert api.ask("POST", f"/executions/{started['id']}/actions/resume/validate").status_code == 409
