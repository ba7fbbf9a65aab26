"""What holds for every installed type, whichever distribution brings it: name, example, explanations, schema."""

from textwrap import dedent

import pytest

from tiercel.definition import check, read
from tiercel.definition.walk import entries, tasks
from tiercel.model.flowable import FLOWABLES
from tiercel.plugins import TYPES
from tiercel.sdk import Plugin
from tiercel.sdk.docs import meanings
from tiercel.services.catalog import PluginCatalog

CATALOG = PluginCatalog.installed()
NAMES = [name for name in CATALOG.names() if name not in FLOWABLES]
BUILT_IN = [name for name in NAMES if name in TYPES]


def plugin(name: str) -> type[Plugin]:
    return CATALOG.plugin(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_class_bears_the_name_it_is_found_by(name: str) -> None:
    assert plugin(name).type_name == name


@pytest.mark.parametrize("name", NAMES)
def test_the_example_is_a_flow_without_problems_that_shows_the_type(name: str) -> None:
    reading = read(dedent(plugin(name).example))
    assert [str(problem) for problem in check(reading, CATALOG)] == []
    assert reading.document is not None
    assert name in {item.data["type"] for item in (*tasks(reading.document), *entries(reading.document, "triggers"))}


@pytest.mark.parametrize("name", BUILT_IN)
def test_type_and_properties_are_explained(name: str) -> None:
    found = plugin(name)
    assert (found.__doc__ or "").strip().split("\n\n")[0].endswith(".")
    explained = meanings(found)
    assert [field for field in found.model_fields if not explained.get(field)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_named_as_the_type_ends(name: str) -> None:
    module = plugin(name).__module__.rsplit(".", 1)[-1].replace("_", "")
    assert module == name.rsplit(".", 1)[-1].lower()


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_can_be_made(name: str) -> None:
    assert CATALOG.schema(name)["type"] == "object"
