"""The OpenAPI document: made from the routes, complete, and the one that the UI's types were made from."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tiercel.api.openapi import document


def test_the_ui_has_the_document_of_today(checkout: Path) -> None:
    kept = checkout / "ui" / "openapi.json"
    assert json.loads(kept.read_text()) == json.loads(json.dumps(document())), (
        "run: python -m tiercel.api.openapi > ui/openapi.json"
    )


def test_it_is_printed_without_a_server() -> None:
    printed = subprocess.run([sys.executable, "-m", "tiercel.api.openapi"], capture_output=True, check=True, text=True)
    assert json.loads(printed.stdout) == json.loads(json.dumps(document()))


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for path in document()["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere() -> None:
    whole = document()
    known = {f"#/components/schemas/{name}" for name in whole["components"]["schemas"]}
    assert set(references(whole)) <= known


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for inner in value for found in references(inner)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if "$ref" in value else []
    return own + [found for inner in value.values() for found in references(inner)]
