"""`io.kestra.plugin.core.storage.Reverse`: the lines of a file, last one first."""

import asyncio
import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tiercel.sdk import Output, RunContext, Task, TaskFailed


class ReverseOutput(Output, frozen=True):
    uri: str
    """The file with its lines the other way round."""


class Reverse(Task[ReverseOutput], type="io.kestra.plugin.core.storage.Reverse"):
    """Write the lines of a file in the opposite order. The file is never held in memory as a whole."""

    example = """
        id: newest_first
        namespace: company.team
        inputs:
          - id: log
            type: FILE
        tasks:
          - id: turned
            type: io.kestra.plugin.core.storage.Reverse
            from: "{{ inputs.log }}"
    """

    from_: Annotated[str, Field(alias="from")]
    """The file."""
    separator: str = "\n"
    """What ends a line."""
    charset: str = "UTF-8"
    """How the file's text is written as bytes."""

    async def run(self, ctx: RunContext) -> ReverseOutput:
        source = await ctx.files.fetch(self.from_)
        target = source.with_name(f"reversed{source.suffix}")
        await asyncio.to_thread(_write_reversed, source, target, self._encoded_separator())
        return ReverseOutput(uri=await ctx.files.store(target, target.name))

    def _encoded_separator(self) -> bytes:
        try:
            return self.separator.encode(self.charset)
        except LookupError as error:
            raise TaskFailed(f"there is no charset {self.charset!r}; write for example UTF-8") from error


def _write_reversed(source: Path, target: Path, separator: bytes) -> None:
    with target.open("wb") as file:
        for piece in _from_the_end(source, separator):
            file.write(piece + separator)


def _from_the_end(path: Path, separator: bytes) -> Iterator[bytes]:
    """The pieces between separators, last one first. The file is mapped, not read."""
    if path.stat().st_size == 0:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        end = len(content) - len(separator) if content[-len(separator) :] == separator else len(content)
        while (found := content.rfind(separator, 0, end)) >= 0:
            yield content[found + len(separator) : end]
            end = found
        yield content[:end]
