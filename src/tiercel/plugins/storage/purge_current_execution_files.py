"""`io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles`: deletes what the execution has stored."""

from tiercel.sdk import Output, RunContext, Task


class PurgeOutput(Output, frozen=True):
    uris: list[str]
    """The files that were deleted."""


class PurgeCurrentExecutionFiles(Task[PurgeOutput], type="io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles"):
    """Delete every file of this execution: its inputs and what its tasks have stored so far."""

    example = """
        id: leave_nothing
        namespace: company.team
        tasks:
          - id: written
            type: io.kestra.plugin.core.storage.Write
            content: for a moment only
          - id: purge
            type: io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles
    """

    async def run(self, ctx: RunContext) -> PurgeOutput:
        uris = await ctx.files.delete_all_of_execution()
        ctx.log.info(f"{len(uris)} files deleted")
        return PurgeOutput(uris=uris)
