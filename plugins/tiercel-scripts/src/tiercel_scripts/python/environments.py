"""Python environments of scripts: made by uv, named by their content, shared by all tasks of the machine.

One is built once, under a lock, and compiled to byte code: without, `import pandas` takes seconds at every start.
"""

import asyncio
import fcntl
import hashlib
import os
import re
import shutil
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from tiercel.sdk import RunContext, TaskFailed
from tiercel_scripts.python.names import NAMES
from tiercel_scripts.python.package_index import uv_environment

DATA_PACKAGES = ("pandas", "numpy", "pyarrow", "polars", "duckdb", "requests", "boto3", "kestra")
"""The environment of scripts that name none: what data work needs."""

READY = ".tiercel-ready"
"""Put in last. Built where it stays: programs of an environment know their place, and would lose it by a move."""
LOCK_SECONDS = 0.2
LONGEST_LINE = 1024 * 1024
_UNREACHABLE = re.compile(r"cause: (dns error|tcp connect error|client error \(Connect\)|operation timed out)")
_NO_PYTHON = re.compile("No interpreter found|Failed to inspect Python|Invalid version request")
_TOLD_LINES = 12


class Recipe(msgspec.Struct, frozen=True):
    """What an environment consists of."""

    packages: tuple[str, ...]
    python: str | None = None
    """A version, or what PEP 723 says of it; None: the server's own."""

    @property
    def name(self) -> str:
        python = self.python or f"{sys.version_info.major}.{sys.version_info.minor}"
        return hashlib.sha256("\n".join([*sorted(self.packages), python, NAMES]).encode()).hexdigest()[:24]

    def __str__(self) -> str:
        packages = ", ".join(self.packages) or "no packages"
        return f"Python {self.python} with {packages}" if self.python else packages


class Environments:
    """Environments below a folder that all tasks of this machine share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def python(self, recipe: Recipe, ctx: RunContext) -> Path:
        """The interpreter of an environment, which is built first if it is not there. Raises TaskFailed."""
        environment = self._folder / recipe.name
        if not _is_ready(environment):
            async with self._locked(recipe, ctx):
                if not _is_ready(environment):
                    await self._build(recipe, environment, ctx)
        return environment / "bin" / "python"

    async def overlay(self, python: Path, folder: Path, ctx: RunContext) -> Path:
        """An environment of one run on top of a shared one, with pip and uv: what they install is nobody else's."""
        recipe = Recipe(("pip",))
        await self._uv(["venv", "--seed", "--python", str(python), str(folder)], recipe, ctx)
        await asyncio.to_thread(_put_on_top, folder, python.parent.parent)
        return folder / "bin" / "python"

    @asynccontextmanager
    async def _locked(self, recipe: Recipe, ctx: RunContext) -> AsyncGenerator[None]:
        """Builders of one environment wait for each other, those of other processes too."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder / f"{recipe.name}.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            if not _lock(descriptor):
                ctx.log.info(f"waiting for the Python environment of {recipe}, which another task is building")
                while not _lock(descriptor):  # noqa: ASYNC110 – in a thread, builds would take all threads
                    await asyncio.sleep(LOCK_SECONDS)
            yield
        finally:
            os.close(descriptor)

    async def _build(self, recipe: Recipe, environment: Path, ctx: RunContext) -> None:
        await asyncio.to_thread(shutil.rmtree, environment, ignore_errors=True)
        ctx.log.info(f"building the Python environment of {recipe}; later tasks find it")
        python = await asyncio.to_thread(_interpreter, recipe.python)
        await self._uv(["venv", "--python", python, str(environment)], recipe, ctx)
        if recipe.packages:
            of_it = str(environment / "bin" / "python")
            await self._uv(["pip", "install", "--compile-bytecode", "--python", of_it, *recipe.packages], recipe, ctx)
        await asyncio.to_thread(_finish, environment)
        ctx.log.info(f"the Python environment of {recipe} is ready")

    async def _uv(self, arguments: list[str], recipe: Recipe, ctx: RunContext) -> None:
        lines: list[str] = []
        process = await self._uv_process(arguments)
        try:
            while process.stdout is not None and (line := await process.stdout.readline()):
                lines.append(line.decode(errors="replace").rstrip())
                ctx.log.debug(lines[-1])
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await asyncio.shield(process.wait())
        if code:
            raise TaskFailed(_failure(recipe, lines))

    async def _uv_process(self, arguments: list[str]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            _uv_program(),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=uv_environment(os.environ, cache=self._folder / "cache"),
            cwd=self._folder,
            start_new_session=True,
            limit=LONGEST_LINE,
        )


def _is_ready(environment: Path) -> bool:
    """All of it is there, and the Python it was made from still is."""
    return (environment / READY).exists() and (environment / "bin" / "python").exists()


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _interpreter(wanted: str | None) -> str:
    """What uv is to look for. It does not see the versions that pyenv keeps apart."""
    if wanted is None:
        return sys.executable
    return next(_of_pyenv(wanted), wanted) if re.fullmatch(r"3\.\d+(\.\d+)?", wanted) else wanted


def _of_pyenv(version: str) -> Iterator[str]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for name in (version, f"{version}.*"):
        yield from sorted((str(found) for found in root.glob(f"versions/{name}/bin/python")), reverse=True)


def _finish(environment: Path) -> None:
    """What uv does not put in, and last the sign that all is there."""
    (_packages(environment) / "tiercel_names.pth").write_text(NAMES)
    (environment / READY).touch()


def _put_on_top(environment: Path, below: Path) -> None:
    packages = _packages(environment)
    (packages / "tiercel_names.pth").write_text(NAMES)
    (packages / "tiercel_below.pth").write_text(f"{_packages(below)}\n")
    (environment / "bin" / "uv").symlink_to(_uv_program())


def _packages(environment: Path) -> Path:
    return next(environment.glob("lib/python*/site-packages"))


def _uv_program() -> str:
    import uv

    return uv.find_uv_bin()


def _failure(recipe: Recipe, lines: list[str]) -> str:
    told = "\n".join(lines[-_TOLD_LINES:])
    if _UNREACHABLE.search(told):
        return (
            f"the Python environment of {recipe} cannot be built: no package index can be reached; set UV_DEFAULT_INDEX"
            f" or PIP_INDEX_URL for the worker, or its proxy\n{told}"
        )
    if _NO_PYTHON.search(told):
        return (
            f"there is no Python {recipe.python} on the worker's machine; install it, or choose another `pythonVersion`"
        )
    return f"the Python environment of {recipe} cannot be built:\n{told}"
