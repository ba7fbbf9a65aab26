"""`tiercel doctor`: what this machine has, and what is missing."""

from pathlib import Path

import pytest
from tests.cli.commands import Tiercel


@pytest.fixture
def machine(tiercel: Tiercel, home: Path, monkeypatch: pytest.MonkeyPatch) -> Tiercel:
    monkeypatch.setenv("TIERCEL_HOME", str(home))
    return tiercel


def test_a_machine_that_has_everything_is_well(machine: Tiercel) -> None:
    said = machine("doctor")
    assert said.code == 0, said.out
    lines = said.out.splitlines()
    assert all(line.startswith("✓ ") for line in lines)
    assert any("types of tasks and triggers" in line for line in lines)
    assert any("server at" in line and "answers" in line for line in lines)


def test_a_server_that_is_not_there_is_told_with_what_to_do(machine: Tiercel) -> None:
    said = machine("doctor", "--server", "http://127.0.0.1:1")
    assert "start one with `tiercel server standalone`, or name another with --server or TIERCEL_SERVER" in said.out


def test_a_configuration_file_that_is_no_yaml_is_named(machine: Tiercel, tmp_path: Path) -> None:
    file = tmp_path / "tiercel.yaml"
    file.write_text("kestra: [")
    said = machine("doctor", "--config", str(file))
    assert said.code != 0
    assert f'in "{file}", line 1' in said.out


def test_a_database_that_is_not_there_is_told(machine: Tiercel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATASOURCES_POSTGRES_URL", "postgresql://tiercel:hidden@127.0.0.1:1/tiercel")
    said = machine("doctor")
    assert said.code == 1
    assert "✘ database postgresql://tiercel@127.0.0.1:1/tiercel" in said.out
    assert "hidden" not in said.out


def test_a_disk_that_is_full_is_told(machine: Tiercel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiercel.cli.doctor.free_share", lambda folder: 0.04)
    said = machine("doctor")
    assert said.code == 1
    assert "below 5%" in said.out


def test_a_configuration_that_cannot_be_read_is_told(machine: Tiercel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KESTRA_CONFIGURATION", "kestra: {queue: {type: kafka}}")
    said = machine("doctor")
    assert said.code != 0
    assert "kafka" in said.out + said.err
