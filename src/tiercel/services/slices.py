"""How much of one execution is decided before others get their turn."""

SLICE = 1024
"""Task runs that may change when nobody else has done anything lately."""
SMALL_SLICE = 32
"""The same beside others: an event of theirs then waits some milliseconds."""
LATELY = 1.0
"""Seconds. Were it shorter, a neighbour that is merely delayed would look absent, slices grow, and it be delayed more."""


class Slices:
    """Remembers who had an event when, as far as that matters."""

    def __init__(self) -> None:
        self._last = ""
        self._at = float("-inf")
        self._other_at = float("-inf")
        """When the latest event came that was not the last one's."""

    def note(self, execution_id: str, now: float) -> None:
        """An event from outside came."""
        if execution_id != self._last:
            self._last, self._other_at = execution_id, self._at
        self._at = now

    def size(self, execution_id: str, now: float) -> int:
        """How many task runs this execution may change in its slice."""
        latest = self._other_at if execution_id == self._last else self._at
        return SMALL_SLICE if now - latest < LATELY else SLICE
