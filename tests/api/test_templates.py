"""Templates by their routes: saved, shown, searched, checked, deleted; and run by a flow that uses one."""

from typing import Any

import httpx2
import pytest
from tests.api.client import YAML, Api, good

RETURN = "io.kestra.plugin.core.debug.Return"
SAID = f"""
description: says who
tasks:
  - id: said
    type: {RETURN}
    format: "{{{{ parent.outputs.args.who }}}}"
"""


@pytest.fixture
def template(api: Api) -> Any:
    return good(create(api)).json()


def source(api: Api, template_id: str = "steps", body: str = SAID) -> str:
    return f"id: {template_id}\nnamespace: {api.namespace}\n{body}"


def create(api: Api, template_id: str = "steps", body: str = SAID) -> httpx2.Response:
    return api.ask("POST", "/templates", content=source(api, template_id, body), headers=YAML)


def test_a_template_is_shown_as_it_was_written(api: Api, template: Any) -> None:
    assert api.get(f"/templates/{api.namespace}/steps") == template
    assert (template["id"], template["namespace"], template["revision"]) == ("steps", api.namespace, 1)
    assert template["description"] == "says who"
    assert [task["id"] for task in template["tasks"]] == ["said"]
    assert template["source"] == source(api)


def test_json_is_taken_too(api: Api) -> None:
    body = {"id": "steps", "namespace": api.namespace, "tasks": [{"id": "a", "type": RETURN, "format": "a"}]}
    assert good(api.ask("POST", "/templates", json=body)).json()["tasks"] == body["tasks"]


@pytest.mark.usefixtures("template")
def test_a_template_that_exists_is_not_created_again(api: Api) -> None:
    assert create(api).status_code == 409


@pytest.mark.usefixtures("template")
def test_an_update_is_the_next_revision(api: Api) -> None:
    changed = source(api).replace("says who", "says it")
    saved = good(api.ask("PUT", f"/templates/{api.namespace}/steps", content=changed, headers=YAML)).json()
    assert (saved["revision"], saved["description"]) == (2, "says it")
    other = api.ask("PUT", f"/templates/{api.namespace}/steps", content=source(api, "other"), headers=YAML)
    assert other.status_code == 422
    absent = api.ask("PUT", f"/templates/{api.namespace}/absent", content=source(api, "absent"), headers=YAML)
    assert absent.status_code == 404


@pytest.mark.usefixtures("template")
def test_a_deleted_template_is_gone(api: Api) -> None:
    assert api.ask("DELETE", f"/templates/{api.namespace}/steps").status_code == 204
    assert api.ask("GET", f"/templates/{api.namespace}/steps").status_code == 404
    assert api.ask("DELETE", f"/templates/{api.namespace}/steps").status_code == 404


@pytest.mark.usefixtures("template")
def test_templates_are_found_by_text_and_namespace(api: Api) -> None:
    good(create(api, "others"))
    found = api.get("/templates/search", namespace=api.namespace, size=1)
    assert ([each["id"] for each in found["results"]], found["total"]) == (["others"], 2)
    assert [each["id"] for each in api.get("/templates/search", q=f"{api.namespace}.STEP")["results"]] == ["steps"]
    assert api.namespace in api.get("/templates/distinct-namespaces")


def test_what_is_wrong_is_told(api: Api) -> None:
    refused = create(api, body="tasks: []\ninputs: []\n")
    assert refused.status_code == 422
    wrong = source(api, body="inputs: []\n" + SAID)
    [checked] = good(api.ask("POST", "/templates/validate", content=wrong, headers=YAML)).json()
    assert (checked["id"], checked["namespace"]) == ("steps", api.namespace)
    assert "`inputs` is nothing that a template has" in checked["constraints"]
    [valid] = good(api.ask("POST", "/templates/validate", content=source(api), headers=YAML)).json()
    assert "constraints" not in valid


@pytest.mark.usefixtures("template")
def test_a_flow_runs_the_tasks_of_a_template(api: Api) -> None:
    api.deploy(
        "uses",
        "tasks: [{id: call, type: io.kestra.plugin.core.flow.Template, "
        f"namespace: {api.namespace}, templateId: steps, args: {{who: Ada}}}}]",
    )
    execution = api.run("uses")
    call, said = execution["taskRunList"]
    assert execution["state"]["current"] == "SUCCESS"
    assert (said["taskId"], said["parentTaskRunId"]) == ("said", call["id"])
    assert api.get(f"/outputs/{execution['id']}/{said['id']}") == {"value": "Ada"}
