"""Executions whose changes the journal refused although nothing else was in the commit.

What led to it may be in their rows: each start would do the same again, and take all others with it. So one that is
refused again is ended as it is stored, and one whose end is refused too is left alone.
"""

from collections import Counter
from collections.abc import Iterable

from tiercel.model.errors import TiercelError

ENDED, LEFT_ALONE = 2, 3
"""So many refusals lead to that."""


class Unstorable(TiercelError):
    """What an event led to could not be stored, again and again."""

    def __init__(self, execution_id: str, cause: BaseException) -> None:
        super().__init__(f"what happened to execution {execution_id} cannot be stored: {cause}")
        self.execution_id = execution_id


class Unreadable(TiercelError):
    """The rows of an execution are none that can be understood."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"execution {execution_id} cannot be read")
        self.execution_id = execution_id


class Suspects:
    """Known for as long as the process lives: another release may be able to store them."""

    def __init__(self) -> None:
        self._refusals: Counter[str] = Counter()
        self._causes: dict[str, BaseException] = {}

    def blame(self, identifiers: Iterable[str], cause: BaseException) -> None:
        """Their changes were refused, and nothing else was in the commit."""
        for identifier in identifiers:
            self._refusals[identifier] += 1
            self._causes[identifier] = cause

    def __bool__(self) -> bool:
        return bool(self._causes)

    def acquit(self, identifiers: Iterable[str]) -> None:
        """Their changes are stored."""
        for identifier in identifiers:
            if self._refusals.pop(identifier, 0):
                del self._causes[identifier]

    def verdict(self, identifier: str) -> Unstorable | None:
        """Why an execution is to end as it is stored; None for one that may go on."""
        if self._refusals[identifier] < ENDED:
            return None
        return Unstorable(identifier, self._causes[identifier])

    def is_left_alone(self, identifier: str) -> bool:
        """Whether not even its end could be stored."""
        return self._refusals[identifier] >= LEFT_ALONE
