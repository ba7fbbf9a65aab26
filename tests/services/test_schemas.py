"""What is known of types, installed or not."""

from functools import cache

from tiercel.services.catalog import PluginCatalog
from tiercel.services.schemas import PluginSchemas

LOG = "io.kestra.plugin.core.log.Log"
UPLOAD = "io.kestra.plugin.aws.s3.Upload"


@cache
def schemas() -> PluginSchemas:
    return PluginSchemas(PluginCatalog.installed())


def test_types_are_listed_by_kind_and_those_that_are_missing_apart() -> None:
    assert LOG in schemas().names("task")
    assert "io.kestra.plugin.core.flow.If" in schemas().names("task")
    assert LOG not in schemas().names("trigger")
    assert UPLOAD in schemas().other_names("task")
    assert not set(schemas().names("task")) & set(schemas().other_names("task"))


def test_a_type_is_found_by_each_of_its_names() -> None:
    assert schemas().resolve("core.log.Log") == LOG
    assert schemas().resolve("io.kestra.core.tasks.log.Log") == LOG
    assert schemas().resolve("aws.s3.Upload") == UPLOAD
    assert schemas().resolve("io.kestra.core.models.conditions.types.WeekendCondition") == (
        "io.kestra.plugin.core.condition.Weekend"
    )
    assert schemas().resolve("core.log.Lug") is None


def test_a_type_that_is_not_installed_has_the_properties_that_are_known_of_it() -> None:
    schema = schemas().schema(UPLOAD)
    assert {"bucket", "key"} <= schema["properties"].keys()
    assert not schemas().is_installed(UPLOAD)


def test_what_a_task_gives_is_told_with_its_meaning() -> None:
    given = schemas().outputs("core.http.Request")["properties"]
    assert given["code"]["description"]
    assert given["code"]["type"] == "integer"
    assert set(schemas().outputs("core.flow.Subflow")["properties"]) == {"executionId", "state", "outputs"}
    assert schemas().outputs(UPLOAD) == {}


def test_the_example_of_a_type_is_one_that_its_schema_takes() -> None:
    (example, *_) = schemas().schema(LOG)["examples"]
    assert example["type"] == LOG
    assert example["message"]


def test_a_schema_that_was_handed_out_may_be_changed() -> None:
    schemas().schema(LOG).pop("properties")
    assert "properties" in schemas().schema(LOG)
