"""`io.kestra.plugin.core.execution.PurgeExecutions`: deletes old executions with all that belongs to them."""

from pydantic import AwareDatetime, Field

from tiercel.sdk import Output, RunContext, State, Task, Which


class PurgeOutput(Output, frozen=True):
    executions_count: int
    """How many executions were deleted."""
    task_outputs_count: int
    """How many task runs of theirs had outputs."""
    logs_count: int
    """How many log lines."""
    metrics_count: int
    """How many metrics."""
    storages_count: int
    """How many files of internal storage."""


class PurgeExecutions(Task[PurgeOutput], type="io.kestra.plugin.core.execution.PurgeExecutions"):
    """Delete executions that are over, with their logs, metrics and files. Running ones stay."""

    example = """
        id: tidy_executions
        namespace: company.system
        tasks:
          - id: purge
            type: io.kestra.plugin.core.execution.PurgeExecutions
            namespace: company.team
            endDate: "{{ now() | dateAdd(-1, 'MONTHS') }}"
            states: [SUCCESS]
    """

    namespace: str | None = None
    """Only executions of this namespace and of those below it."""
    flow_id: str | None = None
    """Only executions of this flow."""
    start_date: AwareDatetime | None = None
    """Only executions that began at or after this instant."""
    end_date: AwareDatetime
    """Only executions that began before this instant."""
    states: list[State] = []
    """Only executions that ended in these states; without any, in whichever."""
    purge_execution: bool = True
    """The executions themselves."""
    purge_log: bool = True
    """Their log lines."""
    purge_metric: bool = True
    """Their metrics, which go with the executions in any case."""
    purge_storage: bool = True
    """Their files in internal storage."""
    batch_size: int | None = Field(None, deprecated="it has no effect")
    """Has no effect."""

    async def run(self, ctx: RunContext) -> PurgeOutput:
        wanted = {
            "executions": self.purge_execution,
            "logs": self.purge_log,
            "metrics": self.purge_metric,
            "files": self.purge_storage,
        }
        purged = await ctx.server.purge(self._which(), parts=[part for part, is_wanted in wanted.items() if is_wanted])
        ctx.log.info(f"{purged.executions} executions deleted")
        return PurgeOutput(
            executions_count=purged.executions,
            task_outputs_count=purged.outputs,
            logs_count=purged.logs,
            metrics_count=purged.metrics,
            storages_count=purged.files,
        )

    def _which(self) -> Which:
        return Which(
            namespace=self.namespace,
            flow_id=self.flow_id,
            states=self.states,
            start=self.start_date,
            end=self.end_date,
        )
