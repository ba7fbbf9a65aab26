"""Files that come with the start or the resume of an execution: streamed into internal storage, removed if it fails."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from tiercel.model.execution import Execution
from tiercel.ports.storage import Storage
from tiercel.services.creator import Creator
from tiercel.services.locations import execution_folder, stored_name


class Upload:
    """The files of one request."""

    def __init__(self, storage: Storage, folder: str, execution_id: str) -> None:
        self.execution_id = execution_id
        self._storage = storage
        self._folder = folder
        self._stored: list[str] = []

    async def store(self, input_id: str, filename: str, chunks: AsyncIterator[bytes]) -> str:
        """Keep a file for an input and return its URI."""
        name = stored_name(filename.replace("\\", "/").rpartition("/")[2] or input_id)
        uri = f"{self._folder}inputs/{stored_name(input_id)}/{name}"
        self._stored.append(uri)
        await self._storage.put(uri, chunks)
        return uri

    async def forget(self) -> None:
        """Nobody will read these files: the request was refused."""
        for uri in self._stored:
            await self._storage.delete(uri)


class Uploads:
    def __init__(self, storage: Storage, creator: Creator) -> None:
        self._storage = storage
        self._creator = creator

    @asynccontextmanager
    async def for_execution(self, namespace: str, flow_id: str) -> AsyncGenerator[Upload]:
        """For an execution that is about to be created; its id is minted here."""
        async with self._kept(namespace, flow_id, self._creator.mint()) as upload:
            yield upload

    @asynccontextmanager
    async def for_running(self, execution: Execution) -> AsyncGenerator[Upload]:
        """For an execution that is about to be resumed."""
        async with self._kept(execution.namespace, execution.flow_id, execution.id) as upload:
            yield upload

    @asynccontextmanager
    async def _kept(self, namespace: str, flow_id: str, execution_id: str) -> AsyncGenerator[Upload]:
        upload = Upload(self._storage, execution_folder(namespace, flow_id, execution_id), execution_id)
        try:
            yield upload
        except BaseException:
            await upload.forget()
            raise
