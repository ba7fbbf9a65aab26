"""Python environments of scripts: made by uv, named by their content, shared by all tasks of the machine.

One is built once, under a lock, and compiled to byte code: without, `import pandas` takes seconds at every start.
"""

import asyncio
import configparser
import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from tiercel.sdk import RunContext, TaskFailed
from tiercel_scripts.surroundings import NEVER_PASSED

DATA_PACKAGES = ("pandas", "numpy", "pyarrow", "polars", "duckdb", "requests", "boto3", "kestra")
"""The environment of scripts that name none: what data work needs."""

NAMES = "import builtins; builtins.true, builtins.false, builtins.null = True, False, None\n"
"""Rendered values such as `{{ inputs.flag }}` are names to Python; known from its start, no line of a script shifts."""

_PIP_FILES = ("/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf")
READY = ".tiercel-ready"


class Recipe(msgspec.Struct, frozen=True):
    """What an environment consists of."""

    packages: tuple[str, ...]
    python: str | None = None

    @property
    def name(self) -> str:
        parts = [*sorted(self.packages), self.python or sys.version.split()[0], NAMES]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


class Environments:
    """Environments below a folder that all tasks of this machine share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def python(self, recipe: Recipe, ctx: RunContext) -> Path:
        """The interpreter of an environment, which is built first if it is not there. Raises TaskFailed."""
        environment = self._folder / recipe.name
        if not (environment / READY).exists():
            async with self._locked(recipe.name):
                if not (environment / READY).exists():
                    await self._build(recipe, environment, ctx)
        return environment / "bin" / "python"

    @asynccontextmanager
    async def _locked(self, name: str) -> AsyncGenerator[None]:
        """Builders of one environment wait for each other, those of other processes too."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder / f"{name}.lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            await asyncio.to_thread(fcntl.flock, descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    async def _build(self, recipe: Recipe, environment: Path, ctx: RunContext) -> None:
        await asyncio.to_thread(shutil.rmtree, environment, ignore_errors=True)
        ctx.log.info(
            f"building a Python environment with {', '.join(recipe.packages) or 'no packages'}; it is kept for later runs"
        )
        await self._uv(["venv", "--quiet", "--python", recipe.python or sys.executable, str(environment)], ctx)
        if recipe.packages:
            python = str(environment / "bin" / "python")
            await self._uv(["pip", "install", "--compile-bytecode", "--python", python, *recipe.packages], ctx)
        await asyncio.to_thread(_finish, environment)

    async def _uv(self, arguments: list[str], ctx: RunContext) -> None:
        import uv

        process = await asyncio.create_subprocess_exec(
            uv.find_uv_bin(),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=uv_environment(os.environ, cache=self._folder / "cache"),
            start_new_session=True,
        )
        lines: list[str] = []
        try:
            while process.stdout is not None and (line := await process.stdout.readline()):
                lines.append(line.decode(errors="replace").rstrip())
                ctx.log.debug(lines[-1])
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        if code:
            raise TaskFailed("the Python environment cannot be built: " + "\n".join(lines[-12:]))


def _finish(environment: Path) -> None:
    """What uv does not put in, and last the sign that all is there."""
    for packages in environment.glob("lib/python*/site-packages"):
        (packages / "tiercel_names.pth").write_text(NAMES)
    (environment / READY).touch()


def uv_environment(environment: Mapping[str, str], *, cache: Path) -> dict[str, str]:
    """uv's surroundings: the machine's certificates, pip's index (uv reads no configuration of pip's), short patience."""
    given = {name: value for name, value in environment.items() if name != NEVER_PASSED}
    index = _index(environment)
    defaults = {
        "UV_SYSTEM_CERTS": "1",
        "UV_CACHE_DIR": str(cache),
        "UV_HTTP_CONNECT_TIMEOUT": "4",
        "UV_HTTP_RETRIES": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        **({"UV_DEFAULT_INDEX": index} if index else {}),
    }
    return {**defaults, **given}


def _index(environment: Mapping[str, str]) -> str | None:
    if address := environment.get("PIP_INDEX_URL"):
        return address
    files = [environment["PIP_CONFIG_FILE"]] if environment.get("PIP_CONFIG_FILE") else _PIP_FILES
    configuration = configparser.ConfigParser(interpolation=None)
    configuration.read(Path(file).expanduser() for file in files)
    return configuration.get("global", "index-url", fallback=None)
