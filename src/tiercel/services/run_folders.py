"""The folders of one run on a worker, with a sign of their owner: what nobody owns is a leftover (see `leftovers`).

The sign is a lock that ends with the process that holds it, however that process ends.
"""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

RUNS, WORK = "runs", "work"
NEW = "."
"""Begins the name of a folder whose owner's sign is not in it yet."""
STATE = "state"
_PRIVATE, _OWNER = "private", "owner"


class RunFolders:
    """The folders of one run, made at first use, and the folder that all runs of a machine share."""

    def __init__(self, base: Path, *, name: str, state: Path | None = None, shared: "RunFolders | None" = None) -> None:
        self._base = base
        self._state = state or base / STATE
        self._name = name
        self._shared = shared
        """Those of the WorkingDirectory that the run is part of: the task's own folder is that one's."""
        self._folder: Path | None = None
        self._owner: int | None = None

    @property
    def are_there(self) -> bool:
        """Whether there is something to remove."""
        return self._folder is not None

    @property
    def working_dir(self) -> Path:
        """The task's own."""
        return self._made(WORK) if self._shared is None else self._shared.working_dir

    @property
    def private_dir(self) -> Path:
        """The worker's own, beside it: the task need not see it."""
        return self._made(_PRIVATE)

    @property
    def state_dir(self) -> Path:
        self._state.mkdir(parents=True, exist_ok=True)
        return self._state

    def remove(self) -> None:
        """Delete the folders of the run; files that resist stay for the next start to remove."""
        if self._folder is not None:
            delete(self._folder)
        if self._owner is not None:
            os.close(self._owner)
        self._folder = self._owner = None

    def _made(self, name: str) -> Path:
        if self._folder is None:
            self._folder = self._owned()
        folder = self._folder / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _owned(self) -> Path:
        """A new folder. It gets its name when its owner's sign is in it."""
        runs = self._base / RUNS
        runs.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=f"{NEW}{self._name}-", dir=runs))
        self._owner = os.open(new / _OWNER, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._owner, fcntl.LOCK_EX)
        return new.rename(runs / new.name.removeprefix(NEW))


def has_owner(folder: Path) -> bool:
    """Whether a living worker runs what lies in the folder."""
    try:
        descriptor = os.open(folder / _OWNER, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def delete(folder: Path) -> None:
    """Also folders that a task has made read-only."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for parent, _, _ in os.walk(folder):
            os.chmod(parent, 0o700)
        shutil.rmtree(folder, ignore_errors=True)
