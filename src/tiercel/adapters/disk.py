"""Where state lies on this machine, and how much room a disk has."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def state_folder(environment: Mapping[str, str]) -> Path:
    """Where state lies on this machine: TIERCEL_HOME; else for root /var/lib/tiercel, for others below their home."""
    named = environment.get("TIERCEL_HOME")
    if named:
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/tiercel")
    base = environment.get("XDG_STATE_HOME") or Path(environment.get("HOME", "~"), ".local/state").expanduser()
    return Path(base, "tiercel").absolute()


def is_writable(folder: Path) -> bool:
    """Whether one may write there, also where the folder has yet to be made."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def free_share(folder: Path) -> float:
    """The free part of the disk that a folder lies on, from 0 to 1."""
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total
