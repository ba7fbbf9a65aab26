"""`tiercel flow validate --fix`, `format` and what they share: files, folders, standard input, diffs, exit codes."""

import io
import json
import sys
from pathlib import Path

import pytest
from tests.api.client import LOG
from tests.cli.commands import Tiercel

GOOD = f"id: one\nnamespace: cli.test\ntasks:\n  - id: log\n    type: {LOG}\n    message: hello  # says it\n"
WRONG = GOOD.replace("message", "mesage")
LOOSE = GOOD.replace("id: one\nnamespace: cli.test\n", 'namespace: "cli.test"\nid: one\n')


def write(folder: Path, text: str, name: str = "one.yaml") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return file


@pytest.fixture
def typed_in(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """What stands on standard input."""
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    return stream


def test_what_is_certain_is_mended_and_shown(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, WRONG)
    said = tiercel("flow", "validate", "--fix", str(file))
    assert (said.code, file.read_text()) == (0, GOOD)
    assert "-    mesage: hello  # says it\n+    message: hello  # says it\n" in said.out
    assert f"✓ {file}\n" in said.out
    assert tiercel("flow", "validate", "--fix", str(file)).out == f"✓ {file}\n"


def test_a_file_that_is_no_text_is_named(tiercel: Tiercel, tmp_path: Path) -> None:
    file = tmp_path / "picture.yaml"
    file.write_bytes(b"\xff\xd8")
    said = tiercel("flow", "validate", str(tmp_path))
    assert (said.code, said.err) == (2, f"{file}: this is no text in UTF-8: invalid start byte at byte 0\n")


def test_what_cannot_be_mended_is_still_wrong(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, WRONG.replace("id: one", "id: '!'"))
    said = tiercel("flow", "validate", "--fix", "--json", str(file))
    [told] = json.loads(said.out)
    assert (said.code, told["valid"], [each["fix"] for each in told["fixed"]]) == (1, False, ["message"])


def test_each_flow_of_a_file_is_mended_and_what_divides_them_stays(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, f"---\n{WRONG}--- # the second\n{WRONG}".replace("\n", "\r\n"))
    assert tiercel("flow", "validate", "--fix", str(tmp_path)).code == 0
    assert file.read_bytes().decode() == f"---\n{GOOD}--- # the second\n{GOOD}".replace("\n", "\r\n")


def test_problems_of_a_second_flow_stand_in_their_lines_of_the_file(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, f"# a licence\n---\n{GOOD}---\n{WRONG}")
    said = tiercel("flow", "validate", str(file))
    assert said.out.startswith(f"✓ {file}\n✘ {file}\n  {file}:15:5: ")
    assert file.read_text().splitlines()[14] == "    mesage: hello  # says it"
    [told] = json.loads(tiercel("flow", "validate", "--fix", "--json", str(file)).out)[1]["fixed"]
    assert (told["line"], told["endLine"]) == (15, 15)


def test_old_words_of_a_second_flow_stand_in_their_lines_of_the_file(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, f"{GOOD}---\n{GOOD}taskDefaults: []\n")
    assert f"  {file}:14: `taskDefaults`: until 1.x\n" in tiercel("flow", "migrate", str(file)).out


def test_an_empty_file_is_told_as_such(tiercel: Tiercel, tmp_path: Path) -> None:
    said = tiercel("flow", "validate", str(write(tmp_path, "# later\n")))
    assert (said.code, "there is nothing here" in said.out) == (1, True)


def test_standard_input_is_mended_to_standard_output(tiercel: Tiercel, typed_in: io.BytesIO) -> None:
    typed_in.write(WRONG.encode())
    typed_in.seek(0)
    said = tiercel("flow", "validate", "--fix", "-")
    assert (said.code, said.out) == (0, GOOD)
    assert "✓ -" in said.err


def test_files_are_laid_out(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, LOOSE)
    said = tiercel("flow", "format", str(tmp_path))
    assert (said.code, said.out, file.read_text()) == (0, f"laid out: {file}\n", GOOD)
    assert tiercel("flow", "format", str(tmp_path)) == (0, "", "")


def test_checking_the_layout_writes_nothing(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, LOOSE)
    said = tiercel("flow", "format", "--check", str(file))
    assert (said.code, said.out, file.read_text()) == (1, f"would be laid out: {file}\n", LOOSE)
    told = json.loads(tiercel("flow", "format", "--check", "--json", str(file)).out)
    assert told == [{"file": str(file), "changed": True, "problems": []}]


def test_the_layout_is_shown_as_a_diff(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, LOOSE)
    said = tiercel("flow", "format", "--diff", str(file))
    assert (said.code, file.read_text()) == (0, LOOSE)
    assert said.out.startswith(f"--- {file}\n+++ {file}\n@@")
    assert '-namespace: "cli.test"\n' in said.out


def test_standard_input_is_laid_out_to_standard_output(tiercel: Tiercel, typed_in: io.BytesIO) -> None:
    typed_in.write(LOOSE.encode())
    typed_in.seek(0)
    assert tiercel("flow", "format", "-") == (0, GOOD, "")


def test_a_file_that_is_no_flow_stays_and_is_told(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, "id: [\n")
    said = tiercel("flow", "format", str(file))
    assert (said.code, file.read_text()) == (1, "id: [\n")
    assert said.err.startswith(f"✘ {file}:")


@pytest.mark.parametrize("command", ["validate", "format"])
def test_what_cannot_be_read_is_one_line(tiercel: Tiercel, tmp_path: Path, command: str) -> None:
    write(tmp_path, "", "bad.yaml").write_bytes(b"\xff\xfe")
    said = tiercel("flow", command, str(tmp_path))
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert tiercel("flow", command, str(tmp_path / "nope.yaml")).code == 2
    (tmp_path / "bad.yaml").unlink()
    assert tiercel("flow", command, str(tmp_path)).code == 2


def test_colours_are_for_terminals(tiercel: Tiercel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, LOOSE)
    assert "\x1b[" not in tiercel("flow", "format", "--diff", str(file)).out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "\x1b[32m+" in tiercel("flow", "format", "--diff", str(file)).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in tiercel("flow", "format", "--diff", str(file)).out


OLD = GOOD.replace("    message: hello", "    runIf: 'true'\n    message: hello").replace(
    LOG, "io.kestra.core.tasks.log.Log"
)
NEW = GOOD.replace("    message: hello", "    when: 'true'\n    message: hello")


def test_a_migration_is_shown_before_it_is_written(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, OLD)
    said = tiercel("flow", "migrate", str(file))
    assert (said.code, file.read_text()) == (0, OLD)
    assert said.out.startswith(f"{file}: written for 1.x or earlier\n  {file}:5: the type io.kestra.core.tasks.log.Log")
    assert "-    runIf: 'true'\n" in said.out
    assert "+    when: 'true'\n" in said.out

    assert tiercel("flow", "migrate", "--to", "2.0", "--write", str(tmp_path)).code == 0
    assert file.read_text() == NEW
    again = tiercel("flow", "migrate", str(file))
    assert (
        again.out == f"{file}: written for 2.0 or later\n  {file}:6: `when`: since 2.0\n  nothing to change for 2.0\n"
    )


def test_what_is_left_of_a_migration_is_told_with_its_line(tiercel: Tiercel, tmp_path: Path) -> None:
    file = write(tmp_path, GOOD + "  - {id: toggle, type: io.kestra.plugin.core.trigger.Toggle, trigger: x}\n")
    said = tiercel("flow", "migrate", str(file))
    assert (said.code, f"  by hand: {file}:7: `toggle`" in said.out) == (1, True)
    [told] = json.loads(tiercel("flow", "migrate", "--json", str(file)).out)
    assert [(each["line"], each["message"][:8]) for each in told["flows"][0]["byHand"]] == [(7, "`toggle`")]
    assert (told["changed"], told["flows"][0]["until"]) == (False, "1.x")


def test_standard_input_is_migrated_to_standard_output(tiercel: Tiercel, typed_in: io.BytesIO) -> None:
    typed_in.write(OLD.encode())
    typed_in.seek(0)
    said = tiercel("flow", "migrate", "--write", "-")
    assert (said.code, said.out) == (0, NEW)
    assert "+    when: 'true'" in said.err
