"""`tiercel run --watch`: runs again whenever the file changes, until Ctrl+C between two runs."""

import asyncio
import sys
import time
from pathlib import Path

from tiercel.cli.run_once import Wanted, run_once

LOOK_EVERY = 0.3
"""Seconds. Nobody saves faster than that, and looking at one file costs nothing."""


def run_whenever_changed(wanted: Wanted) -> int:
    """Run now and after each change. The exit code is the last run's."""
    code = asyncio.run(run_once(wanted))
    try:
        while True:
            _wait_for_change(wanted.file)
            code = asyncio.run(run_once(wanted))
    except KeyboardInterrupt:
        return code


def _wait_for_change(file: Path) -> None:
    print(f"waiting for {file} to change; Ctrl+C leaves", file=sys.stderr)
    seen = _version(file)
    while _version(file) in (seen, None):
        time.sleep(LOOK_EVERY)


def _version(file: Path) -> tuple[int, int] | None:
    """What changes with every save; None while an editor has the file away."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size
