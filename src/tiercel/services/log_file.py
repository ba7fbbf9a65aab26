"""The log of a run as a file of internal storage, for tasks with `logToFile`."""

from tiercel.engine.commands import Job
from tiercel.model.log import LogEntry
from tiercel.sdk import TaskFailed
from tiercel.services.run_files import RunFiles
from tiercel.services.run_folders import RunFolders


class LogFile:
    """Takes lines as they come; they leave the machine at the end, in one piece."""

    def __init__(self, folders: RunFolders) -> None:
        self._folders = folders
        self._is_empty = True
        self._trouble: OSError | None = None

    def add(self, entry: LogEntry) -> None:
        """Take a line. Trouble with the disk is kept until the end: a task does not expect its log to fail."""
        line = f"{entry.timestamp.isoformat()} {entry.level} {entry.message}\n"
        try:
            with (self._folders.private_dir / "log").open("a", encoding="utf-8") as file:
                file.write(line)
            self._is_empty = False
        except OSError as error:
            self._trouble = error

    async def store(self, files: RunFiles, job: Job) -> str | None:
        """The URI; None where nothing was written. Raises TaskFailed where lines could not be kept."""
        if self._trouble is not None:
            raise TaskFailed(f"the log could not be written to a file: {self._trouble}") from self._trouble
        if self._is_empty:
            return None
        return await files.store(self._folders.private_dir / "log", f"attempt-{job.attempt}.log")
