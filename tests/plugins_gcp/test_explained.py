"""Every property of the types of Google Cloud has its meaning beneath it: forms, schema and reference are made of them."""

import pytest

from tiercel.sdk.docs import meanings
from tiercel.services.catalog import PluginCatalog
from tiercel_gcp import TYPES

CATALOG = PluginCatalog(TYPES)


@pytest.mark.parametrize("name", TYPES)
def test_every_property_is_explained(name: str) -> None:
    plugin = CATALOG.plugin(name)
    explained = meanings(plugin)
    assert [field for field in plugin.model_fields if not explained.get(field)] == []


@pytest.mark.parametrize("name", TYPES)
def test_every_property_of_the_catalogue_is_there(name: str, shared: object) -> None:
    import json
    from pathlib import Path

    catalogue = json.loads((Path(str(shared)) / "catalogue/catalogue.json").read_text())
    known = {field.alias or field_name for field_name, field in CATALOG.plugin(name).model_fields.items()}
    (entry,) = [entry for entry in catalogue["types"] if entry["type"] == name]
    assert {item["name"] for item in entry["properties"]} - known == set()
