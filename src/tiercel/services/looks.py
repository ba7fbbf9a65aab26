"""A worker looks at a trigger: once at a poll, for as long as it lives at a stream. Each ends with a finding.

Rendering, log, files and the end of a kill are those of any attempt; what a stream's events start is somebody else's.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import Any, cast

from tiercel.engine.commands import Job, JobTrigger
from tiercel.model.errors import TiercelError
from tiercel.model.states import State
from tiercel.model.trigger import Finding
from tiercel.sdk import Output, PollingTrigger, RealtimeTrigger, RunInfo, Task, TaskFailed
from tiercel.services.attempt import Attempt
from tiercel.services.outcome import Outcome, plain_outputs
from tiercel.services.prepared import Prepared
from tiercel.services.run_context import WorkerContext, run_info
from tiercel.services.workplace import Workplace

Prepare = Callable[[Job], Prepared[Task[Any]]]
StartEvent = Callable[[RunInfo, Mapping[str, Any]], Awaitable[Sequence[str]]]
"""Starts the execution of an event; it is durable when this returns. Answers with warnings, raises NotStarted."""


class NotStarted(TiercelError):
    """An event that leads to no execution, since this cannot be given what it needs."""


class LookContext(WorkerContext):
    """What a trigger is handed."""

    def __init__(self, trigger: JobTrigger, info: RunInfo, **tools: Any) -> None:
        super().__init__(info, **tools)
        self._trigger = trigger

    @property
    def date(self) -> datetime:
        return self._trigger.date

    @property
    def last_triggered(self) -> datetime | None:
        return self._trigger.last


class Look(Attempt, ABC):
    """One look. `kill` may come at any time; cancelling `finding` means that the worker stops."""

    def __init__(self, job: Job, workplace: Workplace, *, prepare: Prepare) -> None:
        trigger = job.trigger or JobTrigger(id=job.task_id, date=job.at)
        super().__init__(job, workplace, prepare=prepare, context=partial(LookContext, trigger))
        self._info = run_info(job)

    async def finding(self) -> Finding | None:
        """Look to the end. None where it was stopped: nobody waits for an answer then."""
        outcome = await self.outcome()
        return None if outcome.state is State.KILLED else self._found(outcome)

    @abstractmethod
    def _found(self, outcome: Outcome) -> Finding: ...

    async def _perform(self) -> Output | None:
        try:
            return await self._look(cast(LookContext, self._context))
        except SystemExit as error:
            raise TaskFailed(f"the trigger tried to end the worker: {error!r}") from error

    @abstractmethod
    async def _look(self, ctx: LookContext) -> Output | None: ...


class Poll(Look):
    """Looks once."""

    def __init__(
        self,
        job: Job,
        workplace: Workplace,
        *,
        trigger: Callable[[], Prepared[PollingTrigger[Any]]],
        prepare: Prepare,
    ) -> None:
        super().__init__(job, workplace, prepare=prepare)
        self._prepared = trigger
        self._has_found = False

    async def _look(self, ctx: LookContext) -> Output | None:
        try:
            trigger = await self._rendering.build_with_answers(self._prepared())
            output = await trigger.evaluate(ctx)
        except Exception:
            # A file belongs to an execution: why there is none is told in the log of the trigger.
            self._log_file = None
            raise
        self._has_found = output is not None
        if output is None:
            # Numbers belong to executions too.
            ctx.entries.clear()
            self._log_file = None
        return output

    def _found(self, outcome: Outcome) -> Finding:
        if outcome.error is not None:
            return Finding(error=outcome.error)
        variables = (outcome.outputs or {}) if self._has_found else None
        return Finding(variables=variables, log_file=outcome.log_file)


class Stream(Look):
    """Gives events until it ends; the next one is asked for when what the last one starts is durable."""

    def __init__(
        self,
        job: Job,
        workplace: Workplace,
        *,
        trigger: Callable[[], Prepared[RealtimeTrigger[Any]]],
        prepare: Prepare,
        start: StartEvent,
    ) -> None:
        super().__init__(job, workplace, prepare=prepare)
        self._prepared = trigger
        self._start = start
        self._events = 0

    async def _look(self, ctx: LookContext) -> None:
        trigger = await self._rendering.build_with_answers(self._prepared())
        async with aclosing(trigger.events(ctx)) as events:
            async for event in events:
                self._events += 1
                await self._started(plain_outputs(event) or {})
                # Numbers belong to executions: which one those of a stream are about, nobody knows.
                ctx.entries.clear()

    async def _started(self, variables: Mapping[str, Any]) -> None:
        try:
            warnings = await self._start(self._info, variables)
        except NotStarted as error:
            self._log.error(str(error))
            return
        for warning in warnings:
            self._log.warning(warning)

    def _found(self, outcome: Outcome) -> Finding:
        return Finding(error=outcome.error, events=self._events)
