"""`io.kestra.plugin.core.namespace.DownloadFiles`: files of a namespace, for later tasks to read."""

from tiercel.plugins.namespace.patterns import Patterns
from tiercel.sdk import Output, RunContext, Task


class DownloadOutput(Output, frozen=True):
    files: dict[str, str]
    """Paths in the namespace, each with a slash in front, and the URI of each copy."""


class DownloadFiles(Task[DownloadOutput], type="io.kestra.plugin.core.namespace.DownloadFiles"):
    """Take copies of a namespace's files, which stay as they are while the execution lasts."""

    example = """
        id: use_scripts
        namespace: company.team
        tasks:
          - id: scripts
            type: io.kestra.plugin.core.namespace.DownloadFiles
            namespace: company.team
            files:
              - "scripts/**"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.scripts.files }}"
    """

    namespace: str
    """Whose files."""
    files: Patterns
    """Which files: patterns with `*`, `?` and `**`."""
    destination: str = ""
    """A folder of internal storage to put the copies in."""

    async def run(self, ctx: RunContext) -> DownloadOutput:
        found = await ctx.namespace_files.find(self.namespace, include=self.files)
        folder = f"{self.destination.strip('/')}/" if self.destination.strip("/") else ""
        stored = {
            f"/{file.path}": await ctx.files.store_stream(ctx.namespace_files.read(file), f"{folder}{file.path}")
            for file in found
        }
        ctx.counter("downloaded", len(stored))
        return DownloadOutput(files=stored)
