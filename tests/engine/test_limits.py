"""Limits of concurrency hold and starve nobody, however late, lost or doubled what they are told may be."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tiercel.engine.limits import (
    Claim,
    Counted,
    Enqueued,
    FoundOver,
    Freed,
    Granted,
    Limit,
    LimitEvent,
    Refused,
    Sized,
    Slots,
    Verdict,
    admit,
)
from tiercel.model.bounds import Behavior, Bound, LimitKey
from tiercel.model.states import State

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
FLOW, OTHER = LimitKey("main", "company", "flow"), LimitKey("main", "company", "other")
COMPANY = LimitKey("main", "company")


def claim(
    name: str, *, life: int = 0, size: int = 1, behavior: Behavior = "QUEUE", seconds: int = 0, **more: Any
) -> Claim:
    bounds = more.pop("bounds", (Bound(FLOW, size, behavior),))
    return Claim(name, life, BEGIN + timedelta(seconds=seconds), bounds, **more)


def freed(name: str, life: int = 0) -> Freed:
    return Freed(name, life, (FLOW, OTHER, COMPANY))


def told(*events: LimitEvent) -> tuple[Slots, list[Sequence[Verdict]]]:
    slots, verdicts = Slots(), list[Sequence[Verdict]]()
    for event in events:
        slots, said = admit(slots, event)
        verdicts.append(said)
    return slots, verdicts


def test_who_comes_first_runs_and_the_next_waits_until_it_is_over() -> None:
    _, said = told(claim("a"), claim("b", seconds=1), freed("a"))
    assert said == [(Granted("a", 0),), (Enqueued("b", 0),), (Granted("b", 0),)]


def test_the_longest_waiting_one_is_served_first_whatever_order_they_asked_in() -> None:
    _, said = told(claim("a"), claim("c", seconds=2), claim("b", seconds=1), freed("a"))
    assert said[-1] == (Granted("b", 0),)


def test_a_higher_priority_is_served_before_an_earlier_date() -> None:
    _, said = told(claim("a"), claim("b", priority=1), claim("c", seconds=9), freed("a"))
    assert said[-1] == (Granted("c", 0),)


def test_behaviours_end_an_execution_in_their_state() -> None:
    _, said = told(claim("a"), claim("b", behavior="CANCEL"), claim("c", behavior="FAIL"))
    assert said[1:] == [(Refused("b", 0, State.CANCELLED),), (Refused("c", 0, State.FAILED),)]


def test_a_raised_limit_serves_the_queue_at_once() -> None:
    _, said = told(claim("a"), claim("b"), claim("c"), Sized(FLOW, 3))
    assert said[-1] == (Granted("b", 0), Granted("c", 0))


def test_a_forced_one_runs_over_the_limit_and_takes_a_slot() -> None:
    slots, said = told(claim("a"), claim("b"), claim("b", is_forced=True), freed("a"), claim("c"))
    assert said[2:] == [(), (), (Enqueued("c", 0),)]
    assert dict(slots[FLOW].held) == {"b": 0}


def test_asking_twice_takes_one_slot_and_gets_the_same_answer() -> None:
    slots, said = told(claim("a", size=2), claim("a", size=2), claim("b"), claim("b"))
    assert (said[1], said[3]) == ((Granted("a", 0),), (Enqueued("b", 0),))
    assert (len(slots[FLOW].held), len(slots[FLOW].line)) == (1, 1)


def test_the_end_of_an_earlier_life_frees_nothing() -> None:
    slots, said = told(claim("a"), claim("a", life=1), freed("a"), claim("b"))
    assert said == [(Granted("a", 0),), (Granted("a", 1),), (), (Enqueued("b", 0),)]
    assert dict(slots[FLOW].held) == {"a": 1}


def test_looking_after_them_frees_what_nobody_told_and_spares_a_later_life() -> None:
    over = FoundOver({"a": 0, "b": 2})
    slots, said = told(claim("a", size=2), claim("b", life=3, size=2), claim("c", size=2), over)
    assert said[-1] == (Granted("c", 0),)
    assert dict(slots[FLOW].held) == {"b": 3, "c": 0}


# Several limits at once -----------------------------------------------------------------------------------------------


def both(flow: LimitKey = FLOW, *, own: int = 1, around: int = 1, behavior: Behavior = "QUEUE") -> tuple[Bound, ...]:
    return Bound(flow, own), Bound(COMPANY, around, behavior)


def test_who_has_to_wait_for_one_limit_takes_no_slot_of_the_other() -> None:
    slots, said = told(claim("a", bounds=both(OTHER)), claim("b", bounds=both()))
    assert said[1] == (Enqueued("b", 0),)
    assert FLOW not in slots


def test_a_slot_of_every_limit_is_freed_at_once() -> None:
    slots, said = told(claim("a", bounds=both()), claim("b", bounds=both(OTHER)), freed("a"))
    assert said[2] == (Granted("b", 0),)
    assert {key: dict(limit.held) for key, limit in slots.items()} == {OTHER: {"b": 0}, COMPANY: {"b": 0}}


def test_who_cannot_run_for_another_limit_lets_the_next_one_pass() -> None:
    two = {"around": 2}
    first, same, other = (claim(name, bounds=both(**two)) for name in ("a", "b", "c"))
    _, said = told(first, same, claim("d", bounds=both(OTHER, **two)), other)
    assert said == [(Granted("a", 0),), (Enqueued("b", 0),), (Granted("d", 0),), (Enqueued("c", 0),)]


def test_who_waits_for_one_limit_and_then_for_another_keeps_the_place_of_its_date() -> None:
    waiting = [
        claim("a", bounds=both(OTHER)),
        claim("b", bounds=both(), seconds=1),
        claim("c", bounds=both(), seconds=2),
    ]
    wider = claim("d", bounds=both(around=2), seconds=3)
    _, said = told(*waiting, wider, freed("b"))
    assert said[3] == (Granted("b", 0), Enqueued("d", 0)), "the limit of the company let one more run"
    assert said[4] == (Granted("c", 0),)


def test_any_full_limit_may_say_that_nobody_waits() -> None:
    company_cancels = both(OTHER, behavior="CANCEL")
    _, said = told(claim("a", bounds=both()), claim("b", bounds=company_cancels))
    assert said[1] == (Refused("b", 0, State.CANCELLED),)


def test_a_count_adds_those_who_were_not_known_and_forgets_nobody() -> None:
    count = Counted({FLOW: {"x": 0}})
    slots, said = told(claim("a", size=3), count, claim("b", size=2), freed("x"))
    assert said[2:] == [(Enqueued("b", 0),), (Granted("b", 0),)]
    assert dict(slots[FLOW].held) == {"a": 0, "b": 0}


def test_limits_that_concern_nobody_are_forgotten() -> None:
    slots, _ = told(claim("a", bounds=both()), freed("a"))
    assert slots == Slots()


class World:
    """Executions of several flows that begin, end, and begin again; a network that delays and loses; a look that is out of
    date; a process that crashes.
    """

    def __init__(self, seed: int, number: int) -> None:
        self.dice = random.Random(seed)
        self.slots = Slots()
        self.sizes = {key: self.dice.randint(1, 3) for key in TREE}
        names = [f"e{index}" for index in range(number)]
        self.lives = dict.fromkeys(names, 0)
        self.limits = {name: self.dice.choice(WAYS) for name in names}
        self.running: dict[str, int] = {}
        self.waiting: dict[str, Claim] = {}
        self.to_limit: list[Claim | Freed] = []
        self.to_executions: list[Verdict] = []
        self.ended: set[tuple[str, int]] = set()
        self.seen: set[tuple[str, int]] = set()

    def begin(self, name: str) -> None:
        self.lives[name] += 1
        bounds = tuple(Bound(key, self.sizes[key]) for key in self.limits[name])
        asked = claim(name, life=self.lives[name], seconds=self.dice.randrange(100), bounds=bounds)
        self.waiting[name] = asked
        self.to_limit.append(asked)

    def end(self, name: str) -> None:
        """Over, from whatever state; thirty in a hundred times nobody is told."""
        if name not in self.running and name not in self.waiting:
            return
        self.running.pop(name, None)
        self.waiting.pop(name, None)
        self.ended.add((name, self.lives[name]))
        if self.dice.random() > 0.3:
            self.to_limit.append(Freed(name, self.lives[name], self.limits[name]))

    def hear(self, verdict: Verdict) -> None:
        name = verdict.execution_id
        if name in self.waiting and self.lives[name] == verdict.life and isinstance(verdict, Granted):
            del self.waiting[name]
            self.running[name] = verdict.life

    def look(self) -> None:
        """Who holds or waits, as it was some time ago, and is over."""
        self._tell(FoundOver(dict(self.seen & self.ended)))
        self.seen = {known for limit in self.slots.values() for known in _known(limit)}

    def crash(self) -> None:
        """All that was on its way is lost, and limits are counted from those who live."""
        self.to_limit, self.to_executions, self.seen = [], [], set()
        held = {key: {one: life for one, life in self.running.items() if key in self.limits[one]} for key in TREE}
        self.slots = Slots()
        self._tell(Counted(held))
        for waiting in sorted(self.waiting.values(), key=lambda one: (one.since, one.execution_id)):
            self._tell(waiting)

    def step(self) -> None:
        match self.dice.randrange(11):
            case 0 | 1:
                self.begin_one()
            case 2 | 3:
                self.end(self.dice.choice(list(self.lives)))
            case 4 | 5 if self.to_limit:
                # In order from each sender, in any order between them.
                event = self.dice.choice(self._firsts())
                self.to_limit.remove(event)
                self._tell(event)
            case 6 | 7 if self.to_executions:
                self.hear(self.to_executions.pop(self.dice.randrange(len(self.to_executions))))
            case 8:
                self.crash()
            case _:
                self.look()

    def begin_one(self) -> None:
        idle = [name for name in self.lives if name not in self.running and name not in self.waiting]
        if idle:
            self.begin(self.dice.choice(idle))

    def _firsts(self) -> list[Claim | Freed]:
        return list({event.execution_id: event for event in reversed(self.to_limit)}.values())

    def _tell(self, event: LimitEvent) -> None:
        self.slots, verdicts = admit(self.slots, event)
        self.to_executions += verdicts

    def check(self) -> None:
        for key, size in self.sizes.items():
            running = [name for name in self.running if key in self.limits[name]]
            assert len(running) <= size, f"more run than {key} allows"
        for key, limit in self.slots.items():
            assert limit.free <= 0 or not limit.line, f"somebody waits for {key}, which has a slot"
            assert limit.held or limit.line, "a limit that concerns nobody is kept"

    def settle(self) -> None:
        """Everything on its way arrives, and what runs ends, until nobody waits."""
        for _ in range(1000):
            while self.to_limit:
                self._tell(self.to_limit.pop(0))
            while self.to_executions:
                self.hear(self.to_executions.pop(0))
            self.look()
            self.look()
            if not self.running and not self.waiting:
                return
            for name in list(self.running):
                self.end(name)


TENANT = LimitKey("main")
ONE, TWO = FLOW._replace(value="1"), FLOW._replace(value="2")
WAYS = ((ONE, COMPANY, TENANT), (TWO, COMPANY, TENANT), (OTHER, COMPANY), (COMPANY, TENANT), (TENANT,), (OTHER,))
"""Limits that bind an execution at once: of a value of a key, of a flow, of a namespace, of a tenant."""
TREE = (ONE, TWO, OTHER, COMPANY, TENANT)


def _known(limit: Limit) -> list[tuple[str, int]]:
    return [*limit.held.items(), *((place.execution_id, place.life) for place in limit.line)]


@given(seed=st.integers(0, 2**32), number=st.integers(1, 9), steps=st.integers(1, 200))
def test_none_is_ever_overrun_and_everybody_is_served_in_the_end(seed: int, number: int, steps: int) -> None:
    world = World(seed, number)
    for _ in range(steps):
        world.step()
        world.check()
    world.settle()
    assert not world.waiting, "somebody waits for ever"
    assert world.slots == Slots(), "a slot has leaked"


@given(seed=st.integers(0, 2**32))
def test_whoever_waits_is_served_however_many_come_later(seed: int) -> None:
    """A whole row of limits, one in the other, and two new ones for each that ends."""
    dice, slots, rows = random.Random(seed), Slots(), [way for way in WAYS if TENANT in way]
    sizes = {key: dice.randint(1, 3) for key in TREE}
    bounds: dict[str, tuple[Bound, ...]] = {}
    running: list[str] = []
    waiting: dict[str, int] = {}
    for time in range(120):
        events: list[LimitEvent] = []
        if running:
            over = running.pop(0)
            events.append(Freed(over, 0, tuple(bound.limit for bound in bounds[over])))
        for name in (f"{time}a", f"{time}b"):
            bounds[name] = tuple(Bound(key, sizes[key]) for key in dice.choice(rows))
            events.append(claim(name, seconds=time, bounds=bounds[name]))
            waiting[name] = time
        for event in events:
            slots, verdicts = admit(slots, event)
            for verdict in verdicts:
                if isinstance(verdict, Granted):
                    running.append(verdict.execution_id)
                    del waiting[verdict.execution_id]
        first = min(waiting.values(), default=time)
        assert len([name for name in bounds if name not in waiting]) >= first, "somebody is passed again and again"
