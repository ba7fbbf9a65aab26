"""The files of a WorkingDirectory: what lies in its folder before the first child, what is kept after the last one."""

import asyncio
import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from tiercel.ports.storage import FileMissing, Storage, StorageError
from tiercel.sdk import Duration, Output, Properties, RunContext, RunInfo, Task, TaskFailed
from tiercel.sdk.namespace_files import NamespaceFilesWanted, put_namespace_files
from tiercel.sdk.patterns import fits_any, is_pattern, matching
from tiercel.sdk.processes import PRIVATE
from tiercel.services.locations import SCHEME, flow_folder, slug

NAMESPACE_FILE = "nsfile:"
CONTEXT_FILE = ".kestra-execution-context.json"
"""Written by scripts for themselves."""


class Cache(Properties):
    """Files that the next execution finds in its folder."""

    patterns: list[str]
    ttl: Duration | None = None


class DirectoryOutput(Output, frozen=True):
    output_files: dict[str, str] | None = None
    """URIs by path within the folder."""


class Directory(Task[DirectoryOutput]):
    """The properties of a WorkingDirectory, rendered."""

    input_files: dict[str, Any] | None = None
    output_files: list[str] | None = None
    namespace_files: NamespaceFilesWanted | None = None
    cache: Cache | None = None


# Before ----------------------------------------------------------------------------------------------------------------


async def put_in(directory: Directory, ctx: RunContext) -> None:
    """Files of namespaces, then those of `inputFiles`, which win. Raises TaskFailed."""
    await put_namespace_files(directory.namespace_files, ctx)
    for name, content in (directory.input_files or {}).items():
        if content is not None:
            await _put(name, content, ctx)


async def _put(name: str, content: Any, ctx: RunContext) -> None:
    path = _inside(ctx.working_dir, name)
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    uri = text.strip()
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    if uri.startswith(SCHEME) and "\n" not in uri:
        await ctx.files.fetch(uri, path)
    elif uri.startswith(NAMESPACE_FILE) and "\n" not in uri:
        await _fetch_namespace_file(uri, path, ctx)
    else:
        await asyncio.to_thread(path.write_text, text, encoding="utf-8", newline="")


async def _fetch_namespace_file(uri: str, path: Path, ctx: RunContext) -> None:
    """`nsfile:///path` of the flow's namespace, `nsfile://namespace/path` of another one."""
    namespace, _, name = uri.removeprefix(NAMESPACE_FILE).removeprefix("//").partition("/")
    file = await ctx.namespace_files.get(name, namespace or None)
    if file is None:
        raise TaskFailed(f"there is no namespace file {uri}")
    await ctx.namespace_files.fetch(file, path)


def _inside(folder: Path, name: str) -> Path:
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or name.startswith(("/", "./")):
        raise TaskFailed(f"input file {name!r} would lie outside of the folder; write a name like data/file.csv")
    return folder / name


# After -----------------------------------------------------------------------------------------------------------------


async def taken_out(directory: Directory, ctx: RunContext) -> DirectoryOutput | None:
    """The files that `outputFiles` means, stored. One that is named and missing is told, and no failure."""
    if directory.output_files is None:
        return None
    found: dict[str, str] = {}
    for pattern in directory.output_files:
        paths = await asyncio.to_thread(_found, ctx.working_dir, pattern)
        if not paths and not is_pattern(pattern):
            ctx.log.warning(f"output file {pattern} is not there: no such file in the working folder")
        for path in paths:
            name = path.relative_to(ctx.working_dir).as_posix()
            found[name] = await ctx.files.store(path, _stored(name))
    return DirectoryOutput(output_files=found)


def _found(folder: Path, pattern: str) -> list[Path]:
    wanted = matching(os.path.normpath(pattern.removeprefix(f"{folder}/")))
    return [path for path in _below(folder) if wanted.fullmatch(path.relative_to(folder).as_posix())]


def _below(folder: Path) -> Iterator[Path]:
    """Files that lie in the folder when links are followed, ours left out, sorted."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != PRIVATE)
        for path in (Path(parent, name) for name in sorted(names) if name != CONTEXT_FILE):
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                yield path


def _stored(name: str) -> str:
    """The file's name behind an id of its path: two folders may hold one name. The extension stays."""
    return f"{hashlib.sha256(name.encode()).hexdigest()[:16]}-{PurePosixPath(name).name}"


# From one execution to the next -------------------------------------------------------------------------------------------


class Archive:
    """What the cache of one WorkingDirectory holds. Its failures are told and are no failures of the task."""

    def __init__(self, cache: Cache, storage: Storage, ctx: RunContext, private: Path) -> None:
        self._cache, self._storage, self._ctx, self._private = cache, storage, ctx, private
        self._uri = _archive_of(ctx.info)

    async def unpack(self, *, now: datetime) -> None:
        """Put the files in, unless they are too old."""
        packed = self._private / "cached.zip"
        try:
            await self._storage.fetch(self._uri, packed)
            age = now - await asyncio.to_thread(_packed_at, packed)
            if self._cache.ttl is not None and age > self._cache.ttl:
                self._ctx.log.debug("the cached files are older than their `ttl`")
                return
            await asyncio.to_thread(_unpack, packed, self._ctx.working_dir)
        except FileMissing:
            self._ctx.log.debug("nothing is cached yet")
        except (StorageError, OSError, ValueError, zipfile.BadZipFile) as error:
            self._ctx.log.warning(f"the cached files cannot be used: {error}")

    async def pack(self, *, now: datetime) -> None:
        """Keep the files that fit the patterns."""
        packed = self._private / "to-cache.zip"
        try:
            await asyncio.to_thread(_pack, packed, self._ctx.working_dir, self._cache.patterns, now)
            await self._storage.put_file(self._uri, packed)
        except (StorageError, OSError, ValueError) as error:
            self._ctx.log.warning(f"the files cannot be cached: {error}")


def _archive_of(info: RunInfo) -> str:
    return f"{flow_folder(info.namespace, info.flow_id)}{slug(info.task_id)}/cache/cache.zip"


def _pack(packed: Path, folder: Path, patterns: Sequence[str], now: datetime) -> None:
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = now.isoformat().encode()
        for path in _fitting(folder, patterns):
            archive.write(path, path.relative_to(folder).as_posix())


def _fitting(folder: Path, patterns: Sequence[str]) -> Iterable[Path]:
    return (path for path in _below(folder) if fits_any(path.relative_to(folder).as_posix(), patterns))


def _packed_at(packed: Path) -> datetime:
    with zipfile.ZipFile(packed) as archive:
        return datetime.fromisoformat(archive.comment.decode())


def _unpack(packed: Path, folder: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
        for entry in archive.infolist():
            mode = entry.external_attr >> 16
            if mode:
                (folder / entry.filename).chmod(mode & 0o777)
