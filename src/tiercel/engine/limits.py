"""A limit of concurrency: who holds a slot, who waits for one. One function says what becomes of it by an event.

A limit's answers may be late or lost, and so may what executions tell it: everything names the *life* of the execution it
means, which is raised whenever an execution that was over runs again. What is said of another life changes nothing, and
`FoundOver` puts right whatever was lost.
"""

from bisect import insort
from collections.abc import Mapping
from datetime import datetime

import msgspec
from immutables import Map

from tiercel.model.states import State

replace = msgspec.structs.replace


class Waiting(msgspec.Struct, frozen=True, order=True):
    """A place in the queue; the order of places is that of their fields."""

    priority: int
    since: datetime
    execution_id: str
    life: int


class Limit(msgspec.Struct, frozen=True):
    """Slots, and the queue for them."""

    size: int = 1
    """As the last execution that asked knows it."""
    held: Map[str, int] = Map()
    """Execution → the life in which it holds a slot."""
    queue: tuple[Waiting, ...] = ()

    @property
    def free(self) -> int:
        return self.size - len(self.held)


# What a limit is told -------------------------------------------------------------------------------------------------


class Claim(msgspec.Struct, frozen=True):
    """An execution wants to run."""

    execution_id: str
    life: int
    since: datetime
    size: int
    behavior: str = "QUEUE"
    """What is to happen without a free slot: QUEUE, CANCEL or FAIL."""
    is_forced: bool = False
    """It runs whatever the limit says, and takes a slot all the same."""
    priority: int = 0


class Freed(msgspec.Struct, frozen=True):
    """An execution is really over."""

    execution_id: str
    life: int


class Sized(msgspec.Struct, frozen=True):
    """The flow was saved with another limit."""

    size: int


class FoundOver(msgspec.Struct, frozen=True):
    """Somebody looked after those who hold or wait: these are over, and so are their earlier lives."""

    lives: Mapping[str, int]


LimitEvent = Claim | Freed | Sized | FoundOver


# What it answers ------------------------------------------------------------------------------------------------------


class Granted(msgspec.Struct, frozen=True):
    execution_id: str
    life: int


class Enqueued(msgspec.Struct, frozen=True):
    execution_id: str
    life: int


class Refused(msgspec.Struct, frozen=True):
    execution_id: str
    life: int
    state: State
    """The state in which the execution ends for it."""


Verdict = Granted | Enqueued | Refused

_ENDS = {"CANCEL": State.CANCELLED, "FAIL": State.FAILED}


def admit(limit: Limit, event: LimitEvent) -> tuple[Limit, tuple[Verdict, ...]]:
    """The limit after the event, and what executions are to be told."""
    match event:
        case Claim():
            return _claimed(limit, event)
        case Freed(execution_id, life):
            return _served(_without(limit, execution_id, life))
        case Sized(size):
            return _served(replace(limit, size=size))
        case FoundOver(lives):
            return _served(_reconciled(limit, lives))


def _claimed(limit: Limit, claim: Claim) -> tuple[Limit, tuple[Verdict, ...]]:
    limit = replace(_before(limit, claim), size=claim.size)
    known = (claim.execution_id, claim.life)
    if claim.is_forced:
        limit = _without(limit, claim.execution_id, claim.life)
        return _served(_held(limit, claim.execution_id, claim.life))
    if limit.held.get(claim.execution_id) == claim.life:
        return limit, (Granted(*known),)
    if any(place.execution_id == claim.execution_id for place in limit.queue):
        return limit, (Enqueued(*known),)
    # Nobody overtakes those who wait.
    if limit.free > 0 and not limit.queue:
        return _held(limit, claim.execution_id, claim.life), (Granted(*known),)
    if claim.behavior in _ENDS:
        return limit, (Refused(*known, _ENDS[claim.behavior]),)
    return _queued(limit, claim)


def _before(limit: Limit, claim: Claim) -> Limit:
    """What an earlier life of the execution left is void."""
    held = limit.held.get(claim.execution_id)
    if held is not None and held < claim.life:
        limit = replace(limit, held=limit.held.delete(claim.execution_id))
    queue = tuple(
        place for place in limit.queue if place.execution_id != claim.execution_id or place.life >= claim.life
    )
    return replace(limit, queue=queue)


def _queued(limit: Limit, claim: Claim) -> tuple[Limit, tuple[Verdict, ...]]:
    queue = [*limit.queue]
    insort(queue, Waiting(claim.priority, claim.since, claim.execution_id, claim.life))
    limit, served = _served(replace(limit, queue=tuple(queue)))
    known = Granted(claim.execution_id, claim.life)
    return limit, served if known in served else (*served, Enqueued(claim.execution_id, claim.life))


def _held(limit: Limit, execution_id: str, life: int) -> Limit:
    return replace(limit, held=limit.held.set(execution_id, life))


def _without(limit: Limit, execution_id: str, life: int) -> Limit:
    """The slot, or the place in the queue, that an execution has in this life is free."""
    if limit.held.get(execution_id) == life:
        return replace(limit, held=limit.held.delete(execution_id))
    queue = tuple(place for place in limit.queue if (place.execution_id, place.life) != (execution_id, life))
    return replace(limit, queue=queue)


def _reconciled(limit: Limit, over: Mapping[str, int]) -> Limit:
    """A later life than the one that was looked at has asked since: it stays."""
    held = Map((name, life) for name, life in limit.held.items() if life > over.get(name, -1))
    queue = tuple(place for place in limit.queue if place.life > over.get(place.execution_id, -1))
    return replace(limit, held=held, queue=queue)


def _served(limit: Limit) -> tuple[Limit, tuple[Verdict, ...]]:
    """As many of the queue as there are slots, the first first."""
    first = limit.queue[: max(limit.free, 0)]
    held = limit.held.update((place.execution_id, place.life) for place in first)
    rest = replace(limit, held=held, queue=limit.queue[len(first) :])
    return rest, tuple(Granted(place.execution_id, place.life) for place in first)
