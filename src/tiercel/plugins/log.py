"""`io.kestra.plugin.core.log.Log`: writes a message."""

from typing import Literal

from tiercel.sdk import NoOutput, RunContext, Task


class Log(
    Task[NoOutput], type="io.kestra.plugin.core.log.Log", aliases=("io.kestra.core.tasks.log.Log",), instant=True
):
    """Write one message, or several, to the log of the execution."""

    message: str | list[str]
    """What to write."""
    level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"] = "INFO"

    async def run(self, ctx: RunContext) -> None:
        write = {"WARN": ctx.log.warning}.get(self.level) or getattr(ctx.log, self.level.lower())
        for message in [self.message] if isinstance(self.message, str) else self.message:
            write(message)
