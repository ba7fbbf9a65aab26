"""From a job to its outcome: properties rendered and validated, the task run under its limit, every failure caught here.

`run` is for workers; `run_instant` is the short way for tasks without I/O inside the executor. Applying retries and
allowFailure to an outcome is the engine's.
"""

from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from tiercel.engine.commands import Job
from tiercel.engine.events import Part
from tiercel.expression import Unanswered
from tiercel.model.log import MetricEntry
from tiercel.model.spilled import holds_spilled, size_of
from tiercel.model.states import State
from tiercel.sdk import PollingTrigger, RealtimeTrigger, Task, TaskFailed
from tiercel.services.attempt import Attempt, time_limit
from tiercel.services.catalog import BrokenPlugin, PluginCatalog, UnknownType
from tiercel.services.directory import DirectoryAttempt, Tell
from tiercel.services.leftovers import clear_leftovers
from tiercel.services.looks import Look, Poll, StartEvent, Stream
from tiercel.services.outcome import Outcome, log_failure, one_line, plain_outputs, storable
from tiercel.services.prepared import Prepared
from tiercel.services.rendering import JobRendering
from tiercel.services.run_context import InstantContext
from tiercel.services.workplace import Workplace

MOST_PREPARED = 10_000
"""How many tasks of flows are kept prepared; the longest known one goes first."""

T = TypeVar("T")


async def _nobody(part: Part) -> None:
    """For jobs without children."""


class TaskRunner:
    """Runs jobs, each with the class that the catalog has for it."""

    def __init__(self, catalog: PluginCatalog, workplace: Workplace) -> None:
        self._catalog = catalog
        self._workplace = workplace
        self._prepared: dict[tuple[str, str, str, int, str, str], Prepared[Task[Any]]] = {}

    async def clear_leftovers(self) -> None:
        """End and remove what runs of a worker that is gone have left on this machine."""
        await clear_leftovers(self._workplace.folder)

    async def run(self, job: Job) -> Outcome:
        """Run a job to its end. Lines and numbers are stored when it returns."""
        return await self.begin(job).outcome()

    def begin(self, job: Job, *, tell: Tell = _nobody) -> Attempt:
        """An attempt at a job, which can be killed while its outcome is awaited.

        `tell` hears how the children of a WorkingDirectory go.
        """
        if job.parts:
            return DirectoryAttempt(job, self._workplace, prepare_part=self._prepare, tell=tell)
        return Attempt(job, self._workplace, prepare=self._prepare)

    def look(self, job: Job, *, start: StartEvent) -> Look:
        """A look at a trigger, which can be killed while its finding is awaited. `start` takes the events of a stream."""
        if self._is_stream(job.type):
            return Stream(job, self._workplace, trigger=lambda: self._stream(job), prepare=self._prepare, start=start)
        return Poll(job, self._workplace, trigger=lambda: self._poll(job), prepare=self._prepare)

    def _is_stream(self, type: str) -> bool:
        try:
            return issubclass(self._catalog.plugin(type), RealtimeTrigger)
        except (UnknownType, BrokenPlugin):
            return False  # the look will say it, in the log of the trigger

    def _stream(self, job: Job) -> Prepared[RealtimeTrigger[Any]]:
        return Prepared(cast(type[RealtimeTrigger[Any]], self._catalog.plugin(job.type)), job.properties)

    def _poll(self, job: Job) -> Prepared[PollingTrigger[Any]]:
        plugin = self._catalog.plugin(job.type)
        if not issubclass(plugin, PollingTrigger):
            raise UnknownType(f"{job.type} is no trigger that workers look at")
        return Prepared(cast(type[PollingTrigger[Any]], plugin), job.properties)

    def run_instant(self, job: Job, *, at: datetime) -> Outcome | None:
        """Run a task that neither waits nor does I/O. None where it needs the world all the same: `run` it instead.

        That is: its expressions ask something, it reads outputs that lie in internal storage, or its own belong there.
        """
        if job.log_to_file or holds_spilled(job.variables):
            return None
        outcome = self._run_instant(job, at=at)
        if outcome is None or outcome.outputs is None:
            return outcome
        return outcome if size_of(outcome.outputs) <= self._workplace.limits.as_given else None

    def _run_instant(self, job: Job, *, at: datetime) -> Outcome | None:
        rendering = JobRendering(job, cipher=self._workplace.cipher)
        context = InstantContext(job, at=at, rendering=rendering)
        try:
            task = rendering.build(self._prepare(job))
            # It takes no time, but a limit that says nothing fails the task here as on a worker.
            time_limit(rendering.render(job.timeout))
            outputs = plain_outputs(_at_once(task.run(context)))
        except Unanswered:
            return None
        except Exception as error:  # noqa: BLE001 – the one edge where a task's error becomes its outcome
            return _failed(error, context, at)
        return _ended(State.SUCCESS, context, at, outputs)

    def report(self, metrics: Sequence[MetricEntry]) -> None:
        """Keep the numbers of an instant task: they are stored with the next batch."""
        self._workplace.writer.add_metrics(metrics)

    def _prepare(self, job: Job) -> Prepared[Task[Any]]:
        """The job's task, prepared once for all its runs."""
        key = (job.tenant, job.namespace, job.flow_id, job.flow_revision, job.task_id, job.type)
        known = self._prepared.get(key)
        if known is not None and (known.properties is job.properties or known.properties == job.properties):
            return known
        made = self._prepared[key] = Prepared(self._catalog.task(job.type), job.properties)
        if len(self._prepared) > MOST_PREPARED:
            self._prepared.pop(next(iter(self._prepared)))
        return made


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    work.close()
    raise TaskFailed("the task waited for something, which a task inside the executor must not")


def _failed(error: Exception, context: InstantContext, at: datetime) -> Outcome:
    message = context.masked(one_line(error))
    log_failure(context.log, error, message)
    outputs, _ = storable(error.outputs if isinstance(error, TaskFailed) else None, error)
    return _ended(State.FAILED, context, at, outputs, error=message)


def _ended(
    state: State, context: InstantContext, at: datetime, outputs: dict[str, Any] | None, *, error: str | None = None
) -> Outcome:
    """With everything the task said: nothing of it has gone anywhere yet."""
    return Outcome(
        state,
        at,
        outputs,
        error,
        entries=tuple(context.lines),
        metrics=tuple(context.entries),
        dynamic_runs=context.dynamic_runs,
    )
