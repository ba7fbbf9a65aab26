"""`io.kestra.plugin.core.kv.Delete`: forgets a key."""

from tiercel.plugins.kv.get import missing
from tiercel.sdk import Output, RunContext, Task, TaskFailed


class DeleteOutput(Output, frozen=True):
    deleted: bool
    """Whether there was something to delete."""


class Delete(Task[DeleteOutput], type="io.kestra.plugin.core.kv.Delete"):
    """Delete a key of the key-value store with all its revisions."""

    example = """
        id: forget
        namespace: company.team
        tasks:
          - id: forget_last_run
            type: io.kestra.plugin.core.kv.Delete
            key: last_run
    """

    key: str
    """The name of the value, within its namespace."""
    namespace: str | None = None
    """Without it, that of the flow."""
    error_on_missing: bool = False
    """Fail where the key is absent."""

    async def run(self, ctx: RunContext) -> DeleteOutput:
        deleted = await ctx.kv.delete(self.key, self.namespace)
        if not deleted and self.error_on_missing:
            raise TaskFailed(missing(self.key, self.namespace or ctx.info.namespace))
        return DeleteOutput(deleted=deleted)
