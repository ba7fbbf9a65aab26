"""Files that come with the start or the resume of an execution: streamed into internal storage, removed if it fails."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from tiercel.model.execution import Execution
from tiercel.ports.storage import Storage
from tiercel.services.creator import Creator
from tiercel.services.locations import execution_folder, stored_name


class Reception(Protocol):
    """Takes in the files of one request."""

    async def store(self, input_id: str, filename: str, chunks: AsyncIterator[bytes]) -> str:
        """What stands for a file that was given for an input: its URI."""
        ...


class Upload:
    """The files of one request."""

    def __init__(self, storage: Storage, folder: str, execution_id: str) -> None:
        self.execution_id = execution_id
        self._storage = storage
        self._folder = folder
        self._stored: list[str] = []

    async def store(self, input_id: str, filename: str, chunks: AsyncIterator[bytes]) -> str:
        """Keep a file for an input and return its URI."""
        uri = _uri(self._folder, input_id, filename)
        self._stored.append(uri)
        await self._storage.put(uri, chunks)
        return uri

    async def forget(self) -> None:
        """Nobody will read these files: the request was refused."""
        for uri in self._stored:
            await self._storage.delete(uri)


class Imagined:
    """The files of a request that only asks whether they would do: named as they would be, and not kept."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    async def store(self, input_id: str, filename: str, chunks: AsyncIterator[bytes]) -> str:
        return _uri(self._folder, input_id, filename)


class Uploads:
    def __init__(self, storage: Storage, creator: Creator) -> None:
        self._storage = storage
        self._creator = creator

    def endings(self, tenant: str, namespace: str, flow_id: str) -> dict[str, str]:
        """See Creator.endings."""
        return self._creator.endings(tenant, namespace, flow_id)

    @asynccontextmanager
    async def for_execution(self, namespace: str, flow_id: str) -> AsyncGenerator[Upload]:
        """For an execution that is about to be created; its id is minted here."""
        execution_id = self._creator.mint()
        async with self._kept(execution_folder(namespace, flow_id, execution_id), execution_id) as upload:
            yield upload

    @asynccontextmanager
    async def for_running(self, execution: Execution) -> AsyncGenerator[Upload]:
        """For one that is about to be resumed or replayed: apart from the files it began with, which may have the same names."""
        folder = execution_folder(execution.namespace, execution.flow_id, execution.id)
        async with self._kept(f"{folder}given/{self._creator.mint()}/", execution.id) as upload:
            yield upload

    def imagined(self, namespace: str, flow_id: str) -> Imagined:
        """For a question that keeps nothing."""
        return Imagined(execution_folder(namespace, flow_id, self._creator.mint()))

    @asynccontextmanager
    async def _kept(self, folder: str, execution_id: str) -> AsyncGenerator[Upload]:
        upload = Upload(self._storage, folder, execution_id)
        try:
            yield upload
        except BaseException:
            await upload.forget()
            raise


def _uri(folder: str, input_id: str, filename: str) -> str:
    name = stored_name(filename.replace("\\", "/").rpartition("/")[2] or input_id)
    return f"{folder}inputs/{stored_name(input_id)}/{name}"
