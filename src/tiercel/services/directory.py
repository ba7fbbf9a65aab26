"""A WorkingDirectory on a worker: its children run here one after the other, in one folder, each told as it goes.

A child is an attempt like any other, with its own log, limit and outputs; what it gives is known to those after it.
Which of its failures count, and when it is tried again, is decided as the engine decides it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from random import Random
from typing import Any, cast

from msgspec.structs import replace

from tiercel.engine.commands import Job, JobPart
from tiercel.engine.events import Part
from tiercel.engine.retries import interval
from tiercel.expression import ExpressionError, is_true, to_text
from tiercel.model.durations import format_duration, parse_duration
from tiercel.model.flowable import Sleep
from tiercel.model.states import State
from tiercel.model.task import Retry
from tiercel.sdk import Duration, NoOutput, Output, RunContext, Task, TaskFailed
from tiercel.services.attempt import Attempt
from tiercel.services.directory_files import Archive, Directory, put_in, taken_out
from tiercel.services.outcome import Outcome, one_line
from tiercel.services.prepared import Prepared
from tiercel.services.rendering import JobRendering
from tiercel.services.run_context import run_info
from tiercel.services.workplace import Workplace

Tell = Callable[[Part], Awaitable[None]]
Prepare = Callable[[Job], Prepared[Task[Any]]]


class Nap(Task[NoOutput]):
    """Sleep, which elsewhere is a timer of the executor."""

    duration: Duration

    async def run(self, ctx: RunContext) -> None:
        ctx.log.info(f"Waiting for {format_duration(self.duration)}")
        await asyncio.sleep(self.duration.total_seconds())


class DirectoryAttempt(Attempt):
    """An attempt at a WorkingDirectory. Its files come first, then the children, then what is kept."""

    def __init__(self, job: Job, workplace: Workplace, *, prepare_part: Prepare, tell: Tell) -> None:
        super().__init__(job, workplace, prepare=lambda job: Prepared(Directory, job.properties))
        self._children = Children(job, workplace, tell=tell, begin=self._begin)
        self._prepare_part = prepare_part

    def _begin(self, job: Job) -> Attempt:
        """A child in this folder."""
        prepare = _prepared_nap if job.type in Sleep.types else self._prepare_part
        return Attempt(job, self._workplace, prepare=prepare, shared=self._folders)

    async def _do(self, task: Task[Any]) -> Output | None:
        """What the children made is kept also where one of them failed; only a success is cached."""
        directory, ctx, now = cast(Directory, task), self._context, self._workplace.clock.now
        archive = None
        if directory.cache is not None:
            archive = Archive(directory.cache, self._workplace.storage, ctx, self._folders.private_dir)
            await archive.unpack(now=now())
        try:
            await put_in(directory, ctx)
            await self._children.run()
        except TaskFailed as failure:
            raise TaskFailed(one_line(failure), outputs=await taken_out(directory, ctx)) from failure
        if archive is not None:
            await archive.pack(now=now())
        return await taken_out(directory, ctx)


def _prepared_nap(job: Job) -> Prepared[Task[Any]]:
    return Prepared(Nap, job.properties)


class Children:
    """The children of one attempt at a WorkingDirectory."""

    def __init__(self, job: Job, workplace: Workplace, *, begin: Callable[[Job], Attempt], tell: Tell) -> None:
        self._job, self._workplace = job, workplace
        self._begin, self._tell = begin, tell
        self._dice = Random(f"{job.seed} {job.task_run_id}")
        self._outputs: dict[str, Any] = dict(job.variables.get("outputs") or {})
        self._states: dict[str, Any] = dict(job.variables.get("tasks") or {})

    async def run(self) -> None:
        """All of them, until one fails for good. Raises TaskFailed where one did."""
        for place, part in enumerate(self._job.parts):
            state = await self._run_child(place, part)
            if state is State.FAILED and not part.allow_failure:
                raise TaskFailed(f"`{part.task_id}` failed")

    async def _run_child(self, place: int, part: JobPart) -> State:
        if not await self._is_wanted(part):
            await self._say(place, 1, State.SKIPPED)
            self._remember(part, State.SKIPPED, None)
            return State.SKIPPED
        began, number = self._workplace.clock.now(), 1
        while True:
            outcome = await self._attempt(place, part, number)
            due = self._next_try(part, outcome, number, began)
            await self._say(place, number, outcome.state, outcome, is_tried_again=due is not None)
            if due is None:
                self._remember(part, outcome.state, outcome.outputs)
                return outcome.state
            await self._workplace.clock.sleep_until(due)
            number += 1

    async def _is_wanted(self, part: JobPart) -> bool:
        if part.run_if is None:
            return True
        job = self._job_of(part, 1)
        rendering = JobRendering(job, cipher=self._workplace.cipher, world=self._workplace.world, info=run_info(job))
        try:
            return is_true(to_text(await rendering.render_with_answers(part.run_if)))
        except ExpressionError as error:
            raise TaskFailed(f"the condition `when` of `{part.task_id}` cannot be rendered: {error}") from error

    async def _attempt(self, place: int, part: JobPart, number: int) -> Outcome:
        """Run it once. Where all of this is broken off, the child has its own time to clean up."""
        await self._say(place, number, State.RUNNING)
        attempt = self._begin(self._job_of(part, number))
        work = asyncio.create_task(attempt.outcome(), name=f"part {part.task_id}")
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            attempt.kill()
            outcome = await work
            await self._say(place, number, outcome.state, outcome)
            raise

    def _next_try(self, part: JobPart, outcome: Outcome, made: int, began: datetime) -> datetime | None:
        if outcome.state is not State.FAILED or part.retry is None:
            return None
        policy = Retry.model_validate(part.retry)
        if policy.max_attempts is not None and made >= policy.max_attempts:
            return None
        due = self._workplace.clock.now() + interval(policy, attempts=made, draw=self._dice.random())
        is_late = policy.max_duration is not None and due > began + parse_duration(policy.max_duration)
        return None if is_late else due

    # What the children know ------------------------------------------------------------------------------------------

    def _job_of(self, part: JobPart, number: int) -> Job:
        variables = {**self._job.variables, **part.variables, "outputs": self._outputs}
        if self._states:
            variables["tasks"] = self._states
        if "taskrun" in variables:
            variables["taskrun"] = {**variables["taskrun"], "attemptsCount": number - 1}
        return replace(
            self._job,
            attempt=number,
            task_run_id=part.task_run_id,
            task_id=part.task_id,
            type=part.type,
            properties=part.properties,
            timeout=part.timeout,
            log_level=part.log_level,
            log_to_file=part.log_to_file,
            task_cache=part.task_cache,
            variables=variables,
            value=None,
            iteration=None,
            parts=(),
        )

    def _remember(self, part: JobPart, state: State, outputs: Mapping[str, Any] | None) -> None:
        """Below the values of the loops around, as the engine keeps it."""
        shown = State.WARNING if state is State.FAILED else state
        for name in {part.task_id, part.alias or part.task_id}:
            self._states = _placed(self._states, (name, *self._job.place), {"state": shown.value})
            if outputs:
                self._outputs = _placed(self._outputs, (name, *self._job.place), outputs)

    async def _say(
        self, place: int, number: int, state: State, outcome: Outcome | None = None, *, is_tried_again: bool = False
    ) -> None:
        await self._tell(
            Part(
                at=self._workplace.clock.now(),
                seed=self._dice.getrandbits(128),
                ord=self._job.ord,
                attempt=self._job.attempt,
                place=place,
                number=number,
                state=state,
                outputs=None if outcome is None else outcome.outputs,
                error=None if outcome is None else outcome.error,
                log_file=None if outcome is None else outcome.log_file,
                is_tried_again=is_tried_again,
                dynamic_runs=() if outcome is None else outcome.dynamic_runs,
            )
        )


def _placed(tree: Mapping[str, Any], way: tuple[str, ...], leaf: Mapping[str, Any]) -> dict[str, Any]:
    name, *further = way
    below = tree.get(name)
    inner: Mapping[str, Any] = cast(Mapping[str, Any], below) if isinstance(below, Mapping) else {}
    return {**tree, name: _placed(inner, tuple(further), leaf) if further else leaf}
