"""`io.kestra.plugin.core.debug.Echo`: the old way to write a message; `log.Log` is the present one."""

from tiercel.sdk import LogLevel, NoOutput, RunContext, Task


class Echo(Task[NoOutput], type="io.kestra.plugin.core.debug.Echo", instant=True):
    """Write a message to the log. Kept for old flows: write `core.log.Log` in new ones."""

    example = """
        id: echo
        namespace: company.team
        tasks:
          - id: echo
            type: io.kestra.plugin.core.debug.Echo
            level: WARN
            format: "{{ task.id }} started {{ taskrun.startDate }}"
    """

    format: str
    """The message."""
    level: LogLevel = "INFO"
    """How loud it is."""

    async def run(self, ctx: RunContext) -> None:
        ctx.log.at(self.level)(self.format)
