"""Files a script begins with: `inputFiles`, and internal storage URIs in its text, which become local paths."""

import asyncio
import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, cast

from tiercel.sdk import RunContext, TaskFailed

_URI = re.compile(r"kestra://[-\w.+~#=/%]*")
_FILE = re.compile(r"(?:kestra|nsfile)://[-\w.+~#=/%]*")
"""What stands for a file where one is wanted; in a text only files of internal storage are meant."""
_ELSEWHERE = re.compile(r"file:/\S*")


class Downloads:
    """Copies files of internal storage into a folder; the same URI twice is one file."""

    def __init__(self, ctx: RunContext, folder: Path) -> None:
        self._ctx = ctx
        self._folder = folder
        self._paths: dict[str, Path] = {}

    async def in_text(self, text: str) -> str:
        """The text with paths in place of storage URIs. Raises TaskFailed for a file that is not there."""
        if "kestra://" not in text:
            return text
        for uri in dict.fromkeys(_URI.findall(text)):
            await self._path(uri)
        return _URI.sub(lambda found: str(self._paths[found[0]]), text)

    async def to(self, target: Path, uri: str) -> None:
        """A copy in a place of its own."""
        self._paths[uri] = await self._ctx.files.fetch(uri, target)

    async def _path(self, uri: str) -> None:
        if uri not in self._paths:
            fetched = await self._ctx.files.fetch(uri)
            self._paths[uri] = fetched.rename(self._folder / fetched.name)


async def place(input_files: Any, folder: Path, downloads: Downloads) -> None:
    """Write the rendered `inputFiles` into the folder. Raises TaskFailed for a name that leads out of it."""
    for name, content in _entries(input_files).items():
        if content is not None:
            await _write(name, content, folder, downloads)


def _entries(input_files: Any) -> Mapping[str, Any]:
    """A map, or the JSON text of one."""
    if input_files is None or input_files == "":
        return {}
    if isinstance(input_files, str):
        try:
            input_files = json.loads(input_files)
        except ValueError as error:
            raise TaskFailed(f"property `inputFiles` is no map and no JSON of one: {error}") from error
    if not isinstance(input_files, dict):
        raise TaskFailed("property `inputFiles` must be a map of file names to texts or URIs")
    return cast(dict[str, Any], input_files)


async def _write(name: str, content: Any, folder: Path, downloads: Downloads) -> None:
    path = _inside(folder, name)
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    uri = text.strip()
    if _ELSEWHERE.fullmatch(uri):
        raise TaskFailed(
            f"input file {name!r} cannot be had from {uri}: scripts read files of internal storage and of namespaces only"
        )
    try:
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        if _FILE.fullmatch(uri):
            await downloads.to(path, uri)
        else:
            await asyncio.to_thread(path.write_text, text, encoding="utf-8", newline="")
    except (OSError, ValueError) as error:
        raise TaskFailed(f"input file {name!r} cannot be written: {error}") from error


def _inside(folder: Path, name: str) -> Path:
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or name.startswith(("/", "./", "..")):
        raise TaskFailed(
            f"input file {name!r} would lie outside of the working folder; write a name like data/file.csv"
        )
    return folder / name
