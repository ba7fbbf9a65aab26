"""`io.kestra.plugin.core.storage.Write`: a text becomes a file."""

from collections.abc import AsyncIterator

from tiercel.sdk import Output, RunContext, Task


class WriteOutput(Output, frozen=True):
    uri: str
    """The file."""


class Write(Task[WriteOutput], type="io.kestra.plugin.core.storage.Write"):
    """Store a text as a file of internal storage."""

    example = """
        id: write_file
        namespace: company.team
        tasks:
          - id: greeting
            type: io.kestra.plugin.core.storage.Write
            content: Hello World
            extension: .txt
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ read(outputs.greeting.uri) }}"
    """

    content: str
    """The text."""
    extension: str | None = None
    """How the name of the file ends."""

    async def run(self, ctx: RunContext) -> WriteOutput:
        return WriteOutput(uri=await ctx.files.store_stream(self._chunks(), f"content{self.extension or ''}"))

    async def _chunks(self) -> AsyncIterator[bytes]:
        yield self.content.encode()
