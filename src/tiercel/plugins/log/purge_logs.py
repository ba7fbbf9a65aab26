"""`io.kestra.plugin.core.log.PurgeLogs`: forgets old log lines."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from tiercel.sdk import LogLevel, Output, RunContext, Task


class PurgeOutput(Output, frozen=True):
    count: int
    """How many lines were deleted."""
    execution_logs_count: int
    """Of these, lines of executions."""
    non_execution_logs_count: int
    """Of these, lines of triggers."""


class PurgeLogs(Task[PurgeOutput], type="io.kestra.plugin.core.log.PurgeLogs"):
    """Delete log lines that were written before an instant."""

    example = """
        id: tidy_logs
        namespace: company.system
        tasks:
          - id: purge
            type: io.kestra.plugin.core.log.PurgeLogs
            endDate: "{{ now() | dateAdd(-1, 'MONTHS') }}"
            logLevels:
              - TRACE
              - DEBUG
              - INFO
    """

    namespace: str | None = None
    """Only lines of this namespace and of those below it."""
    flow_id: str | None = None
    """Only lines of this flow."""
    execution_id: str | None = None
    """Only lines of this execution."""
    log_levels: list[LogLevel] = []
    """Only lines of these levels."""
    start_date: AwareDatetime | None = None
    """Only lines written at or after this instant."""
    end_date: AwareDatetime
    """Only lines written before this instant."""
    purge_execution_logs: bool = True
    """Lines of executions."""
    purge_non_execution_logs: bool = True
    """Lines of triggers, which belong to no execution."""
    batch_size: int | None = Field(None, deprecated="it has no effect: lines are deleted in one statement")
    """Has no effect."""

    async def run(self, ctx: RunContext) -> PurgeOutput:
        of_executions = await self._purge(ctx, of_executions=True) if self.purge_execution_logs else 0
        of_none = self.purge_non_execution_logs and self.execution_id is None
        of_triggers = await self._purge(ctx, of_executions=False) if of_none else 0
        ctx.log.info(f"{of_executions + of_triggers} lines deleted")
        return PurgeOutput(
            count=of_executions + of_triggers,
            execution_logs_count=of_executions,
            non_execution_logs_count=of_triggers,
        )

    async def _purge(self, ctx: RunContext, *, of_executions: bool) -> int:
        start: datetime | None = self.start_date
        return await ctx.logs.delete(
            of_executions=of_executions,
            execution_id=self.execution_id,
            namespace=self.namespace,
            flow_id=self.flow_id,
            levels=self.log_levels,
            start=start,
            end=self.end_date,
        )
