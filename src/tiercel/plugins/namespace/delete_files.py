"""`io.kestra.plugin.core.namespace.DeleteFiles`: deletes files of a namespace."""

from tiercel.plugins.namespace.patterns import Patterns
from tiercel.sdk import Output, RunContext, Task


class DeleteOutput(Output, frozen=True):
    files: dict[str, str]
    """Paths that were deleted, and the URI each had."""


class DeleteFiles(Task[DeleteOutput], type="io.kestra.plugin.core.namespace.DeleteFiles"):
    """Delete files of a namespace with all their revisions."""

    example = """
        id: tidy_files
        namespace: company.team
        tasks:
          - id: delete
            type: io.kestra.plugin.core.namespace.DeleteFiles
            namespace: company.team
            files:
              - "tmp/**"
    """

    namespace: str
    """Whose files."""
    files: Patterns
    """Which files: patterns with `*`, `?` and `**`."""
    delete_parent_folder: bool = False
    """Kept for old flows: a folder is there as long as a file is in it, so nothing is left to delete."""

    async def run(self, ctx: RunContext) -> DeleteOutput:
        found = await ctx.namespace_files.find(self.namespace, include=self.files)
        for file in found:
            await ctx.namespace_files.delete(file)
            ctx.log.info(f"{file.path} deleted")
        ctx.counter("deleted", len(found))
        return DeleteOutput(files={file.path: file.uri for file in found})
