"""Files a script leaves: all below its output folder, and those that `outputFiles` names. Also after a failure."""

import asyncio
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tiercel.sdk import RunContext
from tiercel.sdk.patterns import is_pattern, matching
from tiercel.sdk.processes import PRIVATE


class Collection:
    """Uploads what is found. `without` are files that are ours: no pattern means them."""

    def __init__(self, ctx: RunContext, folder: Path, *, without: frozenset[str]) -> None:
        self._ctx = ctx
        self._folder = folder
        self._without = without

    async def of(self, output_dir: Path, patterns: list[str]) -> dict[str, str]:
        """URIs by relative path. A named file that is missing is told, and no failure."""
        uris: dict[str, str] = {}
        for path in await _all_below(output_dir):
            name = _name(path, output_dir)
            uris[name] = await self._ctx.files.store(path, name)
        for pattern in patterns:
            for path in await self._matches(pattern):
                name = _name(path, self._folder)
                uris[name] = await self._ctx.files.store(path, _stored(name))
        return uris

    async def _matches(self, pattern: str) -> list[Path]:
        relative = _relative(pattern, self._folder)
        if is_pattern(relative):
            return await asyncio.to_thread(self._found, matching(relative))
        named = self._folder / relative
        if await asyncio.to_thread(_is_inside, named, self._folder):
            return [named]
        self._ctx.log.warning(f"output file {pattern} is not there: no such file in the working folder")
        return []

    def _found(self, wanted: re.Pattern[str]) -> list[Path]:
        return [
            path
            for path in _below(self._folder, without=PRIVATE)
            if wanted.fullmatch(name := _name(path, self._folder)) and name not in self._without
        ]


async def _all_below(folder: Path) -> list[Path]:
    """Most scripts leave nothing: no thread is asked for that."""
    try:
        is_empty = not os.listdir(folder)
    except OSError:
        return []  # the script removed it
    return [] if is_empty else await asyncio.to_thread(lambda: list(_below(folder)))


def _below(folder: Path, *, without: str | None = None) -> Iterator[Path]:
    """Its files, sorted; folders that are links are not entered, links to files that lie outside are left out."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != without)
        found = (Path(parent, name) for name in sorted(names))
        yield from (path for path in found if _is_inside(path, folder))


def _is_inside(path: Path, folder: Path) -> bool:
    """A regular file that lies below the folder when links are followed."""
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def _relative(pattern: str, folder: Path) -> str:
    """Also an absolute path into the working folder, as `{{ outputFiles['x'] }}` gives it."""
    return os.path.normpath(pattern.removeprefix(f"{folder}/"))


def _name(path: Path, folder: Path) -> str:
    """With `/` on every system; what is no UTF-8 is made readable."""
    return os.fsencode(path.relative_to(folder).as_posix()).decode(errors="replace")


def _stored(name: str) -> str:
    """The file's name behind an id of its path: two folders may hold one name. The extension stays."""
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]}-{PurePosixPath(name).name}"
