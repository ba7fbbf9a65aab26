"""`io.kestra.plugin.core.log.Fetch`: log lines as a file."""

from collections.abc import AsyncIterator

import msgspec

from tiercel.sdk import LogLevel, Output, RunContext, Task
from tiercel.sdk.values import ion_text


class FetchOutput(Output, frozen=True):
    size: int
    """How many lines."""
    uri: str
    """The lines as Ion text, one record each."""


class Fetch(Task[FetchOutput], type="io.kestra.plugin.core.log.Fetch"):
    """Store the log lines of an execution as a file."""

    example = """
        id: keep_the_log
        namespace: company.team
        tasks:
          - id: hello
            type: io.kestra.plugin.core.log.Log
            message: Hello World
          - id: lines
            type: io.kestra.plugin.core.log.Fetch
            level: INFO
            tasksId:
              - hello
    """

    namespace: str | None = None
    """Of the flow; with `flowId` and `executionId`, where another execution is meant."""
    flow_id: str | None = None
    """The flow whose execution is meant."""
    execution_id: str | None = None
    """Whose lines; without it, those of this execution."""
    tasks_id: list[str] = []
    """Only lines of these tasks."""
    level: LogLevel = "INFO"
    """Lines of this level and above."""

    async def run(self, ctx: RunContext) -> FetchOutput:
        lines = _Lines(self, ctx)
        uri = await ctx.files.store_stream(lines.records(), "logs.ion")
        return FetchOutput(size=lines.number, uri=uri)


class _Lines:
    """Lines on their way, counted."""

    def __init__(self, task: Fetch, ctx: RunContext) -> None:
        self._found = ctx.logs.read(
            execution_id=task.execution_id or ctx.info.execution_id,
            namespace=task.namespace,
            flow_id=task.flow_id,
            task_ids=task.tasks_id,
            min_level=task.level,
        )
        self.number = 0

    async def records(self) -> AsyncIterator[bytes]:
        async for entry in self._found:
            self.number += 1
            yield f"{ion_text(msgspec.to_builtins(entry))}\n".encode()
