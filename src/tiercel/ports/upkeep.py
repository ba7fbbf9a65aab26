"""What a database needs now and then: room for the months to come, and months that nobody wants taken away whole."""

from datetime import datetime
from typing import Protocol


class Upkeep(Protocol):
    """Harmless to do twice, and by several processes at once."""

    async def make_room(self, now: datetime) -> list[str]:
        """Make the partitions of this month and the next two; answer with those that were missing."""
        ...

    async def drop_logs(self, before: datetime) -> list[str]:
        """Drop months of logs and metrics that ended before an instant."""
        ...

    async def drop_executions(self, before: datetime) -> list[str]:
        """Drop months of executions that ended before an instant and hold nothing live."""
        ...
