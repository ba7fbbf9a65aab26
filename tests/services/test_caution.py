"""Commits hold one group alone for a while after a failure, longer each time."""

from tiercel.services.caution import FIRST, LONGEST, Caution


def test_nobody_is_cautious_before_a_failure() -> None:
    assert not Caution().is_due(0)


def test_caution_lasts_a_while_after_a_failure() -> None:
    caution = Caution()
    caution.begin(100)
    assert caution.is_due(100 + FIRST - 1)
    assert not caution.is_due(100 + FIRST)


def test_each_further_failure_makes_it_last_longer_up_to_a_limit() -> None:
    caution, now, lasted = Caution(), 0.0, list[float]()
    for _ in range(12):
        caution.begin(now)
        lasted.append(
            next(seconds for seconds in (FIRST * 2**n for n in range(12)) if not caution.is_due(now + seconds))
        )
        now += lasted[-1]
    assert lasted[:3] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert not caution.is_due(now + LONGEST)


def test_a_failure_long_after_the_last_one_counts_as_the_first() -> None:
    caution = Caution()
    caution.begin(0)
    caution.begin(5)
    caution.begin(5 + 2 * FIRST + LONGEST)
    assert not caution.is_due(5 + 2 * FIRST + LONGEST + FIRST)
