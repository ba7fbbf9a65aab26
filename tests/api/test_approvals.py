"""What a person decides about an Approval that waits."""

import pytest
from tests.api.client import LOG, Api, good

ASKED = f"""
tasks:
  - id: ask
    type: io.kestra.plugin.core.flow.Approval
    commentRequired: ON_DENY
    inputs: [{{id: amount, type: INT}}]
    onApprove: [{{id: paid, type: {LOG}, message: "{{{{ outputs.ask.inputs.amount }}}}"}}]
    onDeny: [{{id: refused, type: {LOG}, message: denied}}]
"""


@pytest.fixture
def waiting(api: Api) -> str:
    api.deploy("asked", ASKED)
    execution = api.start("asked")["id"]
    api.until(execution, "PAUSED")
    return execution


def tasks(api: Api, execution: str) -> list[str]:
    return [run["taskId"] for run in api.over(execution)["taskRunList"]]


def test_an_approval_brings_typed_inputs_and_runs_its_tasks(api: Api, waiting: str) -> None:
    answer = api.ask(
        "POST", f"/executions/{waiting}/actions/review", params={"decision": "APPROVED"}, json={"amount": "7"}
    )
    good(answer)
    assert tasks(api, waiting) == ["ask", "paid"]
    assert api.over(waiting)["state"]["current"] == "SUCCESS"
    assert api.get(f"/logs/{waiting}")[0]["message"] == "7"


def test_a_denial_needs_no_inputs_but_the_comment_that_is_asked_for(api: Api, waiting: str) -> None:
    path = f"/executions/{waiting}/actions/review"
    refused = api.ask("POST", path, params={"decision": "DENIED"})
    assert refused.status_code == 409
    assert "comment" in refused.json()["errors"][0]["explanation"]
    good(api.ask("POST", path, params={"decision": "DENIED", "comment": "too much"}))
    assert tasks(api, waiting) == ["ask", "refused"]
    assert api.over(waiting)["state"]["current"] == "CANCELLED"


def test_inputs_that_are_wrong_or_missing_are_told(api: Api, waiting: str) -> None:
    for given in ({}, {"amount": "much"}):
        answer = api.ask("POST", f"/executions/{waiting}/actions/review", params={"decision": "APPROVED"}, json=given)
        assert answer.status_code == 422
        assert "amount" in answer.text
    good(api.ask("DELETE", f"/executions/{waiting}/actions/kill"))
    api.over(waiting)


def test_only_what_waits_is_decided_and_only_so_or_so(api: Api) -> None:
    api.log_flow()
    execution = api.run("hello")["id"]
    path = f"/executions/{execution}/actions/review"
    assert api.ask("POST", path, params={"decision": "DENIED"}).status_code == 409
    assert api.ask("POST", path, params={"decision": "MAYBE"}).status_code in (400, 422)


SEVERAL = """
tasks:
  - id: par
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - id: later
        type: io.kestra.plugin.core.flow.Sequential
        tasks:
          - {id: first, type: io.kestra.plugin.core.debug.Return, format: x}
          - {id: number, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: n, type: INT}]}
      - {id: truth, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: m, type: BOOL}]}
      - {id: free, type: io.kestra.plugin.core.flow.Approval}
      - {id: priced, type: io.kestra.plugin.core.flow.Approval, inputs: [{id: price, type: INT}]}
"""


def test_what_is_given_is_held_to_what_it_is_given_to(api: Api) -> None:
    """Of several that wait it is the earliest of the kind, or the one that is named."""
    api.deploy("several", SEVERAL)
    execution = api.start("several")["id"]
    api.until(execution, "PAUSED")
    runs = {run["taskId"]: run["id"] for run in api.get(f"/executions/{execution}")["taskRunList"]}
    resume, review = (f"/executions/{execution}/actions/{verb}" for verb in ("resume", "review"))
    refused = api.ask("POST", review, params={"decision": "APPROVED", "taskRunId": runs["priced"]}, json={})
    assert (refused.status_code, "price" in refused.text) == (422, True)
    good(api.ask("POST", review, params={"decision": "APPROVED"}, json={}))
    good(api.ask("POST", review, params={"decision": "APPROVED"}, json={"price": 3}))
    earliest, other = sorted([("number", {"n": 7}), ("truth", {"m": True})], key=lambda one: list(runs).index(one[0]))
    assert api.ask("POST", resume, json=other[1]).status_code == 422
    good(api.ask("POST", resume, json=earliest[1]))
    good(api.ask("POST", resume, json=other[1]))
    assert api.over(execution)["state"]["current"] == "SUCCESS"


LOOPED = """
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [1]
    tasks:
      - {id: ask, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: n, type: INT}]}
      - {id: show, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.ask.onResume.n }}"}
    outputs: [{id: n, type: INT, value: "{{ outputs.show.value }}"}]
outputs: [{id: all, type: JSON, value: "{{ loopOutputs(outputs.loop.outputs, 'n') }}"}]
"""


def test_a_pause_within_a_loop_asks_for_its_inputs_too(api: Api) -> None:
    api.deploy("looped", LOOPED)
    execution = api.start("looped")["id"]
    resume = f"/executions/{execution}/actions/resume"
    api.until(execution, "PAUSED")
    assert api.ask("POST", resume, json={"n": "abc"}).status_code == 422
    good(api.ask("POST", resume, json={"n": 7}))
    assert api.over(execution)["outputs"] == {"all": [7]}
