"""`io.kestra.plugin.scripts.shell.Script`: a text as the command of a shell."""

from tiercel.sdk import Raw, RunContext
from tiercel_scripts.task import Prepared, ScriptTask
from tiercel_scripts.workspace import Workspace


class Script(ScriptTask, type="io.kestra.plugin.scripts.shell.Script"):
    """Run a shell script."""

    example = """
id: disk_usage
namespace: company.team
tasks:
  - id: usage
    type: io.kestra.plugin.scripts.shell.Script
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    script: |
      df -h > "$OUTPUT_DIR/usage.txt"
      echo '::{"outputs":{"host":"'"$(uname -n)"'"}}::'
"""

    script: Raw[str]
    """The text of the script."""

    async def prepare(self, ctx: RunContext, workspace: Workspace) -> Prepared:
        return Prepared(await self.shell(workspace, [await workspace.text(self.script)]))
