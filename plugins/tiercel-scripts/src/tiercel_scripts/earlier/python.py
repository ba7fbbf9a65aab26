"""`io.kestra.core.tasks.scripts.Python`: a program in `inputFiles`, as 0.10 and before wrote it."""

from pathlib import Path
from shlex import join, quote
from typing import Literal

from tiercel.sdk import RunContext
from tiercel_scripts.earlier.task import EarlierTask
from tiercel_scripts.python.commands import Commands
from tiercel_scripts.task import Prepared, Texts
from tiercel_scripts.workspace import Workspace

_PROGRAMS = ("python", "pip")
_ALWAYS = "kestra"
"""A module of this name lay beside every program."""


class Python(EarlierTask, type="io.kestra.core.tasks.scripts.Python"):
    """Run a Python program, `main.py` where nothing else is said; write `io.kestra.plugin.scripts.python.Commands` in new
    flows."""

    example = """
id: report_as_then
namespace: company.team
tasks:
  - id: report
    type: io.kestra.core.tasks.scripts.Python
    inputFiles:
      main.py: |
        print("Hello from a file")
"""

    commands: Texts = []
    """One command a line; `./bin/python main.py` where nothing is said."""
    args: list[str] = []
    """Arguments of `main.py`."""
    requirements: list[str] = []
    """Packages of the program, as pip takes them."""
    virtual_env: bool = True
    """Without effect: programs always have an environment, which is kept and shared."""
    python_path: str = "python"
    """Without effect: the environment brings its Python."""
    package_manager: Literal["UV", "PIP"] = "PIP"
    """Without effect: uv installs packages, whichever is named."""

    def today(self) -> Commands:
        commands = self.commands or [join(["./bin/python", "main.py", *self.args])]
        own = {"commands": commands, "dependencies": [*self.requirements, _ALWAYS] if self.requirements else None}
        return _WithFolder.model_validate({**self.properties(), **own})


class _WithFolder(Commands):
    """Commands that find their environment in `./bin`, where it lay then."""

    async def prepare(self, ctx: RunContext, workspace: Workspace) -> Prepared:
        prepared = await super().prepare(ctx, workspace)
        (workspace.folder / "bin").mkdir(exist_ok=True)
        for name in _PROGRAMS:
            program = Path(prepared.path[0], name)
            starter = await workspace.keep(f"bin/{name}", f'#!/bin/sh\nexec {quote(str(program))} "$@"\n')
            starter.chmod(0o755)
        return prepared
