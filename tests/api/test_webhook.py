"""Webhooks: whoever knows the key starts the flow; whoever does not learns nothing."""

import hmac
import json
from typing import Any

import httpx2
import pytest
from tests.api.client import LOG, YAML, Api, good

HOOK = "{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: k1%s}"
BODY = f"tasks: [{{id: log, type: {LOG}, message: \"{{{{ trigger.body ?? 'none' }}}}\"}}]\n"


def deploy(api: Api, flow_id: str, *, more: str = "", body: str = BODY) -> None:
    api.deploy(flow_id, f"{body}triggers: [{HOOK % more}]\n")


def call(api: Api, flow_id: str, key: str = "k1", *, method: str = "POST", **content: Any) -> httpx2.Response:
    return api.ask(method, f"/executions/webhook/{api.namespace}/{flow_id}/{key}", **content)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_call_starts_the_flow(api: Api, method: str) -> None:
    deploy(api, "hooked")
    started = good(call(api, "hooked", method=method)).json()
    assert (started["state"]["current"], started["trigger"]["id"]) == ("CREATED", "hook")
    assert "taskRunList" not in started
    assert api.over(started["id"])["state"]["current"] == "SUCCESS"


def test_the_flow_sees_body_headers_and_parameters(api: Api) -> None:
    task = f"{{id: log, type: {LOG}, message: '{{{{ trigger.body.n }}}} {{{{ trigger.parameters.q[0] }}}} {{{{ trigger.headers[\"X-Mine\"][0] }}}}'}}"
    deploy(api, "seeing", body=f"tasks: [{task}]\n")
    started = good(call(api, "seeing", json={"n": 7}, params={"q": "x"}, headers={"X-Mine": "h"})).json()
    assert started["trigger"]["variables"]["body"] == {"n": 7}
    api.over(started["id"])
    assert [line["message"] for line in api.get(f"/logs/{started['id']}")] == ["7 x h"]


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        ({"content": "[1, 2]"}, [1, 2]),
        ({"content": "plain"}, "plain"),
        ({"content": '{"a": 1}', "headers": {"Content-Type": "text/plain"}}, {"a": 1}),
        ({"content": "{broken"}, "{broken"),
        ({"content": '"quoted"'}, '"quoted"'),
        ({"content": b"\x00\xff", "headers": {"Content-Type": "application/octet-stream"}}, "AP8="),
        ({"content": "größer"}, "größer"),
        (
            {"content": "größer".encode("latin-1"), "headers": {"Content-Type": 'text/plain; charset="ISO-8859-1"'}},
            "größer",
        ),
        (
            {"content": '{"a": 1}'.encode("utf-16"), "headers": {"Content-Type": "application/json; charset=utf-16"}},
            {"a": 1},
        ),
        ({"content": "größer", "headers": {"Content-Type": "text/plain; charset=nonsense"}}, "größer"),
        ({"content": "[" * 100_000, "headers": {"Content-Type": "application/json"}}, "[" * 100_000),
    ],
)
def test_a_body_is_an_object_or_a_list_where_it_can_be_and_text_else(
    api: Api, content: dict[str, Any], seen: Any
) -> None:
    deploy(api, "hooked")
    started = good(call(api, "hooked", **{"headers": {"Content-Type": "application/json"}, **content})).json()
    assert started["trigger"]["variables"]["body"] == seen


@pytest.mark.parametrize("key", ["wrong", "k", "k11", "", "k1/more", "%00"])
def test_without_the_key_nothing_is_told(api: Api, key: str) -> None:
    deploy(api, "hooked")
    deploy(api, "switched-off", body="disabled: true\n" + BODY)
    for flow_id in ("hooked", "switched-off", "nope"):
        refused = call(api, flow_id, key)
        assert refused.status_code == 404
        assert refused.json()["detail"] == "Webhook not found"


def test_with_the_key_what_is_switched_off_says_so(api: Api) -> None:
    deploy(api, "flow-off", body="disabled: true\n" + BODY)
    deploy(api, "trigger-off", more=", disabled: true")
    for flow_id in ("flow-off", "trigger-off"):
        refused = call(api, flow_id)
        assert refused.status_code == 409
        assert "disabled" in refused.json()["detail"]


def test_a_condition_that_is_false_starts_nothing(api: Api) -> None:
    deploy(api, "picky", more=', when: "{{ trigger.body.go == true }}"')
    assert call(api, "picky", json={"go": False}).status_code == 204
    assert call(api, "picky", json={"go": True}).status_code == 200
    found = api.get("/executions/search", **{"filters[namespace][EQUALS]": api.namespace})
    assert found["total"] == 1


def test_inputs_that_do_not_fit_are_refused(api: Api) -> None:
    inputs = "inputs: [{id: n, type: INT}]\n"
    deploy(api, "typed", more=', inputs: {n: "{{ trigger.body.n }}"}', body=inputs + BODY)
    assert call(api, "typed", json={"n": "many"}).status_code == 422
    assert call(api, "typed", json={"n": 4}).status_code == 200


def test_an_encrypted_value_cannot_be_sent(api: Api) -> None:
    deploy(api, "hooked")
    forged = {"deep": [{"type": "io.kestra.datatype:aes_encrypted", "value": "AAAA"}]}
    assert call(api, "hooked", json=forged).status_code == 422


def test_a_check_that_does_not_hold_refuses_the_call(api: Api) -> None:
    checks = 'checks: [{when: "{{ trigger.body.n == 4 }}", message: four it must be}]\n'
    deploy(api, "checked", body=checks + BODY)
    refused = call(api, "checked", json={"n": 5})
    assert (refused.status_code, "four it must be" in refused.json()["message"]) == (422, True)
    assert call(api, "checked", json={"n": 4}).status_code == 200


def test_a_method_that_is_none_of_a_webhook_is_refused(api: Api) -> None:
    deploy(api, "hooked")
    refused = call(api, "hooked", method="DELETE")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET, POST, PUT"


WAITING = BODY + "outputs: [{id: said, type: STRING, value: 'hi'}]\n"


def test_a_webhook_that_waits_answers_with_the_end(api: Api) -> None:
    deploy(api, "waiting", more=", wait: true", body=WAITING)
    ended = good(call(api, "waiting")).json()
    assert (ended["state"]["current"], ended["outputs"]) == ("SUCCESS", {"said": "hi"})


def test_a_webhook_answers_with_the_outputs_of_its_flow(api: Api) -> None:
    deploy(api, "json", more=", wait: true, returnOutputs: true", body=WAITING)
    assert good(call(api, "json")).json() == {"said": "hi"}
    deploy(api, "text", more=", wait: true, returnOutputs: true, responseContentType: text/plain", body=WAITING)
    answer = call(api, "text")
    assert (answer.text, answer.headers["content-type"]) == ("hi", "text/plain; charset=utf-8")


def test_a_webhook_that_waits_for_a_failure_says_so(api: Api) -> None:
    fail = "tasks: [{id: f, type: io.kestra.plugin.core.execution.Fail}]\n"
    deploy(api, "failing", more=", wait: true", body=fail)
    assert call(api, "failing").status_code == 500
    deploy(api, "own-code", more=", wait: true, responseCode: 202", body=fail)
    assert call(api, "own-code").status_code == 202


def test_the_status_of_an_answer_may_come_from_the_execution(api: Api) -> None:
    body = "tasks: [{id: code, type: io.kestra.plugin.core.debug.Return, format: '%s'}]\n"
    hook = ", wait: true, responseCode: '{{ outputs.code.value }}'"
    deploy(api, "created", more=hook, body=body % 201)
    assert call(api, "created").status_code == 201
    deploy(api, "odd", more=hook, body=body % "many")
    refused = call(api, "odd")
    assert (refused.status_code, "'many'" in refused.json()["detail"]) == (422, True)


@pytest.mark.parametrize("code", ["many", "99", "600"])
def test_a_status_that_is_none_is_refused_when_the_flow_is_saved(api: Api, code: str) -> None:
    source = f"id: bad\nnamespace: {api.namespace}\n{BODY}triggers: [{HOOK % f', responseCode: {code}'}]\n"
    refused = api.ask("POST", "/flows", content=source, headers=YAML)
    assert (refused.status_code, "from 100 to 599" in refused.text) == (422, True)


def test_a_key_may_be_an_expression(api: Api) -> None:
    hook = "{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: '{{ vars.secret }}'}"
    api.deploy("hidden", f"variables: {{secret: very}}\n{BODY}triggers: [{hook}]\n")
    assert call(api, "hidden", "very").status_code == 200
    assert call(api, "hidden", "{{ vars.secret }}").status_code == 404


def test_a_changed_key_counts_at_once(api: Api) -> None:
    deploy(api, "hooked")
    assert call(api, "hooked").status_code == 200
    source = api.get(f"/flows/{api.namespace}/hooked", source="true")["source"]
    good(api.ask("PUT", f"/flows/{api.namespace}/hooked", content=source.replace("key: k1", "key: k2"), headers=YAML))
    assert [call(api, "hooked", key).status_code for key in ("k1", "k2")] == [404, 200]


def test_clients_of_old_leave_the_tenant_out(api: Api) -> None:
    deploy(api, "hooked")
    answer = api.http.post(f"/api/v1/executions/webhook/{api.namespace}/hooked/k1", content=json.dumps({"a": 1}))
    assert answer.status_code == 200


def test_headers_are_found_however_they_are_written(api: Api) -> None:
    heard = "{{ trigger.headers['X-GitHub-Event'][0] }} {{ trigger.headers['x-github-event'][0] }}"
    deploy(api, "listening", body=f'tasks: [{{id: log, type: {LOG}, message: "{heard}"}}]\n')
    started = good(call(api, "listening", headers={"X-GitHub-Event": "push"})).json()
    api.over(started["id"])
    assert [line["message"] for line in api.get(f"/logs/{started['id']}")] == ["push push"]


def test_a_body_may_be_stored_as_a_file(api: Api) -> None:
    deploy(
        api,
        "storing",
        more=", fetchType: STORE",
        body=f"tasks: [{{id: log, type: {LOG}, message: '{{{{ read(trigger.uri) }}}} {{{{ trigger.body is defined }}}}'}}]\n",
    )
    started = good(call(api, "storing", content=b"far too long")).json()
    assert started["trigger"]["variables"]["uri"].startswith("kestra:///")
    api.over(started["id"])
    assert [line["message"] for line in api.get(f"/logs/{started['id']}")] == ["far too long false"]


def test_a_form_brings_fields_and_files(api: Api) -> None:
    read = "{{ trigger.formFields.who }} {{ read(trigger.parts[0].uri) }}"
    deploy(api, "filled", body=f"tasks: [{{id: log, type: {LOG}, message: '{read}'}}]\n")
    started = good(call(api, "filled", data={"who": "me"}, files={"doc": ("a.txt", b"inside", "text/plain")})).json()
    (part,) = started["trigger"]["variables"]["parts"]
    assert (part["name"], part["filename"], part["contentType"], part["size"]) == ("doc", "a.txt", "text/plain", 6)
    api.over(started["id"])
    assert [line["message"] for line in api.get(f"/logs/{started['id']}")] == ["me inside"]


def test_the_body_may_be_left_out(api: Api) -> None:
    deploy(api, "deaf", more=", fetchType: NONE")
    assert "body" not in good(call(api, "deaf", content="x")).json()["trigger"]["variables"]


@pytest.mark.parametrize("fetch_type", ["FETCH", "STORE"])
def test_a_call_has_to_carry_the_signature_that_is_asked_for(api: Api, fetch_type: str) -> None:
    deploy(api, "signed", more=f", fetchType: {fetch_type}, signature: {{preset: GITHUB, secret: s3cret}}")
    made = "sha256=" + hmac.new(b"s3cret", b"signed text", "sha256").hexdigest()
    refused = call(api, "signed", content="another text", headers={"X-Hub-Signature-256": made})
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (401, "wrong-signature")
    assert call(api, "signed", content="signed text").status_code == 401
    started = good(call(api, "signed", content="signed text", headers={"X-Hub-Signature-256": made})).json()
    assert ("uri" if fetch_type == "STORE" else "body") in started["trigger"]["variables"]


@pytest.mark.parametrize(("day", "status"), [("{{ trigger.body.day }}", 200), ("2026-07-02", 204)])
def test_conditions_of_old_are_asked(api: Api, day: str, status: int) -> None:
    condition = f"{{type: io.kestra.plugin.core.condition.DayWeek, date: '{day}', dayOfWeek: WEDNESDAY}}"
    deploy(api, "choosy", more=f", conditions: [{condition}]")
    assert call(api, "choosy", json={"day": "2026-07-01"}).status_code == status


def test_a_trigger_that_an_expression_disables_is_closed(api: Api) -> None:
    deploy(api, "moody", more=', disabled: "{{ trigger.body.off }}"')
    assert call(api, "moody", json={"off": True}).status_code == 409
    assert call(api, "moody", json={"off": False}).status_code == 200


def test_a_label_that_cannot_be_rendered_is_left_out_and_the_log_says_so(api: Api) -> None:
    labels = '{team: night, odd: "{{ trigger.body.nothing.there }}", by: "{{ trigger.id }}@{{ flow.tenantId }}"}'
    deploy(api, "labelled", more=f", labels: {labels}")
    started = good(call(api, "labelled", json={})).json()
    given = {label["key"]: label["value"] for label in started["labels"]}
    assert (given["team"], given["by"], "odd" in given) == ("night", "hook@main", False)
    api.over(started["id"])
    assert [line["level"] for line in api.get(f"/logs/{started['id']}")] == ["WARN", "INFO"]
