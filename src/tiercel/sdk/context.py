"""What a running task may use of the world: log, files, rendering, and nothing else of the server."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which run this is."""

    tenant: str
    namespace: str
    flow_id: str
    flow_revision: int
    execution_id: str
    task_id: str
    task_type: str
    task_run_id: str
    attempt: int
    """From 1."""
    value: str | None = None
    iteration: int | None = None


class TaskLog(Protocol):
    """The log of the task run; lines are masked and stored as they come."""

    def trace(self, message: str) -> None: ...
    def debug(self, message: str) -> None: ...
    def info(self, message: str) -> None: ...
    def warning(self, message: str) -> None: ...
    def error(self, message: str) -> None: ...

    def at(self, level: str) -> Callable[[str], None]:
        """The way to write lines of a level given by name: TRACE, DEBUG, INFO, WARN, ERROR."""
        ...

    async def drain(self) -> None:
        """Wait while more is buffered than the store takes: call it between lines of a flood."""
        ...


class Files(Protocol):
    """The task's side of internal storage; URIs are `kestra:///…`."""

    async def store(self, source: Path, name: str | None = None) -> str:
        """Keep a local file under the task run's folder and return its URI."""
        ...

    async def store_stream(self, chunks: AsyncIterator[bytes], name: str) -> str: ...

    def read(self, uri: str) -> AsyncIterator[bytes]: ...

    async def fetch(self, uri: str, target: Path | None = None) -> Path:
        """A local copy, in the working folder unless `target` says otherwise; the extension is kept."""
        ...

    async def size(self, uri: str) -> int: ...


class RunContext(Protocol):
    """Handed to `Task.run`. A kill or timeout cancels the coroutine: clean up in `finally`, then let it pass."""

    @property
    def info(self) -> RunInfo: ...
    @property
    def log(self) -> TaskLog: ...
    @property
    def files(self) -> Files: ...

    @property
    def working_dir(self) -> Path:
        """A folder of this run, made at first use and removed after the end."""
        ...

    @property
    def variables(self) -> Mapping[str, Any]:
        """What expressions of this task may name."""
        ...

    @property
    def configuration(self) -> Mapping[str, Any]:
        """Instance-wide settings of this plugin family, by dotted name (`scripts.default-runner`)."""
        ...

    @property
    def state_dir(self) -> Path:
        """A folder shared by all runs on this machine, for caches such as environments."""
        ...

    async def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Render the expressions in a text, list or mapping; strings stay strings. `extra` adds variables."""
        ...

    def counter(self, name: str, value: float = 1, **tags: str) -> None:
        """Report a count of this run."""
        ...

    def timer(self, name: str, seconds: float, **tags: str) -> None:
        """Report a duration of this run."""
        ...

    def gauge(self, name: str, value: float, **tags: str) -> None: ...

    def mask(self, secret: str) -> None:
        """Never let this text through to logs."""
        ...
