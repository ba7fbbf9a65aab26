"""Where state lies on a machine, and whether one may write there."""

from pathlib import Path

import pytest

from tiercel.adapters.disk import is_writable, state_folder


def test_the_state_folder_is_the_one_that_was_named(tmp_path: Path) -> None:
    assert state_folder({"TIERCEL_HOME": str(tmp_path)}) == tmp_path


def test_state_lies_below_the_home_of_an_ordinary_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert state_folder({"HOME": str(tmp_path)}) == tmp_path / ".local/state/tiercel"
    assert state_folder({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "tiercel"


def test_a_folder_that_has_yet_to_be_made_is_writable_where_one_above_it_is(tmp_path: Path) -> None:
    assert is_writable(tmp_path / "not" / "there")
    (tmp_path / "file").touch()
    assert not is_writable(tmp_path / "file" / "below")
