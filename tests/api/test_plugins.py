"""Types as clients see them: lists, pages, schemas."""

from jsonschema import Draft202012Validator
from tests.api.client import LOG, Api

FLOW = {"id": "a", "namespace": "b", "tasks": [{"id": "c", "type": LOG, "message": "hi"}]}


def test_the_schema_of_flows_judges_flows(api: Api) -> None:
    schema = api.get("/plugins/schemas/flow")
    Draft202012Validator.check_schema(schema)
    judge = Draft202012Validator(schema)
    assert judge.is_valid(FLOW)
    assert not judge.is_valid({**FLOW, "tasks": [{"id": "c", "type": LOG}]})


def test_a_schema_may_be_asked_for_as_that_of_a_list(api: Api) -> None:
    judge = Draft202012Validator(api.get("/plugins/schemas/TASK", arrayOf="true"))
    assert judge.is_valid(FLOW["tasks"])
    assert not judge.is_valid(FLOW["tasks"][0])


def test_there_is_no_schema_of_what_nobody_knows(api: Api) -> None:
    assert api.ask("GET", "/plugins/schemas/weather").status_code == 404


def test_the_page_of_a_type_has_its_text_and_its_schema(api: Api) -> None:
    page = api.get(f"/plugins/{LOG}")
    assert "Write one message" in page["markdown"]
    properties = page["schema"]["properties"]
    assert properties["properties"]["message"]["$required"] is True
    assert properties["properties"]["level"]["$dynamic"] is True
    assert properties["$examples"][0]["lang"] == "yaml"
    assert page["schema"].keys() == {"properties", "outputs", "definitions"}


def test_the_outputs_of_a_type_are_told(api: Api) -> None:
    outputs = api.get("/plugins/io.kestra.plugin.core.http.Request")["schema"]["outputs"]["properties"]
    assert {"body", "code", "headers", "uri"} <= outputs.keys()


def test_a_type_has_a_page_under_an_old_name_too_and_one_that_is_not_there_has_none(api: Api) -> None:
    assert api.get("/plugins/io.kestra.core.tasks.log.Log") == api.get(f"/plugins/{LOG}")
    assert api.ask("GET", f"/plugins/{LOG}ger").status_code == 404
    assert api.get(f"/plugins/{LOG}/versions") == {"type": LOG, "versions": []}
    assert api.get(f"/plugins/{LOG}/versions/2.0.0") == api.get(f"/plugins/{LOG}")


def test_types_are_listed_by_family(api: Api) -> None:
    page = api.get("/plugins")
    (core,) = [group for group in page["results"] if group["name"] == "core"]
    assert page["total"] == len(page["results"])
    assert LOG in [each["cls"] for each in core["tasks"]]
    assert "io.kestra.plugin.core.trigger.Schedule" in [each["cls"] for each in core["triggers"]]
    assert "io.kestra.core.tasks.log.Log" in core["aliases"]
    assert api.get("/plugins/groups/subgroups") == page["results"]


def test_types_of_triggers_are_listed(api: Api) -> None:
    found = {each["type"]: each for each in api.get("/plugins/triggers")["results"]}
    assert found["io.kestra.plugin.core.trigger.Webhook"]["group"] == "core"
    assert LOG not in found


def test_types_of_inputs_are_listed_and_have_pages(api: Api) -> None:
    assert {"type": "DATETIME", "cls": "io.kestra.core.models.flows.input.DateTimeInput"} in api.get("/plugins/inputs")
    properties = api.get("/plugins/inputs/INT")["schema"]["properties"]["properties"]
    assert {"min", "max", "defaults"} <= properties.keys()
    assert "extension" not in properties
    assert api.ask("GET", "/plugins/inputs/COLOUR").status_code == 404


def test_what_all_tasks_have_is_told(api: Api) -> None:
    assert {"id", "type", "retry", "timeout"} <= api.get("/plugins/properties/TASK")["properties"].keys()
