"""Who is refused again and again is ended, and then left alone."""

from tiercel.services.suspects import Suspects

WHY = ValueError("half a character")


def test_one_refusal_may_be_anything() -> None:
    suspects = Suspects()
    suspects.blame(["a"], WHY)
    assert suspects
    assert suspects.verdict("a") is None
    assert suspects.verdict("b") is None


def test_who_is_refused_twice_is_ended_with_the_reason() -> None:
    suspects = Suspects()
    for _ in range(2):
        suspects.blame(["a"], WHY)
    assert str(suspects.verdict("a")) == "what happened to execution a cannot be stored: half a character"
    assert not suspects.is_left_alone("a")


def test_whose_end_is_refused_too_is_left_alone() -> None:
    suspects = Suspects()
    for _ in range(3):
        suspects.blame(["a"], WHY)
    assert suspects.is_left_alone("a")


def test_what_is_stored_in_the_end_is_forgotten() -> None:
    suspects = Suspects()
    suspects.blame(["a"], WHY)
    suspects.acquit(["a", "b"])
    assert not suspects
    suspects.blame(["a"], WHY)
    assert suspects.verdict("a") is None
