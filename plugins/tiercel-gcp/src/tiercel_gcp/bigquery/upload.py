"""A file on its way to Google: read as it is sent, and let go when the task is stopped."""

import io
import threading
from pathlib import Path


class UploadStopped(Exception):
    """The task was stopped while its file was being sent."""


class UploadFile(io.FileIO):
    """Gives no more bytes once the event is set, so that the thread that sends them ends."""

    def __init__(self, path: Path, stopped: threading.Event) -> None:
        super().__init__(path, "rb")
        self._stopped = stopped

    def read(self, size: int | None = -1, /) -> bytes:
        if self._stopped.is_set():
            raise UploadStopped
        return super().read(-1 if size is None else size)
