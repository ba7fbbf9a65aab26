"""`io.kestra.plugin.scripts.python.Commands`: commands in one shell, with a Python environment first on the PATH."""

from tiercel.sdk import RunContext
from tiercel_scripts.python.task import PythonTask
from tiercel_scripts.task import Prepared, Texts
from tiercel_scripts.workspace import Workspace


class Commands(PythonTask, type="io.kestra.plugin.scripts.python.Commands"):
    """Run commands that use Python."""

    example = """
id: report
namespace: company.team
tasks:
  - id: report
    type: io.kestra.plugin.scripts.python.Commands
    inputFiles:
      report.py: |
        print("Hello from a file")
    commands:
      - python report.py
"""

    commands: Texts
    """One command a line."""

    async def prepare(self, ctx: RunContext, workspace: Workspace) -> Prepared:
        python = await self.python(ctx, workspace, commands=self.commands)
        command = await self.shell(workspace, await workspace.texts(self.commands, of="commands"))
        return Prepared(command, path=(python.folder,), environment=python.environment)
