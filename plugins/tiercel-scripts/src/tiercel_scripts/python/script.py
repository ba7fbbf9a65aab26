"""`io.kestra.plugin.scripts.python.Script`: a text as a Python program."""

import asyncio

from tiercel.sdk import Raw, RunContext
from tiercel_scripts.python.header import read_header
from tiercel_scripts.python.task import ENVIRONMENT, PythonTask
from tiercel_scripts.task import Prepared, ScriptRun, script_file


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

    async def prepare(self, ctx: RunContext, run: ScriptRun) -> Prepared:
        text = await run.text(self.script)
        python = await self.interpreter_of(ctx, read_header(text))
        file = await asyncio.to_thread(script_file, run.folder, f"script-{ctx.info.task_run_id}.py", text)
        command = [str(python), file.name]
        if self.before_commands:
            command = await run.shell([self._line(str(python), file.name)])
        return Prepared(command=command, path=[str(python.parent)], environment=ENVIRONMENT)

    def _line(self, python: str, file: str) -> str:
        """An environment that beforeCommands activated wins, unless the task names its packages itself."""
        if self.has_own_packages:
            return f"'{python}' {file}"
        return f'if [ -n "$VIRTUAL_ENV" ]; then "$VIRTUAL_ENV/bin/python" {file}; else \'{python}\' {file}; fi'
