"""`io.kestra.plugin.core.storage.Size`: the size of a file."""

from tiercel.sdk import Output, RunContext, Task


class SizeOutput(Output, frozen=True):
    size: int
    """Bytes."""


class Size(Task[SizeOutput], type="io.kestra.plugin.core.storage.Size"):
    """Tell the size of a file of internal storage."""

    example = """
        id: measure
        namespace: company.team
        inputs:
          - id: file
            type: FILE
        tasks:
          - id: measured
            type: io.kestra.plugin.core.storage.Size
            uri: "{{ inputs.file }}"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.measured.size }} bytes"
    """

    uri: str
    """The file."""

    async def run(self, ctx: RunContext) -> SizeOutput:
        size = await ctx.files.size(self.uri)
        ctx.gauge("size", size)
        return SizeOutput(size=size)
