"""`io.kestra.core.tasks.scripts.Bash`: commands in one shell, as 0.10 and before wrote them."""

from tiercel_scripts.earlier.task import EarlierTask
from tiercel_scripts.shell.commands import Commands
from tiercel_scripts.task import Texts


class Bash(EarlierTask, type="io.kestra.core.tasks.scripts.Bash"):
    """Run shell commands; write `io.kestra.plugin.scripts.shell.Commands` in new flows."""

    example = """
id: greet_as_then
namespace: company.team
tasks:
  - id: greet
    type: io.kestra.core.tasks.scripts.Bash
    commands:
      - echo "Hello" > {{ outputFiles.greeting }}
    outputFiles:
      - greeting
"""

    commands: Texts
    """One command a line."""

    def today(self) -> Commands:
        return Commands.model_validate({**self.properties(), "commands": self.commands})
