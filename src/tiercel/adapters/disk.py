"""How much room a disk has."""

import shutil
from pathlib import Path


def free_share(folder: Path) -> float:
    """The free part of the disk that a folder lies on, from 0 to 1."""
    usage = shutil.disk_usage(folder)
    return usage.free / usage.total
