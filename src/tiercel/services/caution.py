"""After a failed commit: for a while each holds no more than what belongs together, so that the next failure names who it is.

Nobody else's events are then lost by what one execution does. The while grows with each failure, since what made the
commit fail may come again only later.
"""

FIRST, LONGEST = 10.0, 3600.0
"""Seconds."""


class Caution:
    """Times are those of a monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._until = float("-inf")
        self._lasts = FIRST

    def begin(self, now: float) -> None:
        """A commit failed."""
        is_again = now - self._until < LONGEST
        self._lasts = min(2 * self._lasts, LONGEST) if is_again else FIRST
        self._until = now + self._lasts

    def is_due(self, now: float) -> bool:
        """Whether the next commit is to hold one group alone."""
        return now < self._until
