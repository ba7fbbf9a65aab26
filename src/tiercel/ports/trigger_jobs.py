"""Where a worker takes triggers from that it is to look at, and brings what it found: rows that the scheduler has written.

A trigger that is claimed belongs to the worker as long as its session lives; then others get it by themselves. An answer
counts only as long as the trigger was not taken away: stopped, changed, or given to someone else.
"""

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from tiercel.engine.commands import Job
from tiercel.model.trigger import Finding


class ClaimedTrigger(NamedTuple):
    """A trigger that is this worker's own until it answers or releases it."""

    id: int
    """The number of this evaluation: the next one of the same trigger has another."""
    job: Job


class TriggerJobs(Protocol):
    """The worker's side. A lost connection is the adapter's to mend, not the worker's."""

    async def claim(self, limit: int) -> list[ClaimedTrigger]:
        """Take up to `limit` triggers, at least one: wait until there is one."""
        ...

    async def answer(self, claimed: ClaimedTrigger, finding: Finding) -> None:
        """Tell the scheduler what was found. Durable when it returns."""
        ...

    async def release(self, claimed: ClaimedTrigger) -> None:
        """Give a trigger back: the worker stops. Another one gets it at once."""
        ...

    def kills(self) -> AsyncIterator[int]:
        """Evaluations of this worker that are no longer wanted. One it does not hold is no mistake."""
        ...

    async def beat(self) -> None:
        """Say that this worker lives, and free what others had that do not. Called every few seconds."""
        ...
