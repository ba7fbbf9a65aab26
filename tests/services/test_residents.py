"""Groups are committed together; idle residents leave when there are too many."""

from tests.services.test_records import an_execution

from tiercel.engine.events import Kill
from tiercel.services.residents import Resident, Residents, go_on, join, wait_for


def a_resident(identifier: str, *, live: bool = True) -> Resident:
    resident = Resident(identifier)
    resident.execution = an_execution(id=identifier, live=live)
    return resident


def test_joining_makes_one_group_of_all() -> None:
    one, two, three, four = (a_resident(name) for name in "abcd")
    join(one, two)
    join(three, four)
    join(two, three)
    groups = {id(resident.group) for resident in (one, two, three, four)}
    assert len(groups) == 1
    assert one.group is not None
    assert len(one.group.members) == 4


def test_joining_oneself_changes_nothing() -> None:
    one = a_resident("a")
    join(one, one)
    assert one.group is not None
    assert one.group.members == [one]


def test_a_group_waits_until_all_its_needs_are_met() -> None:
    one, two = a_resident("a"), a_resident("b")
    wait_for(one)
    wait_for(two)
    join(one, two)
    assert one.group is not None
    assert not one.group.is_complete
    go_on(one)
    assert not one.group.is_complete
    go_on(two)
    assert one.group.is_complete


def test_a_group_waits_for_what_one_of_it_was_told() -> None:
    one, two = a_resident("a"), a_resident("b")
    join(one, two)
    two.todo.append(Kill(an_execution().state.started, 1))
    two.urgent = 1
    assert one.group is not None
    assert not one.group.is_complete


def test_the_longest_idle_leave_first() -> None:
    residents = Residents(kept=2)
    for name in "abc":
        resident = a_resident(name)
        residents.add(resident)
        residents.rest(resident)
    assert [resident.id for resident in residents] == ["b", "c"]


def test_one_that_is_woken_does_not_leave() -> None:
    residents = Residents(kept=1)
    first = a_resident("a")
    residents.add(first)
    residents.rest(first)
    residents.wake(first)
    for name in "bc":
        residents.add(resident := a_resident(name))
        residents.rest(resident)
    assert [resident.id for resident in residents] == ["a", "c"]


def test_one_that_is_over_leaves_at_once() -> None:
    residents = Residents()
    residents.add(over := a_resident("a", live=False))
    residents.rest(over)
    assert len(residents) == 0
