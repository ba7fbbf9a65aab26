"""`io.kestra.plugin.core.execution.Resume`: lets a paused execution go on."""

from typing import Any

from tiercel.sdk import NoOutput, RunContext, Task


class Resume(Task[NoOutput], type="io.kestra.plugin.core.execution.Resume"):
    """Let a paused execution go on, with the inputs that its pause asks for."""

    example = """
        id: approve
        namespace: company.team
        inputs:
          - id: execution
            type: STRING
        tasks:
          - id: go_on
            type: io.kestra.plugin.core.execution.Resume
            executionId: "{{ inputs.execution }}"
            inputs:
              approved: true
    """

    execution_id: str | None = None
    """Which execution; without it, this one."""
    namespace: str | None = None
    """Of its flow; the id alone is enough."""
    flow_id: str | None = None
    """Its flow; the id alone is enough."""
    inputs: dict[str, Any] = {}
    """What the pause asks for."""

    async def run(self, ctx: RunContext) -> None:
        await ctx.server.resume(self.execution_id or ctx.info.execution_id, self.inputs)
