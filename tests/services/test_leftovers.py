"""What workers that are gone have left: processes end, folders go; the living keep theirs."""

import os
import subprocess
from pathlib import Path

import pytest

from tiercel.sdk.processes import MARKER, PRIVATE, ProcessGroup
from tiercel.services.leftovers import clear_leftovers
from tiercel.services.run_folders import RunFolders


def a_run(base: Path, name: str = "run-1") -> RunFolders:
    folders = RunFolders(base, name=name)
    (folders.working_dir / PRIVATE).mkdir()
    return folders


def lose_owner(folders: RunFolders) -> None:
    """As when the process that holds the sign is gone."""
    assert folders._owner is not None  # pyright: ignore[reportPrivateUsage]
    os.close(folders._owner)  # pyright: ignore[reportPrivateUsage]


async def test_a_run_of_the_living_stays(tmp_path: Path) -> None:
    folders = a_run(tmp_path)
    await clear_leftovers(tmp_path)
    assert folders.working_dir.exists()
    folders.remove()


async def test_a_folder_without_owner_goes(tmp_path: Path) -> None:
    folders = a_run(tmp_path)
    (folders.working_dir / "sub").mkdir()
    (folders.working_dir / "sub" / "file").touch()
    (folders.working_dir / "sub").chmod(0o500)
    lose_owner(folders)
    await clear_leftovers(tmp_path)
    assert list((tmp_path / "runs").iterdir()) == []


async def test_two_runs_of_one_job_have_a_folder_each(tmp_path: Path) -> None:
    first, second = a_run(tmp_path), a_run(tmp_path)
    assert first.working_dir != second.working_dir
    first.remove()
    assert second.working_dir.exists()
    second.remove()
    assert not second.are_there


def started(script: str, mark: str, then: str = "while :; do sleep 0.05; done") -> "subprocess.Popen[bytes]":
    """A process of its own group, once it has said that it is up."""
    process = subprocess.Popen(
        ["sh", "-c", f"{script}echo up; {then}"],
        start_new_session=True,
        env={"PATH": os.defpath, MARKER: mark},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return process


def end_of(process: "subprocess.Popen[bytes]") -> int:
    with process:
        return process.wait(10)


@pytest.mark.parametrize("deaf", ["", "trap '' TERM; "])
async def test_processes_without_owner_are_ended(tmp_path: Path, deaf: str) -> None:
    folders, process = a_run(tmp_path), started(deaf, "mark-1")
    ProcessGroup(leader=process.pid, mark="mark-1").write(folders.working_dir)
    lose_owner(folders)
    await clear_leftovers(tmp_path, grace=0.3)
    assert end_of(process) == (-9 if deaf else -15)
    assert list((tmp_path / "runs").iterdir()) == []


async def test_a_process_that_has_no_children_is_ended_too(tmp_path: Path) -> None:
    folders, process = a_run(tmp_path), started("", "mark-3", then="exec sleep 600")
    ProcessGroup(leader=process.pid, mark="mark-3").write(folders.working_dir)
    lose_owner(folders)
    await clear_leftovers(tmp_path, grace=5)
    assert end_of(process) == -15


async def test_a_process_of_another_is_not_ended_though_its_id_is_on_record(tmp_path: Path) -> None:
    """Ids are given again: only who carries the mark is meant."""
    folders, process = a_run(tmp_path), started("", "mark-of-another")
    ProcessGroup(leader=process.pid, mark="mark-2").write(folders.working_dir)
    lose_owner(folders)
    await clear_leftovers(tmp_path, grace=0.1)
    assert process.poll() is None
    process.kill()
    assert end_of(process) == -9


async def test_a_folder_that_is_being_made_stays(tmp_path: Path) -> None:
    new, old = tmp_path / "runs" / ".new", tmp_path / "runs" / ".old"
    new.mkdir(parents=True)
    old.mkdir()
    os.utime(old, (0, 0))
    await clear_leftovers(tmp_path)
    assert [new.exists(), old.exists()] == [True, False]


async def test_a_record_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    folders = a_run(tmp_path)
    (folders.working_dir / PRIVATE / "process.json").write_text("{")
    lose_owner(folders)
    await clear_leftovers(tmp_path)
    assert list((tmp_path / "runs").iterdir()) == []
