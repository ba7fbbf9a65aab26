"""Files a script begins with: `inputFiles`, and internal storage URIs in its text, which become local paths."""

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, cast

from tiercel.sdk import RunContext, TaskFailed

_URI = re.compile(r"kestra://[-\w.+~#=/%]*")
_UNBUILT = ("nsfile:", "file:")


class Downloads:
    """Replaces storage URIs in text by paths; the same URI twice is one file."""

    def __init__(self, ctx: RunContext) -> None:
        self._ctx = ctx
        self._paths: dict[str, Path] = {}

    async def in_text(self, text: str) -> str:
        for uri in dict.fromkeys(_URI.findall(text)):
            await self.path(uri)
        return _URI.sub(lambda found: str(self._paths[found[0]]), text)

    async def path(self, uri: str, target: Path | None = None) -> Path:
        if uri not in self._paths or target is not None:
            self._paths[uri] = await self._ctx.files.fetch(uri, target)
        return self._paths[uri]


async def place(input_files: Any, folder: Path, downloads: Downloads) -> None:
    """Write the rendered `inputFiles` into the folder. Raises TaskFailed for a name that leads out of it."""
    for name, content in _entries(input_files).items():
        if content is not None:
            await _write(_inside(folder, name), content, downloads)


def _entries(input_files: Any) -> Mapping[str, Any]:
    """A map, or the JSON text of one."""
    if input_files is None or input_files == "":
        return {}
    if isinstance(input_files, str):
        try:
            input_files = json.loads(input_files)
        except ValueError as error:
            raise TaskFailed(f"inputFiles is no map and no JSON of one: {error}") from error
    if not isinstance(input_files, dict):
        raise TaskFailed("inputFiles must be a map of file names to texts or URIs")
    return cast(dict[str, Any], input_files)


def _inside(folder: Path, name: str) -> Path:
    if name.startswith(("/", "./", "..")) or ".." in PurePosixPath(name).parts or not name:
        raise TaskFailed(
            f"input file {name!r} would lie outside of the working folder; write a name like data/file.csv"
        )
    return folder / name


async def _write(path: Path, content: Any, downloads: Downloads) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    if _URI.fullmatch(text.strip()):
        await downloads.path(text.strip(), path)
    elif text.startswith(_UNBUILT):
        raise TaskFailed(f"{text!r} cannot be read yet: namespace files and local files are not available to scripts")
    else:
        await asyncio.to_thread(path.write_text, text)
