"""`tiercel flow schema`: the schema of a kind, printed or written to a file."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator
from tests.cli.commands import Tiercel


def test_the_schema_of_flows_is_printed(tiercel: Tiercel) -> None:
    said = tiercel("flow", "schema")
    assert said.code == 0
    Draft202012Validator.check_schema(json.loads(said.out))


def test_the_schema_of_a_part_is_written_to_a_file(tiercel: Tiercel, tmp_path: Path) -> None:
    file = tmp_path / "input.json"
    said = tiercel("flow", "schema", "--kind", "input", "-o", str(file))
    assert (said.code, said.out) == (0, f"✓ {file}\n")
    assert Draft202012Validator(json.loads(file.read_text())).is_valid({"id": "a", "type": "STRING"})


def test_a_file_that_cannot_be_written_is_told(tiercel: Tiercel, tmp_path: Path) -> None:
    said = tiercel("flow", "schema", "--output", str(tmp_path / "missing" / "flow.json"))
    assert said.code == 2
    assert "missing" in said.err
