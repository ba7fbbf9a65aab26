"""One attempt at a job on a worker: under its time limit, to be killed from outside, cleaned up behind."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from tiercel.engine.commands import Job
from tiercel.model.durations import format_duration, parse_duration
from tiercel.model.log import LogEntry
from tiercel.model.states import State
from tiercel.ports.storage import StorageError
from tiercel.sdk import Output, Task, TaskFailed
from tiercel.services.catalog import UnknownType
from tiercel.services.log_file import LogFile
from tiercel.services.outcome import Outcome, log_failure, one_line, storable
from tiercel.services.prepared import Prepared
from tiercel.services.rendering import JobRendering
from tiercel.services.run_context import WorkerContext, run_info
from tiercel.services.run_files import RunFiles
from tiercel.services.run_folders import RunFolders
from tiercel.services.run_kv import RunKv
from tiercel.services.run_log import RunLog
from tiercel.services.run_logs import RunLogs
from tiercel.services.run_namespace_files import RunNamespaceFiles
from tiercel.services.spill import TooLarge, kept
from tiercel.services.task_cache import TaskCache
from tiercel.services.workplace import Workplace


class Attempt:
    """`outcome` runs it; `kill` may come at any time, twice too. Cancelling `outcome` means that the worker stops."""

    def __init__(
        self,
        job: Job,
        workplace: Workplace,
        *,
        prepare: Callable[[Job], Prepared[Task[Any]]],
        shared: RunFolders | None = None,
        context: Callable[..., WorkerContext] = WorkerContext,
    ) -> None:
        """`context` makes what the task is handed, of the tools that it consists of."""
        self._job = job
        self._workplace = workplace
        self._prepare = prepare
        info = run_info(job)
        self._folders = RunFolders(
            workplace.folder, name=f"{job.task_run_id}-{job.attempt}", state=workplace.state, shared=shared
        )
        self._rendering = JobRendering(
            job,
            cipher=workplace.cipher,
            world=workplace.world,
            info=info,
            working_dir=lambda: self._folders.working_dir,
        )
        self._files = RunFiles(
            workplace.storage,
            info,
            namespace_files=workplace.namespace_files,
            working_dir=lambda: self._folders.working_dir,
        )
        self._log_file = LogFile(self._folders) if job.log_to_file else None
        self._log = RunLog(
            info,
            sink=self._take_line,
            now=workplace.clock.now,
            masker=self._rendering.masker,
            lowest=job.log_level,
            drain=workplace.writer.drain,
        )
        self._context = context(
            info,
            log=self._log,
            files=self._files,
            kv=RunKv(workplace.kv, info, now=workplace.clock.now),
            namespace_files=RunNamespaceFiles(workplace.namespace_files, info),
            logs=RunLogs(workplace.logs, info),
            server=workplace.office.for_run(info),
            folders=self._folders,
            rendering=self._rendering,
            configuration=workplace.configuration,
            now=workplace.clock.now,
            run_task=self._run_other,
        )
        self._last_line = 0
        self._work: asyncio.Task[Output | None] | None = None
        self._limit: timedelta | None = None
        self._scope: asyncio.Timeout | None = None
        self._killed = False

    def kill(self) -> None:
        """Ask the task to stop. It has its own time to clean up; then the outcome is KILLED."""
        if self._killed or (self._work is not None and self._work.done()):
            return
        self._killed = True
        if self._work is not None:
            self._work.cancel()

    async def outcome(self) -> Outcome:
        """Run to the end. Everything the task said is stored when this returns."""
        try:
            return await self._run()
        finally:
            if self._folders.are_there:
                await asyncio.to_thread(self._folders.remove)

    async def _run(self) -> Outcome:
        started = self._workplace.clock.now()
        self._work = asyncio.create_task(self._perform(), name=f"task {self._job.task_id}")
        if self._killed:
            self._work.cancel()
        outputs, error = storable(*await self._ended(self._work))
        state, message = self._judge(error)
        if state is State.FAILED and message is not None:
            log_failure(self._log, TaskFailed(message) if self._is_late or error is None else error, message)
        outcome = Outcome(state, started, outputs, message, dynamic_runs=self._context.dynamic_runs)
        return await self._stored(await self._kept(outcome))

    def _take_line(self, entry: LogEntry) -> None:
        if self._log_file is None:
            self._add_line(entry)
        else:
            self._log_file.add(entry)

    def _add_line(self, entry: LogEntry) -> None:
        self._last_line = self._workplace.writer.add(entry)

    async def _perform(self) -> Output | None:
        task = await self._rendering.build_with_answers(self._prepare(self._job))
        self._limit = time_limit(await self._rendering.render_with_answers(self._job.timeout))
        async with asyncio.timeout(None if self._limit is None else self._limit.total_seconds()) as self._scope:
            try:
                return await self._do(task)
            except SystemExit as error:
                raise TaskFailed(f"the task tried to end the worker: {error!r}") from error

    async def _do(self, task: Task[Any]) -> Output | None:
        cache = TaskCache(self._job, self._workplace.storage, now=self._workplace.clock.now)
        if not cache.is_wanted:
            return await task.run(self._context)
        return await self._cached(cache, task)

    async def _cached(self, cache: TaskCache, task: Task[Any]) -> Output | None:
        """The outputs of an earlier run with the same properties, or those of this one, kept for later ones."""
        key = cache.key(await self._rendering.build_for_cache(self._prepare(self._job)))
        ttl = await self._rendering.render_with_answers(cache.ttl)
        try:
            known = await cache.find(key, ttl=ttl)
        except (StorageError, ValueError) as error:
            self._log.error(f"the cache cannot be read, so the task is run: {error}")
            return await task.run(self._context)
        if known is not None:
            self._log.info("the task is skipped: there is an entry in the cache for what it would do")
            return known
        outputs = await task.run(self._context)
        await cache.keep(key, outputs)
        return outputs

    async def _run_other(self, type: str, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        """Another task in place of the job's own, with its context."""
        job = replace(self._job, type=type, properties=dict(properties))
        try:
            task = await self._rendering.build_with_answers(self._prepare(job))
        except UnknownType as error:
            raise TaskFailed(str(error)) from error
        outputs = await task.run(self._context)
        return {} if outputs is None else outputs.as_mapping()

    async def _ended(self, work: asyncio.Task[Output | None]) -> tuple[Output | None, BaseException | None]:
        """What the task gave, and what it raised."""
        try:
            return await work, None
        except asyncio.CancelledError as error:
            self._let_the_worker_stop()
            return None, error
        except Exception as error:  # noqa: BLE001 – the one edge where a task's error becomes its outcome
            self._let_the_worker_stop()
            return (error.outputs if isinstance(error, TaskFailed) else None), error

    def _let_the_worker_stop(self) -> None:
        """Tell a cancelled worker from a cancelled task: the first has no outcome, its job is sent again."""
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise asyncio.CancelledError

    @property
    def _is_late(self) -> bool:
        """Whether the task was stopped since its time was over: what it raised then is of our own making."""
        return self._scope is not None and self._scope.expired()

    def _judge(self, error: BaseException | None) -> tuple[State, str | None]:
        if self._killed:
            return State.KILLED, "killed"
        if self._is_late and self._limit is not None:
            return State.FAILED, f"Timeout after {format_duration(self._limit)}: the task took longer than it may"
        if error is None:
            return State.SUCCESS, None
        return State.FAILED, self._rendering.masker.mask(one_line(error))

    async def _kept(self, outcome: Outcome) -> Outcome:
        """Outputs that are too large for a row go to internal storage; where they cannot, the task fails without."""
        try:
            outputs = await kept(
                self._workplace.storage, outcome.outputs, run_info(self._job), limits=self._workplace.limits
            )
        except (TooLarge, StorageError) as problem:
            message = one_line(problem)
            log_failure(self._log, problem, message)
            state = State.FAILED if outcome.state is State.SUCCESS else outcome.state
            return replace(outcome, state=state, outputs=None, error=outcome.error or message)
        return replace(outcome, outputs=outputs)

    async def _stored(self, outcome: Outcome) -> Outcome:
        """Store lines and numbers, and the log where it is a file."""
        if self._context.entries:
            self._last_line = self._workplace.writer.add_metrics(self._context.entries)
        await self._workplace.writer.flush(self._last_line)
        if self._log_file is None:
            return outcome
        try:
            return replace(outcome, log_file=await self._log_file.store(self._files, self._job))
        except TaskFailed as problem:
            return replace(outcome, state=State.FAILED, error=one_line(problem))


def time_limit(rendered: Any) -> timedelta | None:
    """How long a task may take. Raises TaskFailed where `timeout` says no duration."""
    try:
        return None if rendered in (None, "") else parse_duration(rendered)
    except ValueError as error:
        raise TaskFailed(f"property `timeout` is wrong: {error}") from error
