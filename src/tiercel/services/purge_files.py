"""Deletes old files of executions, found in internal storage itself: their executions may be long forgotten."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec

from tiercel.ports.reader import Reader
from tiercel.ports.storage import Storage, StoredFile
from tiercel.sdk import PurgedFiles
from tiercel.services.locations import SCHEME, flow_folder, namespace_folder

AT_ONCE = 100
"""Executions of which it is asked at once whether they are over."""
_PLACE = re.compile(r"kestra:///(?:(?!_files/|_cache/)[^/]+/)+?executions/(?P<execution>[0-9A-Za-z]{20,})/")


class Folder(msgspec.Struct):
    """The files of one execution that are meant."""

    execution_id: str
    meant: list[str] = []


class FilePurge:
    """Goes through storage once; what it has in memory are the files of some executions."""

    def __init__(self, *, reader: Reader, storage: Storage) -> None:
        self._reader, self._storage = reader, storage

    async def of(
        self,
        tenant: str,
        *,
        namespace: str | None,
        flow_id: str | None,
        start: datetime | None,
        end: datetime,
        dry_run: bool,
    ) -> PurgedFiles:
        """Delete the files of executions that were last written from `start` on and before `end`."""
        scanned = executions = files = 0
        async for folders in _in_parts(self._folders(place_of(namespace, flow_id), start, end)):
            scanned += len(folders)
            meant = await self._not_live(tenant, [folder for folder in folders if folder.meant])
            executions += len(meant)
            if not dry_run:
                files += sum([await self._deleted(folder) for folder in meant])
        return PurgedFiles(scanned=scanned, executions=executions, files=files)

    async def _folders(self, place: str, start: datetime | None, end: datetime) -> AsyncIterator[Folder]:
        """One after the other: a listing goes through the tree of folders."""
        folder: Folder | None = None
        async for file in self._storage.files(place):
            found = _PLACE.match(file.uri)
            if found is None:
                continue
            if folder is None or folder.execution_id != found["execution"]:
                if folder is not None:
                    yield folder
                folder = Folder(found["execution"])
            if _is_between(file, start, end):
                folder.meant.append(file.uri)
        if folder is not None:
            yield folder

    async def _not_live(self, tenant: str, folders: Sequence[Folder]) -> list[Folder]:
        found = await self._reader.executions(tenant, [folder.execution_id for folder in folders])
        live = {one.row.id for one in found if one.row.live}
        return [folder for folder in folders if folder.execution_id not in live]

    async def _deleted(self, folder: Folder) -> int:
        return sum([await self._storage.delete(uri) for uri in folder.meant])


def place_of(namespace: str | None, flow_id: str | None) -> str:
    """The folder of storage that holds what is meant."""
    if namespace is None:
        return f"{SCHEME}/"
    return namespace_folder(namespace) if flow_id is None else flow_folder(namespace, flow_id)


def _is_between(file: StoredFile, start: datetime | None, end: datetime) -> bool:
    return (start is None or file.modified >= start) and file.modified < end


async def _in_parts(folders: AsyncIterator[Folder]) -> AsyncIterator[list[Folder]]:
    part: list[Folder] = []
    async for folder in folders:
        part.append(folder)
        if len(part) >= AT_ONCE:
            yield part
            part = []
    if part:
        yield part
