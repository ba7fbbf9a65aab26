"""When a plugin tries again within one attempt."""

from datetime import timedelta
from typing import Any

from tiercel.sdk.retry import Retry, wait_before_next

SECOND = timedelta(seconds=1)


def policy(**properties: Any) -> Retry:
    return Retry.model_validate(properties)


def test_waits_grow_up_to_the_longest() -> None:
    growing = policy(type="exponential", interval="PT1S", maxInterval="PT5S")
    waits = [wait_before_next(growing, tries=tries, elapsed=timedelta(), draw=0) for tries in (1, 2, 3, 4)]
    assert waits == [SECOND, 2 * SECOND, 4 * SECOND, 5 * SECOND]


def test_a_random_wait_lies_between_its_limits() -> None:
    random = policy(type="random", minInterval="PT2S", maxInterval="PT4S")
    assert wait_before_next(random, tries=1, elapsed=timedelta(), draw=0.5) == 3 * SECOND


def test_the_last_try_has_no_next() -> None:
    three = policy(type="constant", interval="PT1S", maxAttempts=3)
    assert wait_before_next(three, tries=2, elapsed=timedelta(), draw=0) == SECOND
    assert wait_before_next(three, tries=3, elapsed=timedelta(), draw=0) is None


def test_no_try_begins_after_the_longest_time() -> None:
    short = policy(type="constant", interval="PT10S", maxDuration="PT15S")
    assert wait_before_next(short, tries=1, elapsed=5 * SECOND, draw=0) == 10 * SECOND
    assert wait_before_next(short, tries=1, elapsed=6 * SECOND, draw=0) is None
