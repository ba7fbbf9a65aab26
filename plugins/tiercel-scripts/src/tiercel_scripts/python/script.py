"""`io.kestra.plugin.scripts.python.Script`: a text as a Python program."""

from shlex import quote

from tiercel.sdk import Raw, RunContext
from tiercel_scripts.command import DEFAULT_INTERPRETER
from tiercel_scripts.python.header import read_header
from tiercel_scripts.python.names import RUN_WITH_NAMES
from tiercel_scripts.python.task import Interpreter, PythonTask
from tiercel_scripts.task import Prepared
from tiercel_scripts.workspace import Workspace


class Script(PythonTask, type="io.kestra.plugin.scripts.python.Script"):
    """Run a Python script."""

    example = """
id: squares
namespace: company.team
tasks:
  - id: squares
    type: io.kestra.plugin.scripts.python.Script
    script: |
      import pandas as pd
      frame = pd.DataFrame({"n": range(5)})
      frame["square"] = frame.n ** 2
      frame.to_csv("{{ outputDir }}/squares.csv", index=False)
"""

    script: Raw[str]
    """The text of the program."""

    async def prepare(self, ctx: RunContext, workspace: Workspace) -> Prepared:
        text = await workspace.text(self.script)
        python = await self.python(ctx, workspace, header=read_header(text))
        file = str(await workspace.keep(f"script-{workspace.name}.py", text))
        if self.before_commands or self.interpreter != DEFAULT_INTERPRETER:
            command = await self.shell(workspace, [self._line(python, file)])
        else:
            command = [str(python.program), file]
        return Prepared(command, path=(python.folder,), environment=python.environment)

    def _line(self, python: Interpreter, file: str) -> str:
        """An environment that beforeCommands activated wins, unless the task names its packages itself."""
        own = f"{quote(str(python.program))} {quote(file)}"
        if self.has_own_packages:
            return own
        activated = f'"$VIRTUAL_ENV/bin/python" -c {quote(RUN_WITH_NAMES)} {quote(file)}'
        ours = quote(python.environment.get("VIRTUAL_ENV", ""))
        return f'if [ "${{VIRTUAL_ENV:-}}" != {ours} ]; then {activated}; else {own}; fi'
