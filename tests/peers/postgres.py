"""A PostgreSQL of Debian's packages that listens on TCP, as databases in the world do. Everybody may log in as anybody."""

import os
import shutil
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.process import a_process, is_open

PROGRAMS = Path("/usr/lib/postgresql")
"""Debian keeps each version in a folder of its own there."""
OWNER = "postgres"
QUICK = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off", "-c", "timezone=UTC")


def programs() -> Path | None:
    """The folder of the newest version's programs; None where the package `postgresql` is not installed."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def a_postgres(folder: Path, *, host: str, port: int) -> Generator[str]:
    """The address of a server while the block lasts; its superuser is `postgres`. Root runs it as that user.

    A second block on the same folder finds the data of the first.
    """
    place = programs()
    if place is None:
        raise FileNotFoundError(f"{PROGRAMS}: the package postgresql is not installed")
    user = OWNER if os.geteuid() == 0 else None
    data = folder / "data"
    if not data.exists():
        _create(place, data, user)
    listen = ["-h", host, "-p", str(port), "-k", str(folder)]
    with a_process(
        [place / "postgres", "-D", data, *listen, *QUICK],
        log=folder / "postgres.log",
        answers=lambda: _is_ready(data) and is_open(host, port),
        user=user,
        ends_by=signal.SIGINT,
    ):
        yield f"postgresql://{OWNER}@{host}:{port}/postgres"


def _is_ready(data: Path) -> bool:
    """Whether the server says that it takes connections; its port is open some time before."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def _create(place: Path, data: Path, user: str | None) -> None:
    if user is not None:
        shutil.chown(data.parent, user)
    command = [place / "initdb", "-D", data, "-A", "trust", "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(command, user=user, group=user, extra_groups=[] if user else None, cwd=data.parent, check=True,
                   capture_output=True)  # fmt: skip
