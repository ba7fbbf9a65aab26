"""`io.kestra.plugin.core.storage.Concat`: joins files to one."""

import json
from collections.abc import AsyncIterator
from typing import Any, cast

from tiercel.sdk import Output, RunContext, Task, TaskFailed


class ConcatOutput(Output, frozen=True):
    uri: str
    """The file that holds all of them."""


class Concat(Task[ConcatOutput], type="io.kestra.plugin.core.storage.Concat"):
    """Join files of internal storage to one, in the order given."""

    example = """
        id: join
        namespace: company.team
        inputs:
          - id: first
            type: FILE
          - id: second
            type: FILE
        tasks:
          - id: both
            type: io.kestra.plugin.core.storage.Concat
            files:
              - "{{ inputs.first }}"
              - "{{ inputs.second }}"
            separator: "\\n"
            extension: .csv
    """

    files: list[str] | str
    """URIs; a list, or a text that holds one as JSON."""
    separator: str | None = None
    """What is written behind each file, the last one too."""
    extension: str = ".tmp"
    """How the name of the file ends."""

    async def run(self, ctx: RunContext) -> ConcatOutput:
        uris = _listed(self.files)
        return ConcatOutput(uri=await ctx.files.store_stream(self._chunks(ctx, uris), f"concat{self.extension}"))

    async def _chunks(self, ctx: RunContext, uris: list[str]) -> AsyncIterator[bytes]:
        for uri in uris:
            async for chunk in ctx.files.read(uri):
                yield chunk
            if self.separator:
                yield self.separator.encode()


def _listed(files: list[str] | str) -> list[str]:
    """A rendered list of URIs. A map, as scripts give it with `outputFiles`, means its values."""
    if isinstance(files, list):
        return files
    try:
        read: Any = json.loads(files)
    except ValueError:
        raise TaskFailed(f"`files` must be a list of URIs or hold one as JSON, not {files!r}") from None
    if isinstance(read, dict):
        return [str(uri) for uri in cast(dict[str, Any], read).values()]
    if not isinstance(read, list):
        raise TaskFailed(f"`files` must be a list of URIs, not {files!r}")
    return [str(uri) for uri in cast(list[Any], read)]
