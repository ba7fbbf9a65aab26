"""What Python scripts and commands share: which environment they run in."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

from tiercel.sdk import RunContext, TaskFailed
from tiercel_scripts.python.environments import DATA_PACKAGES, Environments, Recipe
from tiercel_scripts.python.header import Header
from tiercel_scripts.task import ScriptTask
from tiercel_scripts.workspace import Workspace

ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
_NO_HEADER = Header((), None)
_PIP = re.compile(r"\bpip3?\b")
_MISSING_MODULE = re.compile(r"ModuleNotFoundError: No module named '([^'.]+)")


class Interpreter(NamedTuple):
    """A Python, and what is to be set for it."""

    program: Path
    environment: dict[str, str]

    @property
    def folder(self) -> str:
        return str(self.program.parent)


class PythonTask(ScriptTask):
    """Python in an environment of its own, or in the one for data work."""

    dependencies: list[str] | None = None
    """Packages of the script, as pip takes them; `[]`: none. Without, pandas and what else data work needs is there."""
    python_version: str | None = None
    """A version of Python that the worker's machine has, such as `3.12`."""
    dependency_cache_enabled: bool = True
    """Without effect: a worker always keeps and shares environments; so does `tiercel run`."""
    package_manager: Literal["UV", "PIP"] = "UV"
    """Without effect: uv installs packages, whichever is named."""
    uv_auto_install_enabled: bool = True
    """Without effect: uv comes with Tiercel."""
    uv_installer_version: str | None = None
    """Without effect: uv comes with Tiercel."""
    uv_installer_sha256: str | None = None
    """Without effect: uv comes with Tiercel."""

    @property
    def has_own_packages(self) -> bool:
        return bool(self.dependencies)

    async def python(
        self, ctx: RunContext, workspace: Workspace, *, commands: list[str] | str = "", header: Header | None = None
    ) -> "Interpreter":
        """The Python this task runs with. One whose commands install packages gets a place of its own for them."""
        environments = Environments(ctx.state_dir / "environments")
        shared = await environments.python(self._recipe(ctx, header), ctx)
        if not _PIP.search(f"{self.before_commands} {commands}"):
            return Interpreter(shared, ENVIRONMENT)
        own = workspace.private / f"python-{workspace.name}"
        program = await environments.overlay(shared, own, ctx)
        return Interpreter(program, ENVIRONMENT | {"VIRTUAL_ENV": str(own)})

    def hint(self, error_lines: Sequence[str]) -> str:
        found = next((match for line in error_lines if (match := _MISSING_MODULE.match(line))), None)
        if found is None:
            return ""
        return f": the module {found[1]!r} is not there; add the package that brings it to `dependencies`"

    def _recipe(self, ctx: RunContext, header: Header | None) -> Recipe:
        """What the task and the script name; the data environment where they name nothing."""
        if header is None and self.dependencies is None and self.python_version is None:
            return Recipe(_data_packages(ctx))
        of_script = header or _NO_HEADER
        return Recipe((*(self.dependencies or ()), *of_script.dependencies), self.python_version or of_script.python)


def _data_packages(ctx: RunContext) -> tuple[str, ...]:
    configured = ctx.configuration.get("scripts.data-environment")
    if configured is None:
        return DATA_PACKAGES
    if isinstance(configured, str):
        return tuple(name.strip() for name in configured.split(",") if name.strip())
    if isinstance(configured, list | tuple):
        return tuple(str(name) for name in cast(Sequence[Any], configured))
    raise TaskFailed("the setting scripts.data-environment must be a list of packages")
