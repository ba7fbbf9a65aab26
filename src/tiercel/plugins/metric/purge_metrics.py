"""`io.kestra.plugin.core.metric.PurgeMetrics`: forgets old numbers that tasks reported."""

from pydantic import AwareDatetime

from tiercel.sdk import Output, RunContext, Task


class PurgeOutput(Output, frozen=True):
    count: int
    """How many numbers were deleted."""


class PurgeMetrics(Task[PurgeOutput], type="io.kestra.plugin.core.metric.PurgeMetrics"):
    """Delete metrics that were reported before an instant; their executions stay."""

    example = """
        id: tidy_metrics
        namespace: company.system
        tasks:
          - id: purge
            type: io.kestra.plugin.core.metric.PurgeMetrics
            namespace: company.team
            endDate: "{{ now() | dateAdd(-3, 'MONTHS') }}"
    """

    namespace: str | None = None
    """Only metrics of this namespace and of those below it."""
    flow_id: str | None = None
    """Only metrics of this flow."""
    execution_id: str | None = None
    """Only metrics of this execution."""
    start_date: AwareDatetime | None = None
    """Only metrics reported at or after this instant."""
    end_date: AwareDatetime
    """Only metrics reported before this instant."""

    async def run(self, ctx: RunContext) -> PurgeOutput:
        count = await ctx.logs.delete_metrics(
            execution_id=self.execution_id,
            namespace=self.namespace,
            flow_id=self.flow_id,
            start=self.start_date,
            end=self.end_date,
        )
        ctx.log.info(f"{count} metrics deleted")
        return PurgeOutput(count=count)
