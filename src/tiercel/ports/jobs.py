"""Where a worker takes its jobs from and brings their results to: a queue in memory, or rows claimed in PostgreSQL."""

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from tiercel.engine.commands import Job
from tiercel.engine.events import Done, Part


class JobKey(NamedTuple):
    """Which attempt of which task run is meant."""

    execution_id: str
    ord: int
    attempt: int


class Claimed(NamedTuple):
    """A job that is this worker's own until it says `done` or `release`."""

    id: int
    """The adapter's number of it; nobody else looks at it."""
    job: Job

    @property
    def key(self) -> JobKey:
        return JobKey(self.job.execution_id, self.job.ord, self.job.attempt)


class Jobs(Protocol):
    """The worker's side of the queue. A lost connection is the adapter's to mend, not the worker's."""

    async def claim(self, limit: int) -> list[Claimed]:
        """Take up to `limit` jobs, at least one: wait until there is one. Their executions are told `Started` by it."""
        ...

    async def done(self, claimed: Claimed, result: Done) -> None:
        """Tell the execution how the job ended. Durable when it returns; the log lines are stored before it is called."""
        ...

    async def tell(self, claimed: Claimed, part: Part) -> None:
        """Tell the execution how a child of a WorkingDirectory goes. What is told first arrives first, `done` last."""
        ...

    async def release(self, claimed: Claimed) -> None:
        """Give a job back unfinished: the worker stops. The attempt counts as lost at once, and is sent again."""
        ...

    def kills(self) -> AsyncIterator[JobKey]:
        """Attempts of this worker that are to be stopped, as the wish arrives. One it does not hold is no mistake."""
        ...

    async def beat(self) -> None:
        """Say that this worker lives. Called every few seconds while it runs."""
        ...
