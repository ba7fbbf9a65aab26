"""`io.kestra.plugin.scripts.shell.Commands`: commands one after the other, in one shell."""

from tiercel.sdk import RunContext
from tiercel_scripts.task import Prepared, ScriptTask, Texts
from tiercel_scripts.workspace import Workspace


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

    commands: Texts
    """One command a line."""

    async def prepare(self, ctx: RunContext, workspace: Workspace) -> Prepared:
        return Prepared(await self.shell(workspace, await workspace.texts(self.commands, of="commands")))
