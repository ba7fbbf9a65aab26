"""`io.kestra.plugin.core.state.Delete`: forgets what earlier executions kept."""

from tiercel.plugins.state.place import StateTask
from tiercel.sdk import Output, RunContext, TaskFailed


class DeleteOutput(Output, frozen=True):
    deleted: bool
    """Whether something was kept."""


class Delete(StateTask[DeleteOutput], type="io.kestra.plugin.core.state.Delete"):
    """Forget what earlier executions kept. Today one would use `kv.Delete`."""

    example = """
        id: forget_state
        namespace: company.team
        tasks:
          - id: forget
            type: io.kestra.plugin.core.state.Delete
    """

    error_on_missing: bool = False
    """Fail where nothing is kept."""

    async def run(self, ctx: RunContext) -> DeleteOutput:
        deleted = await ctx.kv.delete(self.key(ctx))
        if not deleted and self.error_on_missing:
            raise TaskFailed(f"nothing is kept under the name `{self.name}`")
        return DeleteOutput(deleted=deleted)
