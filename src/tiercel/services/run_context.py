"""What a running task holds in its hands: its log, its files, rendering, metrics. One for workers, one for instants."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from tiercel.engine.commands import Job
from tiercel.model.dynamic import DynamicRun
from tiercel.model.log import LogEntry, MetricEntry
from tiercel.sdk import Files, KeyValues, Logs, NamespaceFiles, RunInfo, Server, TaskFailed
from tiercel.services.rendering import JobRendering
from tiercel.services.run_dynamics import RunDynamics
from tiercel.services.run_folders import RunFolders
from tiercel.services.run_log import RunLog

RunTask = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
NO_SETTINGS: Mapping[str, Any] = {}


def run_info(job: Job) -> RunInfo:
    return RunInfo(
        tenant=job.tenant,
        namespace=job.namespace,
        flow_id=job.flow_id,
        flow_revision=job.flow_revision,
        execution_id=job.execution_id,
        trigger_id="" if job.trigger is None else job.trigger.id,
        task_id=job.task_id,
        task_type=job.type,
        task_run_id=job.task_run_id,
        attempt=job.attempt,
        value=job.value,
        iteration=job.iteration,
    )


class Reports:
    """What both contexts have: the numbers of a run, the task runs it adds, and what it keeps out of sight."""

    def __init__(self, rendering: JobRendering, info: RunInfo, *, now: Callable[[], datetime]) -> None:
        self._rendering = rendering
        self._info = info
        self._now = now
        self.entries: list[MetricEntry] = []
        self._dynamics = RunDynamics(now=now, masked=self.masked)

    def counter(self, name: str, value: float = 1, **tags: str) -> None:
        self._add("counter", name, value, tags)

    def timer(self, name: str, seconds: float, **tags: str) -> None:
        self._add("timer", name, seconds * 1000, tags)

    def gauge(self, name: str, value: float, **tags: str) -> None:
        self._add("gauge", name, value, tags)

    @property
    def dynamic_runs(self) -> tuple[DynamicRun, ...]:
        return self._dynamics.added

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
        self._dynamics.add(task_id, state, value=value, started=started, ended=ended, outputs=outputs)

    def mask(self, secret: str) -> None:
        self._rendering.masker.add(secret)

    def masked(self, text: str) -> str:
        """The text without secrets."""
        return self._rendering.masker.mask(text)

    def _add(self, kind: str, name: str, value: float, tags: dict[str, str]) -> None:
        info = self._info
        self.entries.append(
            MetricEntry(
                namespace=info.namespace,
                flow_id=info.flow_id,
                execution_id=info.execution_id,
                task_id=info.task_id,
                task_run_id=info.task_run_id,
                type=kind,
                name=self.masked(name),
                value=value,
                timestamp=self._now(),
                tags={key: self.masked(tag) for key, tag in tags.items()},
            )
        )


class InstantContext(Reports):
    """For tasks inside the executor: no files, no folders, no waiting; lines and numbers are kept for the commit."""

    def __init__(self, job: Job, *, at: datetime, rendering: JobRendering) -> None:
        super().__init__(rendering, run_info(job), now=lambda: at)
        self.lines: list[LogEntry] = []
        self.log = RunLog(
            self._info, sink=self.lines.append, now=self._now, masker=rendering.masker, lowest=job.log_level
        )
        self.configuration = NO_SETTINGS

    @property
    def info(self) -> RunInfo:
        return self._info

    @property
    def variables(self) -> Mapping[str, Any]:
        return self._rendering.variables

    @property
    def files(self) -> NoReturn:
        raise TaskFailed("a task that runs inside the executor has no files")

    async def run_task(self, type: str, properties: Mapping[str, Any], /) -> NoReturn:
        raise TaskFailed("a task that runs inside the executor cannot run others")

    @property
    def server(self) -> NoReturn:
        raise TaskFailed("a task that runs inside the executor cannot ask the server")

    @property
    def logs(self) -> NoReturn:
        raise TaskFailed("a task that runs inside the executor cannot read logs")

    @property
    def namespace_files(self) -> NoReturn:
        raise TaskFailed("a task that runs inside the executor cannot reach the files of a namespace")

    @property
    def kv(self) -> NoReturn:
        raise TaskFailed("a task that runs inside the executor cannot reach the key-value store")

    @property
    def working_dir(self) -> NoReturn:
        raise TaskFailed("a task that runs inside the executor has no working folder")

    @property
    def state_dir(self) -> NoReturn:
        raise TaskFailed("a task that runs inside the executor has no state folder")

    async def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        return self._rendering.render(value, extra)

    def encrypt(self, text: str) -> Mapping[str, Any]:
        return self._rendering.encrypt(text)


class WorkerContext(Reports):
    """For tasks on a worker."""

    def __init__(
        self,
        info: RunInfo,
        *,
        log: RunLog,
        files: Files,
        kv: KeyValues,
        namespace_files: NamespaceFiles,
        logs: Logs,
        server: Server,
        folders: RunFolders,
        rendering: JobRendering,
        configuration: Mapping[str, Any],
        now: Callable[[], datetime],
        run_task: RunTask,
    ) -> None:
        super().__init__(rendering, info, now=now)
        self._run_task = run_task
        self.log = log
        self.files = files
        self.kv = kv
        self.namespace_files = namespace_files
        self.logs = logs
        self.server = server
        self.configuration = configuration
        self._folders = folders

    @property
    def info(self) -> RunInfo:
        return self._info

    @property
    def variables(self) -> Mapping[str, Any]:
        return self._rendering.variables

    @property
    def working_dir(self) -> Path:
        return self._folders.working_dir

    @property
    def state_dir(self) -> Path:
        return self._folders.state_dir

    async def run_task(self, type: str, properties: Mapping[str, Any], /) -> Mapping[str, Any]:
        return await self._run_task(type, properties)

    async def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        return await self._rendering.render_with_answers(value, extra)

    def encrypt(self, text: str) -> Mapping[str, Any]:
        return self._rendering.encrypt(text)
