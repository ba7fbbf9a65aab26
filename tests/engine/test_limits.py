"""A limit of concurrency holds and starves nobody, however late, lost or doubled what it is told may be."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tiercel.engine.limits import (
    Claim,
    Enqueued,
    FoundOver,
    Freed,
    Granted,
    Limit,
    LimitEvent,
    Refused,
    Sized,
    Verdict,
    admit,
)
from tiercel.model.states import State

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def claim(name: str, *, life: int = 0, size: int = 1, seconds: int = 0, **more: object) -> Claim:
    return Claim(name, life, BEGIN + timedelta(seconds=seconds), size, **more)  # type: ignore[arg-type]


def told(*events: LimitEvent) -> tuple[Limit, list[Sequence[Verdict]]]:
    limit, verdicts = Limit(), list[Sequence[Verdict]]()
    for event in events:
        limit, said = admit(limit, event)
        verdicts.append(said)
    return limit, verdicts


def test_who_comes_first_runs_and_the_next_waits_until_it_is_over() -> None:
    _, said = told(claim("a"), claim("b", seconds=1), Freed("a", 0))
    assert said == [(Granted("a", 0),), (Enqueued("b", 0),), (Granted("b", 0),)]


def test_the_longest_waiting_one_is_served_first_whatever_order_they_asked_in() -> None:
    _, said = told(claim("a"), claim("c", seconds=2), claim("b", seconds=1), Freed("a", 0))
    assert said[-1] == (Granted("b", 0),)


def test_a_higher_priority_is_served_before_an_earlier_date() -> None:
    _, said = told(claim("a"), claim("b", priority=1), claim("c", seconds=9), Freed("a", 0))
    assert said[-1] == (Granted("c", 0),)


def test_behaviours_end_an_execution_in_their_state() -> None:
    _, said = told(claim("a"), claim("b", behavior="CANCEL"), claim("c", behavior="FAIL"))
    assert said[1:] == [(Refused("b", 0, State.CANCELLED),), (Refused("c", 0, State.FAILED),)]


def test_a_raised_limit_serves_the_queue_at_once() -> None:
    _, said = told(claim("a"), claim("b"), claim("c"), Sized(3))
    assert said[-1] == (Granted("b", 0), Granted("c", 0))


def test_a_forced_one_runs_over_the_limit_and_takes_a_slot() -> None:
    limit, said = told(claim("a"), claim("b"), claim("b", is_forced=True), Freed("a", 0), claim("c"))
    assert said[2:] == [(), (), (Enqueued("c", 0),)]
    assert dict(limit.held) == {"b": 0}


def test_asking_twice_takes_one_slot_and_gets_the_same_answer() -> None:
    limit, said = told(claim("a", size=2), claim("a", size=2), claim("b"), claim("b"))
    assert (said[1], said[3]) == ((Granted("a", 0),), (Enqueued("b", 0),))
    assert (len(limit.held), len(limit.queue)) == (1, 1)


def test_the_end_of_an_earlier_life_frees_nothing() -> None:
    limit, said = told(claim("a"), claim("a", life=1), Freed("a", 0), claim("b"))
    assert said == [(Granted("a", 0),), (Granted("a", 1),), (), (Enqueued("b", 0),)]
    assert dict(limit.held) == {"a": 1}


def test_looking_after_them_frees_what_nobody_told_and_spares_a_later_life() -> None:
    over = FoundOver({"a": 0, "b": 2})
    limit, said = told(claim("a", size=2), claim("b", life=3, size=2), claim("c", size=2), over)
    assert said[-1] == (Granted("c", 0),)
    assert dict(limit.held) == {"b": 3, "c": 0}


class World:
    """Executions that begin, end, and begin again; a network that delays and loses; a look that is out of date."""

    def __init__(self, seed: int, size: int, number: int) -> None:
        self.dice = random.Random(seed)
        self.size = size
        self.limit = Limit(size)
        self.lives = dict.fromkeys((f"e{index}" for index in range(number)), 0)
        self.running: dict[str, int] = {}
        self.waiting: dict[str, int] = {}
        self.to_limit: list[LimitEvent] = []
        self.to_executions: list[Verdict] = []
        self.ended: set[tuple[str, int]] = set()
        self.seen: list[tuple[str, int]] = []

    def begin(self, name: str) -> None:
        self.lives[name] += 1
        life = self.lives[name]
        self.waiting[name] = life
        self.to_limit.append(claim(name, life=life, size=self.size, seconds=self.dice.randrange(100)))

    def end(self, name: str) -> None:
        """Over, from whatever state; thirty in a hundred times nobody is told."""
        life = self.running.pop(name, None) or self.waiting.pop(name, None)
        if life is None:
            return
        self.ended.add((name, life))
        if self.dice.random() > 0.3:
            self.to_limit.append(Freed(name, life))

    def hear(self, verdict: Verdict) -> None:
        if self.waiting.get(verdict.execution_id) == verdict.life and isinstance(verdict, Granted):
            self.running[verdict.execution_id] = self.waiting.pop(verdict.execution_id)

    def look(self) -> None:
        """Who holds or waits, as it was some time ago, and is over."""
        self._tell(FoundOver({name: life for name, life in self.seen if (name, life) in self.ended}))
        self.seen = [*self.limit.held.items(), *((place.execution_id, place.life) for place in self.limit.queue)]

    def step(self) -> None:
        match self.dice.randrange(5):
            case 0:
                self.begin_one()
            case 1:
                self.end(self.dice.choice(list(self.lives)))
            case 2 if self.to_limit:
                # In order from each sender, in any order between them.
                event = self.dice.choice(self._firsts())
                self.to_limit.remove(event)
                self._tell(event)
            case 3 if self.to_executions:
                self.hear(self.to_executions.pop(self.dice.randrange(len(self.to_executions))))
            case _:
                self.look()

    def begin_one(self) -> None:
        idle = [name for name in self.lives if name not in self.running and name not in self.waiting]
        if idle:
            self.begin(self.dice.choice(idle))

    def _firsts(self) -> list[LimitEvent]:
        seen: set[str] = set()
        firsts: list[LimitEvent] = []
        for event in self.to_limit:
            assert isinstance(event, Claim | Freed)
            if event.execution_id not in seen:
                seen.add(event.execution_id)
                firsts.append(event)
        return firsts

    def _tell(self, event: LimitEvent) -> None:
        self.limit, verdicts = admit(self.limit, event)
        self.to_executions += verdicts

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


@given(seed=st.integers(0, 2**32), size=st.integers(1, 3), number=st.integers(1, 7), steps=st.integers(1, 150))
def test_it_is_never_overrun_and_everybody_is_served_in_the_end(seed: int, size: int, number: int, steps: int) -> None:
    world = World(seed, size, number)
    for _ in range(steps):
        world.step()
        assert len(world.running) <= size, "more run than there are slots"
    world.settle()
    assert not world.waiting, "somebody waits for ever"
