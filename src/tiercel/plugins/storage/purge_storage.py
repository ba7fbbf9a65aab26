"""`io.kestra.plugin.core.storage.PurgeStorage`: deletes old files of executions, also of those that nobody knows any more."""

from pydantic import AwareDatetime, model_validator

from tiercel.sdk import Output, RunContext, Task


class PurgeOutput(Output, frozen=True):
    scanned_count: int
    """How many executions have files where it was looked."""
    purged_count: int
    """How many of them have files that are meant; the same for a dry run."""
    deleted_files_count: int
    """How many files were deleted: none by a dry run."""


class PurgeStorage(Task[PurgeOutput], type="io.kestra.plugin.core.storage.PurgeStorage"):
    """Delete files of executions that were last written before an instant. Those of executions that are not over stay."""

    example = """
        id: tidy_storage
        namespace: company.system
        tasks:
          - id: purge
            type: io.kestra.plugin.core.storage.PurgeStorage
            namespace: company.team
            endDate: "{{ now() | dateAdd(-7, 'DAYS') }}"
            dryRun: false
    """

    namespace: str | None = None
    """Only files of this namespace and of those below it."""
    flow_id: str | None = None
    """Only files of this flow of the namespace."""
    start_date: AwareDatetime | None = None
    """Only files last written at or after this instant."""
    end_date: AwareDatetime
    """Only files last written before this instant."""
    dry_run: bool = True
    """Count what would be deleted, and delete nothing."""

    @model_validator(mode="after")
    def _names_the_namespace_of_the_flow(self) -> "PurgeStorage":
        if self.flow_id is not None and self.namespace is None:
            raise ValueError("`flowId` needs the `namespace` of the flow")
        return self

    async def run(self, ctx: RunContext) -> PurgeOutput:
        purged = await ctx.server.purge_files(
            namespace=self.namespace,
            flow_id=self.flow_id,
            start=self.start_date,
            end=self.end_date,
            dry_run=self.dry_run,
        )
        ctx.counter("scanned", purged.scanned)
        ctx.counter("purged", purged.executions)
        ctx.counter("deleted.files", purged.files)
        ctx.log.info(
            f"{purged.files} files deleted of {purged.executions} executions that have files which are old enough"
        )
        return PurgeOutput(
            scanned_count=purged.scanned, purged_count=purged.executions, deleted_files_count=purged.files
        )
