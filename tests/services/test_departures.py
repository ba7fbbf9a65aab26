"""Which residents a commit takes."""

from tiercel.services.departures import Departures
from tiercel.services.residents import Resident, join


def residents(count: int) -> list[Resident]:
    return [Resident(str(number)) for number in range(count)]


def departures(*waiting: Resident) -> tuple[Departures, list[None]]:
    woken: list[None] = []
    made = Departures(lambda: woken.append(None))
    for resident in waiting:
        made.add(resident)
    return made, woken


def test_all_that_may_go_are_taken_together() -> None:
    waiting = residents(3)
    made, _ = departures(*waiting)
    assert made.take() == waiting
    assert not made


def test_a_cautious_commit_takes_one_and_lets_the_next_follow() -> None:
    waiting = residents(3)
    made, woken = departures(*waiting)
    assert [made.take(alone=True) for _ in range(3)] == [[one] for one in waiting]
    assert len(woken) == 2


def test_a_cautious_commit_does_not_part_what_belongs_together() -> None:
    one, other, third = residents(3)
    join(one, third)
    made, _ = departures(one, other, third)
    assert made.take(alone=True) == [one, third]
    assert made.take(alone=True) == [other]


def test_who_waits_for_something_is_not_taken() -> None:
    one, other = residents(2)
    join(one, one)
    assert one.group is not None
    one.group.needs = 1
    made, _ = departures(one, other)
    assert made.take(alone=True) == [other]
    assert made.take(alone=True) == []
