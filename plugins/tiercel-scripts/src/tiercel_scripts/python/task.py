"""What Python scripts and commands share: which environment they run in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tiercel.sdk import RunContext, TaskFailed
from tiercel_scripts.python.environments import DATA_PACKAGES, Environments, Recipe
from tiercel_scripts.python.header import Header
from tiercel_scripts.task import ScriptTask, missing_module

ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


class PythonTask(ScriptTask):
    """Python in an environment of its own, or in the one for data work."""

    dependencies: list[str] | None = None
    """Packages of the script, as pip takes them; without, pandas and what else data work needs is there."""
    python_version: str | None = None
    """A version of Python that this machine has, such as `3.12`."""
    dependency_cache_enabled: bool = True
    package_manager: Literal["UV", "PIP"] = "UV"
    uv_auto_install_enabled: bool = True
    uv_installer_version: str | None = None
    uv_installer_sha256: str | None = None

    async def interpreter_of(self, ctx: RunContext, header: Header | None = None) -> Path:
        """The Python this task runs with."""
        return await Environments(ctx.state_dir / "environments").python(self._recipe(ctx, header), ctx)

    @property
    def has_own_packages(self) -> bool:
        return bool(self.dependencies)

    def _recipe(self, ctx: RunContext, header: Header | None) -> Recipe:
        if self.dependencies is not None or self.python_version is not None:
            return Recipe(tuple(self.dependencies or ()), self.python_version)
        if header is not None:
            return Recipe(header.dependencies, header.python)
        return Recipe(_data_packages(ctx))

    def hint(self, error_lines: Sequence[str]) -> str:
        module = missing_module(error_lines)
        return "" if module is None else f": the module {module!r} is not installed, add it to `dependencies`"


def _data_packages(ctx: RunContext) -> tuple[str, ...]:
    configured = ctx.configuration.get("scripts.data-environment")
    if configured is None:
        return DATA_PACKAGES
    if isinstance(configured, str):
        return tuple(name.strip() for name in configured.split(",") if name.strip())
    if isinstance(configured, list | tuple):
        return tuple(str(name) for name in configured)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise TaskFailed("the setting scripts.data-environment must be a list of packages")
