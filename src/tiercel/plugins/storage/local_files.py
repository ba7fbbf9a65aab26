"""`io.kestra.plugin.core.storage.LocalFiles`: files into and out of the folder of a WorkingDirectory."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BeforeValidator

from tiercel.sdk import Output, RunContext, Task, TaskFailed
from tiercel.sdk.patterns import fits_any

_STORED = "kestra://"


def _mapped(written: Any) -> Any:
    return json.loads(written) if isinstance(written, str) else written


class LocalFilesOutput(Output, frozen=True):
    uris: dict[str, str]
    """The files that were taken out: their paths, and where each is stored."""


class LocalFiles(Task[LocalFilesOutput], type="io.kestra.plugin.core.storage.LocalFiles"):
    """Put files into the working folder and take files out of it. Today one would use `inputFiles` and `outputFiles`."""

    example = """
        id: files_of_a_folder
        namespace: company.team
        tasks:
          - id: folder
            type: io.kestra.plugin.core.flow.WorkingDirectory
            tasks:
              - id: put
                type: io.kestra.plugin.core.storage.LocalFiles
                inputs:
                  greeting.txt: Hello World
              - id: take
                type: io.kestra.plugin.core.storage.LocalFiles
                outputs:
                  - "*.txt"
    """

    inputs: Annotated[Mapping[str, str], BeforeValidator(_mapped)] = {}
    """Paths, and for each the text or the URI of a stored file."""
    outputs: list[str] = []
    """Which files are taken out, by patterns."""

    async def run(self, ctx: RunContext) -> LocalFilesOutput:
        for name, content in self.inputs.items():
            await _put(ctx, name, content)
        return LocalFilesOutput(uris=await self._taken_out(ctx))

    async def _taken_out(self, ctx: RunContext) -> dict[str, str]:
        if not self.outputs:
            return {}
        folder = ctx.working_dir
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        wanted = {name: path for name, path in files.items() if fits_any(name, self.outputs)}
        return {name: await ctx.files.store(path, name) for name, path in wanted.items()}


async def _put(ctx: RunContext, name: str, content: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise TaskFailed(f"`{name}` would lie outside of the working folder")
    target = Path(ctx.working_dir, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if content.startswith(_STORED):
        await ctx.files.fetch(content, target)
    else:
        await asyncio.to_thread(target.write_text, content, encoding="utf-8")
