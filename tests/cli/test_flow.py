"""`tiercel flow`: checked without a server, and brought to one."""

import json
from pathlib import Path

import pytest
from tests.api.client import LOG, Api
from tests.cli.commands import Tiercel

GOOD = f"tasks: [{{id: log, type: {LOG}, message: hello}}]\n"
BAD = f"tasks:\n  - id: log\n    type: {LOG}\n    mesage: hello\n"


def write(folder: Path, name: str, namespace: str, body: str = GOOD) -> Path:
    file = folder / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"id: {file.stem}\nnamespace: {namespace}\n{body}")
    return file


def test_a_good_flow_is_said_to_be_good(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, "good", "cli.test")
    assert tiercel("flow", "validate", str(file)) == (0, f"✓ {file}\n", "")


def test_problems_are_told_with_line_column_and_what_to_write(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, "bad", "cli.test", BAD)
    said = tiercel("flow", "validate", str(tmp_path))
    assert said.code == 1
    assert f"  {file}:6:5: " in said.out
    assert "write: message" in said.out


def test_problems_are_told_as_json(tiercel: Tiercel, tmp_path: Path) -> None:
    write(tmp_path, "a", "cli.test")
    write(tmp_path, "b/bad", "cli.test", BAD)
    said = tiercel("flow", "validate", "--json", str(tmp_path))
    found = json.loads(said.out)
    assert (said.code, [each["valid"] for each in found]) == (1, [True, False])
    assert {"code", "message", "line", "column", "path", "severity"} <= found[1]["problems"][0].keys()


def test_nothing_to_check_is_a_mistake(tiercel: Tiercel, tmp_path: Path) -> None:
    assert tiercel("flow", "validate", str(tmp_path)).code == 2


SUITE = (
    "id: one_test\nnamespace: cli.test\nflowId: one\ntestCases: [{id: all, type: io.kestra.core.tests.flow.UnitTest}]\n"
)


@pytest.mark.parametrize("words", [("validate",), ("validate", "--fix"), ("update",)])
def test_files_of_unit_tests_beside_flows_are_left_out_and_named(
    tiercel: Tiercel, api: Api, tmp_path: Path, words: tuple[str, ...]
) -> None:
    flow, tests = write(tmp_path, "one", api.namespace), tmp_path / "one_test.yaml"
    tests.write_text(SUITE)
    said = tiercel("flow", *words, str(tmp_path))
    assert said.code == 0, said
    assert f"- {tests}: unit tests are left out; `tiercel test` runs them\n" in said.err
    assert flow.stem in said.out
    assert tests.read_text() == SUITE


def test_where_there_are_nothing_but_tests_no_flow_is_checked(tiercel: Tiercel, tmp_path: Path) -> None:
    (tmp_path / "one_test.yaml").write_text(SUITE)
    said = tiercel("flow", "validate", str(tmp_path))
    assert (said.code, said.err.splitlines()[-1]) == (2, "there is no flow there")


@pytest.mark.parametrize("command", [("flow", "validate"), ("flow", "create"), ("flow", "update")])
def test_a_file_that_is_not_there_is_one_line(tiercel: Tiercel, tmp_path: Path, command: tuple[str, str]) -> None:
    said = tiercel(*command, str(tmp_path / "nope.yaml"))
    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    assert "nope.yaml" in said.err


def test_flows_are_created_updated_and_exported(tiercel: Tiercel, api: Api, tmp_path: Path) -> None:
    file = write(tmp_path, "one", api.namespace)
    name = f"{api.namespace}.one"
    assert tiercel("flow", "create", str(file)).out == f"✓ {name} revision 1\n"
    again = tiercel("flow", "create", str(file))
    assert (again.code, "already exists" in again.err) == (1, True)
    file.write_text(file.read_text().replace("hello", "bye"))
    assert tiercel("flow", "update", str(file)).out == f"✓ {name} revision 2\n"
    write(tmp_path, "two", f"{api.namespace}.sub")
    assert tiercel("flow", "update", str(tmp_path)).code == 0

    target = tmp_path / "exported"
    said = tiercel("flow", "export", str(target), "--namespace", api.namespace)
    assert said.out == f"2 flows written to {target}\n"
    assert (target / api.namespace / "one.yaml").read_text() == file.read_text()
    assert (target / f"{api.namespace}.sub" / "two.yaml").is_file()


def test_one_refused_flow_does_not_stop_the_others(tiercel: Tiercel, api: Api, tmp_path: Path) -> None:
    write(tmp_path, "a", api.namespace, BAD)
    write(tmp_path, "b", api.namespace)
    said = tiercel("flow", "update", str(tmp_path))
    assert (said.code, said.out) == (1, f"✓ {api.namespace}.b revision 1\n")
    assert "  6:5: " in said.err


def test_no_server_is_one_line_that_says_how_to_start_one(
    tiercel: Tiercel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIERCEL_SERVER", "http://127.0.0.1:1")
    said = tiercel("flow", "create", str(write(tmp_path, "one", "cli.test")))
    assert said.code == 1
    assert "tiercel server standalone" in said.err
    assert "Traceback" not in said.err
