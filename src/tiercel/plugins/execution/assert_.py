"""`io.kestra.plugin.core.execution.Assert`: fails where a condition does not hold."""

from tiercel.sdk import NoOutput, Raw, RunContext, Task, TaskFailed, is_true


class Assert(Task[NoOutput], type="io.kestra.plugin.core.execution.Assert", instant=True):
    """Check conditions, and fail where one of them does not hold, naming all that do not."""

    example = """
        id: check_result
        namespace: company.team
        tasks:
          - id: count
            type: io.kestra.plugin.core.output.OutputValues
            values:
              rows: "{{ 3 }}"
          - id: some_rows
            type: io.kestra.plugin.core.execution.Assert
            conditions:
              - "{{ outputs.count.values.rows > 0 }}"
              - "{{ outputs.count.values.rows < 100 }}"
            errorMessage: The number of rows is not plausible
    """

    conditions: Raw[list[str | bool]]
    """Each must be neither empty, false nor 0 when rendered."""
    error_message: str | None = None
    """What the failure says; without it, which conditions do not hold."""

    async def run(self, ctx: RunContext) -> None:
        failed = [condition for condition in self.conditions if not await _holds(condition, ctx)]
        ctx.counter("failed", len(failed))
        ctx.counter("success", len(self.conditions) - len(failed))
        for condition in failed:
            ctx.log.error(f"does not hold: {condition}")
        if failed:
            raise TaskFailed(self.error_message or f"{len(failed)} assertion{'s' * (len(failed) > 1)} failed")


async def _holds(condition: str | bool, ctx: RunContext) -> bool:
    return is_true(str(await ctx.render(condition)).lower())
