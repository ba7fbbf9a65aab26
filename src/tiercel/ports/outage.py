"""When the database is away: not an answer, but no failure of what was asked either. It passes."""

from tiercel.model.errors import TiercelError


class Outage(TiercelError, ConnectionError):
    """The database cannot be reached now. Nothing is known of a write that was under way; a read may be tried again."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the database cannot be reached: {reason}")
