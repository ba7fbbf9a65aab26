"""Limits of concurrency: who holds a slot, who waits for one. One function says what becomes of them by an event.

An execution takes a slot of every limit that binds it, all at once or none. One that waits stands in the line of the
first limit that has no slot for it; so nobody waits where there is one, and whoever holds something waits for nothing.
Of two limits that bind one execution, one contains the other (model.bounds): who frees a slot of the inner one frees one
of the outer one too, and the longest waiting is served first. So everybody is served.

A limit's answers may be late or lost, and so may what executions tell it: everything names the *life* of the execution it
means, which is raised whenever an execution that was over runs again. What is said of another life changes nothing, and
`FoundOver` puts right whatever was lost.
"""

from bisect import insort
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec
from immutables import Map

from tiercel.model.bounds import Bound, LimitKey
from tiercel.model.states import State

replace = msgspec.structs.replace


class Waiting(msgspec.Struct, frozen=True, order=True):
    """A place in a line; the order of places is that of their fields."""

    priority: int
    since: datetime
    execution_id: str
    life: int
    bounds: tuple[Bound, ...]
    """All that must have a slot, in the order in which they are asked."""


class Limit(msgspec.Struct, frozen=True):
    """Slots, and the line of those who wait for no other reason than this limit, as far as anybody knows."""

    size: int = 1
    """As the last execution that asked knows it."""
    held: Map[str, int] = Map()
    """Execution → the life in which it holds a slot."""
    line: tuple[Waiting, ...] = ()

    @property
    def free(self) -> int:
        return self.size - len(self.held)


Slots = Map[LimitKey, Limit]
"""Those that somebody holds a slot of, or waits for. A line is empty where there is a free slot."""


# What limits are told -------------------------------------------------------------------------------------------------


class Claim(msgspec.Struct, frozen=True):
    """An execution wants to run."""

    execution_id: str
    life: int
    since: datetime
    bounds: tuple[Bound, ...]
    """What must have a slot, and what is to happen without one: the first that says otherwise than QUEUE decides."""
    is_forced: bool = False
    """It runs whatever the limits say, and takes its slots all the same."""
    priority: int = 0


class Freed(msgspec.Struct, frozen=True):
    """An execution is really over."""

    execution_id: str
    life: int
    limits: tuple[LimitKey, ...]
    """Where it may hold a slot, or wait for one."""


class Sized(msgspec.Struct, frozen=True):
    """There are more slots, or less: the flow was saved with another limit."""

    limit: LimitKey
    size: int


class Counted(msgspec.Struct, frozen=True):
    """Somebody looked for those who hold slots: these do."""

    held: Mapping[LimitKey, Mapping[str, int]]
    """By limit, each execution with its life."""


class FoundOver(msgspec.Struct, frozen=True):
    """Somebody looked after those who hold or wait: these are over, and so are their earlier lives."""

    lives: Mapping[str, int]


LimitEvent = Claim | Freed | Sized | Counted | FoundOver


# What they answer -----------------------------------------------------------------------------------------------------


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
Outcome = tuple[Slots, tuple[Verdict, ...]]

_ENDS = {"CANCEL": State.CANCELLED, "FAIL": State.FAILED}


def admit(slots: Slots, event: LimitEvent) -> Outcome:
    """The limits after the event, and what executions are to be told."""
    match event:
        case Claim():
            return _claimed(slots, event)
        case Freed(execution_id, life, keys):
            return _served(_without(slots, execution_id, life, keys), keys)
        case Sized(key, size):
            return _sized(slots, key, size)
        case Counted(held):
            return _counted(slots, held), ()
        case FoundOver(lives):
            return _served(_reconciled(slots, lives), tuple(slots))


def _sized(slots: Slots, key: LimitKey, size: int) -> Outcome:
    for known, limit in _known(slots, (key,)):
        slots = slots.set(known, replace(limit, size=size))
    return _served(slots, (key,))


# A claim --------------------------------------------------------------------------------------------------------------


def _claimed(slots: Slots, claim: Claim) -> Outcome:
    slots = _as_known_to(_before(slots, claim), claim)
    slots, served = _served(slots, [bound.limit for bound in claim.bounds])
    slots, verdicts = _judged(slots, claim)
    return slots, (*served, *(verdict for verdict in verdicts if verdict not in served))


def _judged(slots: Slots, claim: Claim) -> Outcome:
    known, bounds = (claim.execution_id, claim.life), claim.bounds
    if claim.is_forced:
        slots = _without(slots, *known, (bound.limit for bound in bounds))
        return _held(slots, *known, bounds), ()
    if bounds and all(_of(slots, bound).held.get(claim.execution_id) == claim.life for bound in bounds):
        return slots, (Granted(*known),)
    if any(_is_in_line(_of(slots, bound), claim.execution_id) for bound in bounds):
        return slots, (Enqueued(*known),)
    full = [bound for bound in bounds if _of(slots, bound).free <= 0]
    if not full:
        return _held(slots, *known, bounds), (Granted(*known),)
    end = next((_ENDS[bound.behavior] for bound in full if bound.behavior in _ENDS), None)
    if end is not None:
        return slots, (Refused(*known, end),)
    return _in_line(slots, full[0], Waiting(claim.priority, claim.since, *known, bounds)), (Enqueued(*known),)


def _before(slots: Slots, claim: Claim) -> Slots:
    """What an earlier life of the execution left is void."""
    for key, limit in _known(slots, (bound.limit for bound in claim.bounds)):
        held, line = limit.held, limit.line
        if held.get(claim.execution_id, claim.life) < claim.life:
            held = held.delete(claim.execution_id)
        if _is_in_line(limit, claim.execution_id):
            line = tuple(
                place for place in line if place.execution_id != claim.execution_id or place.life >= claim.life
            )
        slots = _put(slots, key, replace(limit, held=held, line=line))
    return slots


def _as_known_to(slots: Slots, claim: Claim) -> Slots:
    """The limits with the sizes that an execution knows."""
    sizes = {bound.limit: bound.size for bound in claim.bounds}
    for key, limit in _known(slots, sizes):
        slots = slots.set(key, replace(limit, size=sizes[key]))
    return slots


# Serving --------------------------------------------------------------------------------------------------------------


def _served(slots: Slots, keys: Collection[LimitKey]) -> Outcome:
    """As many of those in line as there are slots now, the first first; the others where they have to wait."""
    granted: list[Verdict] = []
    while (key := _ready(slots, keys)) is not None:
        first, *others = slots[key].line
        slots = _put(slots, key, replace(slots[key], line=tuple(others)))
        full = next((bound for bound in first.bounds if _of(slots, bound).free <= 0), None)
        if full is not None:
            slots = _in_line(slots, full, first)
        else:
            slots = _held(slots, first.execution_id, first.life, first.bounds)
            granted.append(Granted(first.execution_id, first.life))
    return slots, tuple(granted)


def _ready(slots: Slots, keys: Iterable[LimitKey]) -> LimitKey | None:
    """The limit with a free slot in whose line somebody waits, of several the one where they have waited longest."""
    ready = [(limit.line[0], key) for key, limit in _known(slots, keys) if limit.line and limit.free > 0]
    return min(ready)[1] if ready else None


def _in_line(slots: Slots, bound: Bound, place: Waiting) -> Slots:
    limit = _of(slots, bound)
    line = [*limit.line]
    insort(line, place)
    return slots.set(bound.limit, replace(limit, line=tuple(line)))


def _held(slots: Slots, execution_id: str, life: int, bounds: Iterable[Bound]) -> Slots:
    for bound in bounds:
        limit = _of(slots, bound)
        slots = slots.set(bound.limit, replace(limit, held=limit.held.set(execution_id, life)))
    return slots


# What is gone ---------------------------------------------------------------------------------------------------------


def _without(slots: Slots, execution_id: str, life: int, keys: Iterable[LimitKey]) -> Slots:
    """The slots, or the place in line, that an execution has in this life are free."""
    for key, limit in _known(slots, keys):
        if limit.held.get(execution_id) == life:
            slots = _put(slots, key, replace(limit, held=limit.held.delete(execution_id)))
        elif _is_in_line(limit, execution_id):
            line = tuple(place for place in limit.line if (place.execution_id, place.life) != (execution_id, life))
            slots = _put(slots, key, replace(limit, line=line))
    return slots


def _counted(slots: Slots, held: Mapping[LimitKey, Mapping[str, int]]) -> Slots:
    """Who is known to hold a slot keeps it: it may have got it after the look, and says itself when it is over."""
    for key, lives in held.items():
        if lives:
            limit = slots.get(key, Limit())
            slots = slots.set(key, replace(limit, held=limit.held.update({**lives, **limit.held})))
    return slots


def _reconciled(slots: Slots, over: Mapping[str, int]) -> Slots:
    """A later life than the one that was looked at has asked since: it stays."""
    for key, limit in slots.items():
        held = Map((name, life) for name, life in limit.held.items() if life > over.get(name, -1))
        line = tuple(place for place in limit.line if place.life > over.get(place.execution_id, -1))
        slots = _put(slots, key, replace(limit, held=held, line=line))
    return slots


# Looking --------------------------------------------------------------------------------------------------------------


def _known(slots: Slots, keys: Iterable[LimitKey]) -> list[tuple[LimitKey, Limit]]:
    return [(key, slots[key]) for key in keys if key in slots]


def _of(slots: Slots, bound: Bound) -> Limit:
    return slots.get(bound.limit) or Limit(bound.size)


def _put(slots: Slots, key: LimitKey, limit: Limit) -> Slots:
    """A limit that concerns nobody is forgotten: there may be one for each value of a key."""
    return slots.set(key, limit) if limit.held or limit.line else slots.delete(key)


def _is_in_line(limit: Limit, execution_id: str) -> bool:
    return any(place.execution_id == execution_id for place in limit.line)
