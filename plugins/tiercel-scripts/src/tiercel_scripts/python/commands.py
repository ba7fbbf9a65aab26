"""`io.kestra.plugin.scripts.python.Commands`: commands in one shell, with a Python environment first on the PATH."""

from tiercel.sdk import Raw, RunContext
from tiercel_scripts.python.task import ENVIRONMENT, PythonTask
from tiercel_scripts.task import Prepared, ScriptRun


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

    commands: Raw[list[str]]
    """One command a line."""

    async def prepare(self, ctx: RunContext, run: ScriptRun) -> Prepared:
        python = await self.interpreter_of(ctx)
        command = await run.shell(await run.texts(self.commands))
        return Prepared(command=command, path=[str(python.parent)], environment=ENVIRONMENT)
