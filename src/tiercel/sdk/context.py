"""What a running task may use of the world: log, files, rendering, and nothing else of the server."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import msgspec

from tiercel.model.kv import KvEntry, KvValue
from tiercel.model.log import LogEntry
from tiercel.model.namespace_file import NamespaceFile


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which run this is. Where a flow or a trigger asks, and no task of it, what tells of task and execution is empty."""

    tenant: str
    namespace: str
    flow_id: str
    flow_revision: int
    execution_id: str = ""
    trigger_id: str = ""
    """Where a trigger is looked at; its task is none then."""
    task_id: str = ""
    task_type: str = ""
    task_run_id: str = ""
    attempt: int = 1
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

    async def delete(self, uri: str) -> bool:
        """Whether there was a file to delete."""
        ...

    async def delete_all_of_execution(self) -> list[str]:
        """Delete what the tasks of this execution have stored so far, its inputs too, and return the URIs."""
        ...


class Logs(Protocol):
    """The log lines that are stored. `namespace` means those below it too; what is None does not matter."""

    def read(
        self,
        *,
        execution_id: str | None = None,
        namespace: str | None = None,
        flow_id: str | None = None,
        task_ids: Sequence[str] = (),
        min_level: str = "TRACE",
    ) -> AsyncIterator[LogEntry]:
        """In the order they were written, streamed."""
        ...

    async def delete(
        self,
        *,
        of_executions: bool,
        execution_id: str | None = None,
        namespace: str | None = None,
        flow_id: str | None = None,
        levels: Sequence[str] = (),
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> int:
        """Forget lines of executions, or those of triggers, which belong to none; return how many."""
        ...

    async def delete_metrics(
        self,
        *,
        execution_id: str | None = None,
        namespace: str | None = None,
        flow_id: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> int:
        """Forget metrics of a namespace and of those below it, of a flow, of an execution; return how many."""
        ...


class Which(msgspec.Struct, frozen=True, kw_only=True):
    """Executions that are meant; what is None or empty does not matter."""

    namespace: str | None = None
    """The namespace itself or its children."""
    flow_id: str | None = None
    states: Sequence[str] = ()
    start: datetime | None = None
    """Begun at or after this instant."""
    end: datetime | None = None
    """Begun before this instant."""


class Purged(msgspec.Struct, frozen=True):
    """What was deleted of executions."""

    executions: int = 0
    outputs: int = 0
    """Task runs that had outputs, which go with their executions."""
    logs: int = 0
    metrics: int = 0
    files: int = 0


class PurgedFiles(msgspec.Struct, frozen=True):
    """What was found and deleted of internal storage."""

    scanned: int = 0
    """Executions that have files."""
    executions: int = 0
    """Of these, executions with files that were meant."""
    files: int = 0
    """Files that were deleted."""


class FlowName(msgspec.Struct, frozen=True):
    namespace: str
    id: str


class Server(Protocol):
    """The server that a task belongs to. `tiercel run` has none: everything here raises TaskFailed then."""

    async def count(self, which: Which) -> int:
        """How many executions there are."""
        ...

    async def purge(self, which: Which, *, parts: Collection[str]) -> Purged:
        """Delete of executions that are over: `executions`, `logs`, `metrics`, `files`."""
        ...

    async def purge_files(
        self,
        *,
        namespace: str | None = None,
        flow_id: str | None = None,
        start: datetime | None = None,
        end: datetime,
        dry_run: bool = False,
    ) -> PurgedFiles:
        """Delete files of executions last written in a span of time, of a namespace and those below it, or of a flow.

        Whoever made them may be forgotten; files of executions that are not over stay.
        """
        ...

    async def flows(self) -> Sequence[FlowName]:
        """All flows that are not deleted."""
        ...

    async def purge_revisions(self, flow: FlowName, *, keep: int) -> int:
        """Forget all but the newest revisions of a flow, and those of executions that are not over; return how many."""
        ...

    async def resume(self, execution_id: str, inputs: Mapping[str, Any]) -> None:
        """Let a paused execution go on. Raises TaskFailed where it is not paused, or the inputs do not fit."""
        ...

    async def switch_trigger(self, trigger_id: str, *, namespace: str, flow_id: str, enabled: bool) -> None:
        """Switch a trigger on or off. Raises TaskFailed where there is none."""
        ...


class KeyValues(Protocol):
    """The key-value store of the namespaces. Without a namespace, that of the flow is meant."""

    async def get(self, key: str, namespace: str | None = None) -> KvEntry | None:
        """The entry, unless it is absent or expired. Without a namespace those above the flow's are searched too."""
        ...

    async def put(
        self,
        key: str,
        value: KvValue,
        *,
        namespace: str | None = None,
        ttl: timedelta | None = None,
        description: str | None = None,
        overwrite: bool = True,
    ) -> KvEntry:
        """Write. Raises TaskFailed where the key exists and must not be overwritten."""
        ...

    async def replace(self, entry: KvEntry, value: KvValue) -> KvEntry:
        """Another value for an entry, whose description and end stay."""
        ...

    async def delete(self, key: str, namespace: str | None = None) -> bool:
        """Whether there was something alive to delete; what has expired goes all the same."""
        ...

    def entries(self, namespace: str | None = None, *, prefix: str = "") -> AsyncIterator[KvEntry]:
        """What is alive, by key."""
        ...

    def everywhere(self) -> AsyncIterator[KvEntry]:
        """The latest revisions of all keys of all namespaces, expired ones too."""
        ...

    def expired(self) -> AsyncIterator[KvEntry]:
        """Keys of all namespaces that nobody sees any more and that still take room."""
        ...

    async def purge_revisions(self, entry: KvEntry, *, before: datetime | None = None, keep: int | None = None) -> int:
        """Forget revisions written before an instant, or all but the newest few; the latest one stays."""
        ...


class NamespaceFiles(Protocol):
    """The files of namespaces. Without a namespace, that of the flow is meant. Raises TaskFailed."""

    async def find(
        self, namespace: str | None = None, *, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> Sequence[NamespaceFile]:
        """The files that fit one of the patterns of `include` (none: all) and none of `exclude`."""
        ...

    async def get(self, path: str, namespace: str | None = None) -> NamespaceFile | None: ...

    async def write(self, path: str, chunks: AsyncIterator[bytes], namespace: str | None = None) -> NamespaceFile:
        """A new revision of the file."""
        ...

    async def fetch(self, file: NamespaceFile, target: Path) -> None:
        """Copy to a local file, whose folders are made."""
        ...

    def read(self, file: NamespaceFile) -> AsyncIterator[bytes]: ...

    async def delete(self, file: NamespaceFile) -> None:
        """The file with all its revisions."""
        ...

    def everywhere(self) -> AsyncIterator[NamespaceFile]:
        """The files of all namespaces."""
        ...

    async def purge_revisions(
        self, file: NamespaceFile, *, before: datetime | None = None, keep: int | None = None
    ) -> int:
        """Forget revisions written before an instant, or all but the newest few; the latest one stays."""
        ...


class RunContext(Protocol):
    """Handed to `Task.run`. A kill or timeout cancels the coroutine: clean up in `finally`, then let it pass."""

    @property
    def info(self) -> RunInfo: ...
    @property
    def log(self) -> TaskLog: ...
    @property
    def files(self) -> Files: ...

    @property
    def kv(self) -> KeyValues: ...
    @property
    def namespace_files(self) -> NamespaceFiles: ...
    @property
    def logs(self) -> Logs: ...
    @property
    def server(self) -> Server: ...

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

    async def run_task(self, type: str, properties: Mapping[str, Any], /) -> Mapping[str, Any]:
        """Run another task in place of this one, with properties yet to be rendered; return its outputs.

        Raises TaskFailed where the type is no runnable task.
        """
        ...

    def counter(self, name: str, value: float = 1, **tags: str) -> None:
        """Report a count of this run."""
        ...

    def timer(self, name: str, seconds: float, **tags: str) -> None:
        """Report a duration of this run."""
        ...

    def gauge(self, name: str, value: float, **tags: str) -> None: ...

    def add_task_run(
        self,
        task_id: str,
        state: str,
        *,
        value: str | None = None,
        started: datetime | None = None,
        ended: datetime | None = None,
        outputs: Mapping[str, Any] | None = None,
    ) -> None:
        """Show something that this run did as a task run below it, such as a model of dbt under the model's own name.

        `state` is how it ended: SUCCESS, WARNING, FAILED, SKIPPED, KILLED or CANCELLED; the state of this run is not
        changed by it. Without `started` only its end is shown; without `ended` that is now. Expressions do not see
        `outputs`, people and the API do. It is stored when this run ends, whether well or not.

        Raises TaskFailed where it has not ended, a time has no time zone, JSON cannot hold the outputs, or there are
        more than 10,000 of one run.
        """
        ...

    def mask(self, secret: str) -> None:
        """Never let this text through to logs."""
        ...

    def masked(self, text: str) -> str:
        """The text without secrets, for what does not go through the log. Lines are masked by themselves."""
        ...

    def encrypt(self, text: str) -> Mapping[str, Any]:
        """The text as outputs may hold it: encrypted with the server's key, and masked in logs from now on.

        Expressions of other tasks see it in clear. Raises TaskFailed where the server has no key.
        """
        ...
