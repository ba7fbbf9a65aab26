"""Time as a port, so that tests move it by hand."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where services learn what time it is, and wait."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...

    async def sleep_until(self, due: datetime) -> None:
        """Return at `due` or soon after; at once when it is past."""
        ...
