"""`io.kestra.plugin.core.execution.Fail`: ends in failure, always or on a condition."""

from tiercel.sdk import NoOutput, RunContext, Task, TaskFailed, is_true


class Fail(Task[NoOutput], type="io.kestra.plugin.core.execution.Fail", instant=True):
    """Fail, so that the execution ends there: always, or where a condition holds."""

    example = """
        id: refuse
        namespace: company.team
        inputs:
          - id: amount
            type: INT
            defaults: 10
        tasks:
          - id: too_much
            type: io.kestra.plugin.core.execution.Fail
            condition: "{{ inputs.amount > 1000 }}"
            errorMessage: "{{ inputs.amount }} is more than 1000"
    """

    condition: str | bool | None = None
    """Fail where this is neither empty, false nor 0; without it, always."""
    error_message: str = "Task failure"
    """What the failure says."""

    async def run(self, ctx: RunContext) -> None:
        if self.condition is None or is_true(str(self.condition).lower()):
            raise TaskFailed(self.error_message)
