"""`io.kestra.plugin.core.execution.Assert`: fails where a condition does not hold."""

from tiercel.sdk import ExpressionError, NoOutput, Raw, RunContext, Task, TaskFailed, is_true


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
    """What the failure says behind the number of conditions that do not hold."""

    async def run(self, ctx: RunContext) -> None:
        complaints = [complaint for condition in self.conditions if (complaint := await _complaint(condition, ctx))]
        ctx.counter("failed", len(complaints))
        ctx.counter("success", len(self.conditions) - len(complaints))
        for complaint in complaints:
            ctx.log.error(complaint)
        if complaints:
            number = f"{len(complaints)} assertion{'s' * (len(complaints) > 1)} failed!"
            raise TaskFailed(f"{number}\n{self.error_message}" if self.error_message else number)


async def _complaint(condition: str | bool, ctx: RunContext) -> str | None:
    """Why a condition does not hold; one that cannot be rendered does not, and the others are looked at all the same."""
    try:
        found = await ctx.render(condition)
    except ExpressionError as error:
        return f"Assertion `{condition}` failed, it cannot be rendered: {error}"
    return None if is_true(str(found).lower()) else f"Assertion `{condition}` failed!"
