"""`io.kestra.plugin.core.storage.Delete`: deletes a file."""

from tiercel.sdk import Output, RunContext, Task, TaskFailed


class DeleteOutput(Output, frozen=True):
    uri: str
    """The file that was meant."""
    deleted: bool
    """Whether it was there."""


class Delete(Task[DeleteOutput], type="io.kestra.plugin.core.storage.Delete"):
    """Delete a file of internal storage."""

    example = """
        id: delete_file
        namespace: company.team
        inputs:
          - id: file
            type: FILE
        tasks:
          - id: delete
            type: io.kestra.plugin.core.storage.Delete
            uri: "{{ inputs.file }}"
    """

    uri: str
    """The file."""
    error_on_missing: bool = False
    """Fail where it is not there."""

    async def run(self, ctx: RunContext) -> DeleteOutput:
        deleted = await ctx.files.delete(self.uri)
        if not deleted and self.error_on_missing:
            raise TaskFailed(f"there is no file at {self.uri}")
        return DeleteOutput(uri=self.uri, deleted=deleted)
