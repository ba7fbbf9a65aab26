"""Large slices alone, small ones beside others."""

from tiercel.services.slices import LATELY, SLICE, SMALL_SLICE, Slices


def test_an_execution_that_is_alone_gets_large_slices() -> None:
    slices = Slices()
    slices.note("a", 100.0)
    assert slices.size("a", 100.0) == SLICE


def test_an_event_of_another_makes_slices_small_for_a_second() -> None:
    slices = Slices()
    slices.note("a", 100.0)
    slices.note("b", 100.5)
    assert slices.size("a", 101.0) == SMALL_SLICE
    assert slices.size("a", 100.5 + LATELY) == SLICE


def test_the_events_of_an_execution_itself_do_not_count() -> None:
    slices = Slices()
    slices.note("b", 100.0)
    for instant in (100.5, 101.5, 102.0):
        slices.note("a", instant)
    assert slices.size("a", 102.0) == SLICE
    assert slices.size("b", 102.0) == SMALL_SLICE
