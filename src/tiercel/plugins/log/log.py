"""`io.kestra.plugin.core.log.Log`: writes messages to the log of the execution."""

from tiercel.sdk import LogLevel, NoOutput, RunContext, Task


class Log(Task[NoOutput], type="io.kestra.plugin.core.log.Log", instant=True):
    """Write one message, or several, to the log of the execution."""

    example = """
        id: say_hello
        namespace: company.team
        inputs:
          - id: name
            type: STRING
            defaults: World
        tasks:
          - id: hello
            type: io.kestra.plugin.core.log.Log
            message: "Hello {{ inputs.name }}!"
    """

    message: str | list[str]
    """What to write: one message, or a list of them."""
    level: LogLevel = "INFO"
    """How loud the messages are."""

    async def run(self, ctx: RunContext) -> None:
        write = ctx.log.at(self.level)
        for message in [self.message] if isinstance(self.message, str) else self.message:
            write(message)
