"""`retry` as a property of a plugin's own: for tries within one attempt, which the engine knows nothing of."""

from datetime import timedelta

from tiercel.engine.retries import interval
from tiercel.model.durations import parse_duration
from tiercel.model.task import Retry

__all__ = ["Retry", "wait_before_next"]


def wait_before_next(policy: Retry, *, tries: int, elapsed: timedelta, draw: float) -> timedelta | None:
    """How long to wait after so many failed tries; None where it was the last one. `draw` in [0, 1) decides a random
    wait."""
    wait = interval(policy, attempts=tries, draw=draw)
    if policy.max_attempts is not None and tries >= policy.max_attempts:
        return None
    if policy.max_duration is not None and elapsed + wait > parse_duration(policy.max_duration):
        return None
    return wait
