"""What workers that are gone have left on this machine: processes are ended, folders removed. The living keep theirs."""

import asyncio
import logging
import time
from pathlib import Path

from tiercel.sdk.processes import ProcessGroup
from tiercel.services.run_folders import NEW, RUNS, WORK, delete, has_owner

GRACE_SECONDS = 10.0
_NEW_SECONDS = 3600
"""A folder is being made for some moments only, unless its worker died meanwhile."""
_log = logging.getLogger(__name__)


async def clear_leftovers(base: Path, *, grace: float = GRACE_SECONDS) -> None:
    """Before anything new is run here: a job that comes again must not meet itself."""
    await asyncio.gather(*(_clear(folder, grace) for folder in _ownerless(base / RUNS)))


def _ownerless(runs: Path) -> list[Path]:
    return [folder for folder in runs.iterdir() if not _is_owned(folder)] if runs.exists() else []


def _is_owned(folder: Path) -> bool:
    if folder.name.startswith(NEW):
        return time.time() - folder.stat().st_mtime < _NEW_SECONDS
    return has_owner(folder)


async def _clear(folder: Path, grace: float) -> None:
    processes = ProcessGroup.read(folder / WORK)
    if processes is not None and processes.is_there():
        _log.warning("the worker of task run %s is gone: its processes are ended", folder.name)
        await processes.end(grace=grace)
    await asyncio.to_thread(delete, folder)
