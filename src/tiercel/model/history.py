"""The states that an execution, a task run or an attempt passed, as they go on the wire."""

from datetime import datetime, timedelta

from tiercel.model.record import Record
from tiercel.model.states import TERMINATED, Moves, State, check_move

HISTORY_LIMIT = 100
"""A record keeps the first and the last fifty moves; the whole stands in the events."""


class Moment(Record, frozen=True):
    """A state and the instant it was entered."""

    state: State
    date: datetime


class History(Record, frozen=True):
    """The states passed so far, oldest first; the last one is the current one."""

    current: State
    histories: tuple[Moment, ...]

    @property
    def started(self) -> datetime:
        return self.histories[0].date

    @property
    def ended(self) -> datetime | None:
        """When the current state was entered, if it is an end (or a pause, which the API shows like one)."""
        last = self.histories[-1]
        return last.date if self.current in TERMINATED or self.current is State.PAUSED else None

    @property
    def duration(self) -> timedelta | None:
        ended = self.ended
        return None if ended is None else ended - self.started

    def move(self, target: State, *, at: datetime, moves: Moves) -> "History":
        """The history with one more state; IllegalMove where the table has no such move."""
        check_move(moves, self.current, target)
        histories = (*self.histories, Moment(target, at))
        if len(histories) > HISTORY_LIMIT:
            half = HISTORY_LIMIT // 2
            histories = (*histories[:half], *histories[-half:])
        return History(target, histories)


def born(at: datetime) -> History:
    """The history of what was created at this instant."""
    return History(State.CREATED, (Moment(State.CREATED, at),))
