"""The machine's own clock."""

import asyncio
from datetime import UTC, datetime


class SystemClock:
    """Wall time in UTC; waiting is done by the event loop."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, due: datetime) -> None:
        # The loop's clock and the wall's may drift apart over a long wait: look again until the wall agrees.
        while (left := (due - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 time is what is waited for
            await asyncio.sleep(min(left, 60))
