"""`io.kestra.plugin.core.namespace.UploadFiles`: files become files of a namespace."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, model_validator

from tiercel.plugins.namespace.patterns import Patterns
from tiercel.sdk import Output, RunContext, Task, TaskFailed
from tiercel.sdk.patterns import fits_any

_STORED = "kestra://"
_CHUNK = 1024 * 1024


def _mapped(written: Any) -> Any:
    """A map, also as JSON text."""
    return json.loads(written) if isinstance(written, str) else written


def _moved(written: Any) -> Any:
    """In old flows `files` may hold the map."""
    if not isinstance(written, dict):
        return written
    given = cast(dict[str, Any], written)
    if not isinstance(given.get("files"), dict) or "filesMap" in given:
        return given
    return {"filesMap" if name == "files" else name: value for name, value in given.items()}


class UploadOutput(Output, frozen=True):
    files: dict[str, str]
    """Paths in the namespace, and the URI of each file."""


class UploadFiles(Task[UploadOutput], type="io.kestra.plugin.core.namespace.UploadFiles"):
    """Write files into a namespace, for all its flows to use: each write is a new revision."""

    example = """
        id: publish_report
        namespace: company.team
        tasks:
          - id: report
            type: io.kestra.plugin.core.storage.Write
            content: all is well
          - id: publish
            type: io.kestra.plugin.core.namespace.UploadFiles
            namespace: company.team
            filesMap:
              report.txt: "{{ outputs.report.uri }}"
            destination: /reports
    """

    namespace: str
    """Where they go."""
    files: Patterns | None = None
    """Files of the working folder, by patterns: within a WorkingDirectory. A URI of a stored file stands for that file."""
    files_map: Annotated[dict[str, str] | None, BeforeValidator(_mapped)] = None
    """Paths, and for each the URI of a stored file or its text."""
    destination: str = "/"
    """The folder they go to."""
    conflict: Literal["OVERWRITE", "ERROR", "SKIP"] = "OVERWRITE"
    """What happens where a file is there already."""

    @model_validator(mode="before")
    @classmethod
    def _in_present_words(cls, written: Any) -> Any:
        return _moved(written)

    @model_validator(mode="after")
    def _names_files(self) -> "UploadFiles":
        if self.files is None and self.files_map is None:
            raise ValueError("one of `files` and `filesMap` is needed")
        return self

    async def run(self, ctx: RunContext) -> UploadOutput:
        written: dict[str, str] = {}
        for name, chunks in {**self._local(ctx), **self._stored(ctx), **self._mapped_files(ctx)}.items():
            path = f"{self.destination.strip('/')}/{name}".strip("/")
            if await self._may_write(ctx, path):
                written[path] = (await ctx.namespace_files.write(path, chunks, self.namespace)).uri
        ctx.counter("uploaded", len(written))
        return UploadOutput(files=written)

    async def _may_write(self, ctx: RunContext, path: str) -> bool:
        if self.conflict == "OVERWRITE" or await ctx.namespace_files.get(path, self.namespace) is None:
            return True
        if self.conflict == "ERROR":
            raise TaskFailed(f"`{path}` is there already; `conflict: OVERWRITE` would write a new revision")
        ctx.log.info(f"{path} is there already and stays as it is")
        return False

    def _local(self, ctx: RunContext) -> Mapping[str, AsyncIterator[bytes]]:
        if self.files is None:
            return {}
        folder = ctx.working_dir
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        names = {path.relative_to(folder).as_posix(): path for path in paths}
        return {name: _content(path) for name, path in names.items() if fits_any(name, self.files)}

    def _stored(self, ctx: RunContext) -> Mapping[str, AsyncIterator[bytes]]:
        uris = [name for name in self.files or () if name.startswith(_STORED)]
        return {PurePosixPath(uri).name: ctx.files.read(uri) for uri in uris}

    def _mapped_files(self, ctx: RunContext) -> Mapping[str, AsyncIterator[bytes]]:
        return {
            name: ctx.files.read(value) if value.startswith(_STORED) else _text(value)
            for name, value in (self.files_map or {}).items()
        }


async def _content(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


async def _text(value: str) -> AsyncIterator[bytes]:
    yield value.encode()
