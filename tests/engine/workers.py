"""What workers have in a world of tests: jobs that are begun, told to stop, and told of part by part.

They answer with events; a script says how each task ends.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from tests.engine.dynamics import added

from tiercel.engine import commands as engine_commands
from tiercel.engine import events as engine_events
from tiercel.model.batches import SPLIT
from tiercel.model.states import State

Result = tuple[State, dict[str, Any] | None]
Script = Callable[[engine_commands.Job], Result]
JobKey = tuple[str, int, int]
"""Execution, ord and attempt."""


def succeed(job: engine_commands.Job) -> Result:
    return State.SUCCESS, {"value": job.task_id}


def key_of(job: engine_commands.Job) -> JobKey:
    return (job.execution_id, job.ord, job.attempt)


class Bench(msgspec.Struct):
    """The jobs there are, and how far each has come: what a commit stores of them."""

    jobs: dict[JobKey, engine_commands.Job] = {}
    started: set[JobKey] = set()
    killed: set[JobKey] = set()
    told_parts: dict[JobKey, int] = {}
    """How much a worker has told of the children of a WorkingDirectory."""

    def copy(self) -> "Bench":
        return Bench(dict(self.jobs), set(self.started), set(self.killed), dict(self.told_parts))


class Workers:
    """Goes on with jobs, one event at a time."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.bench = Bench()
        self._parts: dict[JobKey, list[dict[str, Any]]] = {}

    def go_on(self, key: JobKey, *, at: datetime, seed: int) -> engine_events.AnyEvent:
        """A job starts, then it is done; or it has been told to stop."""
        bench, (_, ord, attempt) = self.bench, key
        if key in bench.killed:
            del bench.jobs[key]
            return engine_events.Done(at=at, seed=seed, ord=ord, attempt=attempt, state=State.KILLED)
        if key not in bench.started:
            bench.started.add(key)
            return engine_events.Started(at=at, seed=seed, ord=ord, attempt=attempt, worker="w1")
        if (told := self._next_part(key, at)) is not None:
            return engine_events.Part(at=at, seed=seed, ord=ord, attempt=attempt, **told)
        return self._done(bench.jobs.pop(key), at=at, seed=seed)

    def _done(self, job: engine_commands.Job, *, at: datetime, seed: int) -> engine_events.Done:
        state, outputs = self._result(job, at)
        return engine_events.Done(
            at=at,
            seed=seed,
            ord=job.ord,
            attempt=job.attempt,
            state=state,
            outputs=outputs,
            dynamic_runs=added(job.type, job.task_id, at=at),
        )

    def _next_part(self, key: JobKey, at: datetime) -> dict[str, Any] | None:
        """The next thing to tell of the children of a WorkingDirectory; None when all is told."""
        job, told = self.bench.jobs[key], self.bench.told_parts.get(key, 0)
        if not job.parts or told >= len(self._things(job, at)):
            return None
        self.bench.told_parts[key] = told + 1
        return self._things(job, at)[told]

    def _things(self, job: engine_commands.Job, at: datetime) -> list[dict[str, Any]]:
        """All there is to tell of the children."""
        key = key_of(job)
        if key not in self._parts:
            self._parts[key] = list(self._things_of(job, at))
        return self._parts[key]

    def _things_of(self, job: engine_commands.Job, at: datetime) -> Iterator[dict[str, Any]]:
        """A failed child is tried again where it has a policy, and ends the rest."""
        for place, part in enumerate(job.parts):
            number, most = 1, (part.retry or {}).get("maxAttempts", 1)
            while True:
                yield {"place": place, "number": number, "state": State.RUNNING}
                made = msgspec.structs.replace(job, task_id=part.task_id, attempt=number, value=None)
                state, outputs = self.script(made)
                again = state is State.FAILED and number < most
                yield {
                    "place": place,
                    "number": number,
                    "state": state,
                    "outputs": outputs,
                    "is_tried_again": again,
                    "dynamic_runs": added(part.type, part.task_id, at=at),
                }
                if not again:
                    break
                number += 1
            if state is State.FAILED and not part.allow_failure:
                return

    def _result(self, job: engine_commands.Job, at: datetime) -> Result:
        if job.type == SPLIT:
            state, _ = self.script(job)
            return state, {"splits": job.properties["items"]}
        if not job.parts:
            return self.script(job)
        *_, last = self._things(job, at)
        failed = last["state"] is State.FAILED and not job.parts[last["place"]].allow_failure
        return (State.FAILED if failed else State.SUCCESS), None
