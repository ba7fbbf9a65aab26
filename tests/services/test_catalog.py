"""The catalog finds types by name, checks their properties, and says what is wrong in a way that helps."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.services.tasks import PREFIX, a_catalog

from tiercel.model.flow import Trigger
from tiercel.model.task import Task
from tiercel.plugins import TYPES
from tiercel.services.catalog import BrokenPlugin, PluginCatalog, UnknownType
from tiercel.services.families import EXTRAS

LOG = "io.kestra.plugin.core.log.Log"


@pytest.fixture(scope="module")
def catalog() -> PluginCatalog:
    return PluginCatalog.installed()


def test_a_type_is_found_by_full_short_and_old_name(catalog: PluginCatalog) -> None:
    for name in (LOG, "core.log.Log", "io.kestra.core.tasks.log.Log"):
        assert catalog.resolve(name) == LOG
        assert catalog.plugin(name).type_name == LOG


def test_types_of_the_engine_are_known_without_a_class(catalog: PluginCatalog) -> None:
    assert catalog.resolve("core.flow.Parallel") == "io.kestra.plugin.core.flow.Parallel"
    assert catalog.resolve("io.kestra.core.tasks.flows.Flow") == "io.kestra.plugin.core.flow.Subflow"
    assert catalog.kind("core.flow.Parallel") == "task"
    assert not catalog.is_instant("core.flow.Parallel")
    with pytest.raises(UnknownType, match="decided by the engine"):
        catalog.plugin("core.flow.Parallel")


def test_every_installed_distribution_could_be_read(catalog: PluginCatalog) -> None:
    assert catalog.broken == {}


def test_an_unknown_type_brings_suggestions(catalog: PluginCatalog) -> None:
    assert catalog.suggestions("io.kestra.plugin.core.log.Logg")[0] == LOG
    assert LOG in catalog.suggestions("core.logs.Log")
    with pytest.raises(UnknownType, match=r"did you mean io\.kestra\.plugin\.core\.log\.Log"):
        catalog.plugin("core.log.Logg")


def test_a_type_that_is_not_here_but_known_is_named_as_such() -> None:
    catalog = PluginCatalog({})
    extra = "known plugin type, not installed: pip install 'tiercel[gcp]'"
    assert catalog.missing_extra("io.kestra.plugin.gcp.bigquery.Load") == extra
    assert catalog.missing_extra("gcp.bigquery.Load") == extra
    none_yet = "known plugin type, but no plugin of Tiercel brings it yet"
    assert catalog.missing_extra("io.kestra.plugin.gcp.bigquery.Copy") == none_yet
    assert catalog.missing_extra("io.kestra.core.tasks.storages.PurgeExecution") in (none_yet, None)
    assert (
        catalog.missing_extra("io.kestra.plugin.slack.Message") == "no plugin of Tiercel brings the family `slack` yet"
    )
    assert catalog.missing_extra("io.acme.Thing") is None


def test_a_typing_error_in_the_name_of_a_known_type_is_a_typing_error() -> None:
    catalog = PluginCatalog({})
    assert catalog.missing_extra("io.kestra.plugin.gcp.bigquery.Lode") is None
    assert catalog.suggestions("io.kestra.plugin.gcp.bigquery.Lode")[0] == "io.kestra.plugin.gcp.bigquery.Load"


def test_a_word_alone_is_found_and_an_unlike_name_brings_nothing_to_mind(catalog: PluginCatalog) -> None:
    assert catalog.suggestions("Log") == [LOG]
    assert catalog.suggestions("io.acme.Log") == []


def test_what_an_extra_brings_is_what_its_distribution_has() -> None:
    for extra, brought in EXTRAS.items():
        types = import_module(f"tiercel_{extra}").TYPES
        present = {name.removeprefix("io.kestra.plugin.") for name, target in types.items() if ":" in target}
        assert set(brought) <= present


def test_properties_of_a_type_that_is_not_installed_are_checked_by_what_is_known() -> None:
    written = {"sql": ["SELECT 1"], "fetchType": "FECH", "fetchSize": "many", "ssll": True, "ssl": "{{ inputs.ssl }}"}
    problems = PluginCatalog({}).problems("io.kestra.plugin.jdbc.postgresql.Query", written)
    assert {problem.path: (problem.kind, problem.suggestion) for problem in problems} == {
        ("url",): ("missing", None),
        ("sql",): ("invalid", None),
        ("fetchType",): ("invalid", "FETCH"),
        ("fetchSize",): ("invalid", None),
        ("ssll",): ("unknown", "ssl"),
    }


def test_conditions_are_known_by_all_their_names(catalog: PluginCatalog) -> None:
    assert catalog.kind("core.condition.Weekend") == "condition"
    assert catalog.resolve("io.kestra.core.models.conditions.types.VariableCondition") == (
        "io.kestra.plugin.core.condition.Expression"
    )
    assert "io.kestra.plugin.core.condition.Weekend" not in catalog.names()
    with pytest.raises(UnknownType, match="decided by the engine"):
        catalog.plugin("core.condition.Weekend")


def test_a_broken_class_is_named_with_its_reason_and_hinders_no_other() -> None:
    catalog = PluginCatalog({"io.acme.Broken": "no_such_module:Broken"})
    with pytest.raises(BrokenPlugin, match="no_such_module"):
        catalog.plugin("io.acme.Broken")
    (problem,) = catalog.problems("io.acme.Broken", {"a": 1})
    assert problem.path == ("type",)
    assert "no_such_module" in problem.message
    assert "no_such_module" in catalog.schema("io.acme.Broken")["description"]
    assert catalog.kind("io.acme.Broken") is None


def test_kinds(catalog: PluginCatalog) -> None:
    assert catalog.kind(LOG) == "task"
    assert catalog.kind("core.trigger.Schedule") == "trigger"
    assert catalog.kind("nothing.Here") is None


def test_only_built_in_tasks_run_inside_the_executor(catalog: PluginCatalog) -> None:
    assert catalog.is_instant(LOG)
    assert not catalog.is_instant("core.http.Request")
    foreign = PluginCatalog({PREFIX + "Everything": "tests.services.tasks:Everything"})
    assert not foreign.is_instant(PREFIX + "Everything")
    assert a_catalog().is_instant(PREFIX + "Everything")


def test_what_a_task_gives_is_known_unless_it_depends_on_what_the_task_does(catalog: PluginCatalog) -> None:
    assert catalog.outputs("core.debug.Return") == ("value",)
    assert catalog.outputs("core.templating.TemplatedTask") is None


def test_right_properties_have_no_problems(catalog: PluginCatalog) -> None:
    assert catalog.problems(LOG, {"message": "hello", "level": "WARN"}) == []


def test_missing_unknown_and_invalid_properties_are_found_all_at_once(catalog: PluginCatalog) -> None:
    problems = catalog.problems(LOG, {"level": "LOUD", "mesage": "x"})
    found = {problem.path: (problem.kind, problem.suggestion) for problem in problems}
    assert found == {
        ("message",): ("missing", None),
        ("level",): ("invalid", None),
        ("mesage",): ("unknown", "message"),
    }
    assert "one of TRACE, DEBUG, INFO, WARN, ERROR" in next(p.message for p in problems if p.path == ("level",))


def test_a_value_that_is_never_rendered_is_not_trusted_for_its_expression(catalog: PluginCatalog) -> None:
    for interval, wrong in (("PT5M", 0), (60, 0), ("{{ vars.pace }}", 1), ("often", 1)):
        found = catalog.problems("core.http.Trigger", {"uri": "{{ vars.address }}", "interval": interval})
        assert [problem.path for problem in found] == [("interval",)] * wrong


@pytest.mark.parametrize(
    "name", ["cron", "timezone", "withSeconds", "lateMaximumDelay", "overlap", "recoverMissedSchedules"]
)
def test_dates_are_known_before_there_is_anything_to_render(catalog: PluginCatalog, name: str) -> None:
    properties = {"cron": "0 9 * * *", name: "{{ vars.x }}"}
    assert [problem.path[0] for problem in catalog.problems("core.trigger.Schedule", properties)] == [name]


def test_values_that_hold_an_expression_are_trusted(catalog: PluginCatalog) -> None:
    assert catalog.problems(LOG, {"message": "x", "level": "{{ inputs.level }}"}) == []
    assert catalog.problems("core.http.Request", {"uri": "x", "options": {"timeout": "{{ inputs.t }}"}}) == []
    kinds = [p.path for p in catalog.problems("core.http.Request", {"uri": "{{ x }}", "method": "GET IT"})]
    assert kinds == [("method",)]


def test_a_deprecated_property_is_named_with_what_to_write(catalog: PluginCatalog) -> None:
    (problem,) = catalog.problems("core.http.Request", {"uri": "x", "allowFailed": True})
    assert (problem.kind, problem.path) == ("deprecated", ("allowFailed",))
    assert "options.allowFailed" in problem.message


def test_a_class_says_the_words_of_the_original_beside_its_own(catalog: PluginCatalog) -> None:
    (problem,) = catalog.problems("core.trigger.Schedule", {"cron": "61 * * * *"})
    assert problem.path == ("cron",)
    assert problem.legacy is not None
    assert problem.legacy.startswith("invalid cron expression '61 * * * *'")


def test_a_schema_names_the_properties_as_flows_do(catalog: PluginCatalog) -> None:
    schema = catalog.schema("core.http.Download")
    assert "failOnEmptyResponse" in schema["properties"]
    assert schema["required"] == ["uri"]
    assert schema["properties"]["saveAs"]["description"].startswith("The file's name")


def test_finding_types_imports_no_class() -> None:
    code = (
        "import sys; from tiercel.services.catalog import PluginCatalog; c = PluginCatalog.installed();"
        "c.resolve('core.log.Log'); c.names(); c.suggestions('core.log.Logg');"
        "print([m for m in sys.modules if m.startswith(('tiercel.plugins.', 'tiercel_gcp.', 'httpx2'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_properties_of_the_flows_of_the_documentation_are_accepted(catalog: PluginCatalog, shared: Path) -> None:
    refused = {
        (file.name, one["type"], problem.path)
        for file in shared.glob("conformance/flows/docs/*.yaml")
        for one in _built_in(yaml.load(file.read_text(), yaml.CSafeLoader), catalog)
        for problem in catalog.problems(one["type"], _own(one, catalog))
        if problem.kind not in ("deprecated", "missing")  # plugin defaults of the flow may give what is missing
    }
    assert refused == set()


def _own(one: dict[str, Any], catalog: PluginCatalog) -> dict[str, Any]:
    """The properties of the type itself: the server knows the others."""
    fields = (Task if catalog.kind(one["type"]) == "task" else Trigger).model_fields
    return {name: one[name] for name in one.keys() - {field.alias for field in fields.values()} - {"when"}}


def _built_in(node: Any, catalog: PluginCatalog) -> Iterator[dict[str, Any]]:
    """Tasks and triggers of built-in types, wherever they stand."""
    if isinstance(node, dict):
        if catalog.resolve(str(node.get("type"))) in TYPES and "id" in node:
            yield node
        for item in node.values():
            yield from _built_in(item, catalog)
    elif isinstance(node, list):
        for item in node:
            yield from _built_in(item, catalog)
