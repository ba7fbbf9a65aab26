"""Python environments of servers that come from the package index: built once by uv, kept for all checkouts of a user.

They are apart from ours, since what such a server pins would clash with what we pin.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import uv

CHECKOUT = Path(__file__).parents[2]


class CannotBeHad(Exception):
    """The packages of a peer could not be installed: no index can be reached, or it does not have them."""


def cache() -> Path:
    """Where environments are kept: TIERCEL_PEERS, else the user's cache."""
    named = os.environ.get("TIERCEL_PEERS")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named) if named else base / "tiercel" / "peers"


def environment(name: str, requirements: Sequence[str]) -> Path:
    """The folder of an environment that holds these packages. Raises CannotBeHad."""
    digest = blake2b("\n".join([sys.version, *requirements]).encode(), digest_size=6).hexdigest()
    folder = cache() / f"{name}-{digest}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _uv("venv", "--python", sys.executable, str(folder))
            _uv("pip", "install", "--compile-bytecode", "--python", str(folder / "bin/python"), *requirements)
            (folder / "complete").touch()
    return folder


def _uv(*arguments: str) -> None:
    done = subprocess.run(
        [uv.find_uv_bin(), *arguments, "--quiet"],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise CannotBeHad(done.stderr.strip())


def _environment() -> dict[str, str]:
    """uv reads no configuration of pip's, and trusts the machine's certificates only when told to."""
    known = {**os.environ, "UV_SYSTEM_CERTS": "1"}
    known.pop("PYTHONDONTWRITEBYTECODE", None)
    known.pop("VIRTUAL_ENV", None)
    found = subprocess.run(["sh", "scripts/find-index.sh"], cwd=CHECKOUT, capture_output=True, text=True).stdout.strip()
    return known if not found or "UV_DEFAULT_INDEX" in known else {**known, "UV_DEFAULT_INDEX": found}
