"""`io.kestra.plugin.scripts.shell.Commands`: commands one after the other, in one shell."""

from tiercel.sdk import Raw, RunContext
from tiercel_scripts.task import Prepared, ScriptRun, ScriptTask


class Commands(ScriptTask, type="io.kestra.plugin.scripts.shell.Commands"):
    """Run shell commands."""

    example = """
id: greet
namespace: company.team
inputs:
  - {id: name, type: STRING, defaults: World}
tasks:
  - id: greet
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands:
      - name="{{ inputs.name }}"
      - echo "Hello $name"
"""

    commands: Raw[list[str]]
    """One command a line."""

    async def prepare(self, ctx: RunContext, run: ScriptRun) -> Prepared:
        return Prepared(command=await run.shell(await run.texts(self.commands)))
