"""Failed commits, and who made them fail: known for sure only where nobody else was in the commit."""

from collections.abc import Sequence
from typing import NamedTuple

from tiercel.ports.journal import JournalError, Refused
from tiercel.services.caution import Caution
from tiercel.services.residents import Item, Resident
from tiercel.services.suspects import Suspects, Unreadable


class Failure(NamedTuple):
    """Why memory can no longer be trusted."""

    error: BaseException
    residents: Sequence[Resident] = ()
    """Whom it was about, where that is known."""
    items: Sequence[Item] = ()
    """What they had been told."""

    @property
    def is_refusal(self) -> bool:
        """Whether it is about what was to be stored: a journal that is away refuses nobody."""
        return isinstance(self.error, Refused) or not isinstance(self.error, JournalError)


class Judge:
    """Works for one executor. Times are those of a monotonic clock, in seconds."""

    def __init__(self, suspects: Suspects) -> None:
        self._suspects = suspects
        self._caution = Caution()

    def isolates(self, now: float) -> bool:
        """Whether the next commit is to hold one group alone."""
        return self._caution.is_due(now)

    def judge(self, failure: Failure, now: float) -> None:
        """What people asked of an execution is to blame before what it is by itself."""
        self._caution.begin(now)
        asked = [item for item in failure.items if not item.must_be_heard]
        for item in asked:
            item.tries += 1
        if isinstance(failure.error, Unreadable):
            self._suspects.blame((failure.error.execution_id,), failure.error)
        elif not asked and failure.is_refusal:
            self._suspects.blame((resident.id for resident in failure.residents), failure.error)

    def acquit(self, residents: Sequence[Resident]) -> None:
        """What they had is stored."""
        if self._suspects:
            self._suspects.acquit(resident.id for resident in residents)
