"""News of executions that other processes write: hints to look at the rows again."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Protocol

CHANNEL = "changes"
_IDS_AT_ONCE = 300
"""A notice holds 8,000 bytes at most."""


class Changes(Protocol):
    """What a process hears that shows executions which others write."""

    async def want(self) -> None:
        """Somebody follows here: news is wanted for the next seconds. To be called again and again."""
        ...

    def news(self) -> AsyncIterator[list[str]]:
        """Ids of executions that changed, as long as news is wanted."""
        ...


def notices(ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Entries for `Batch.notices` that tell of changed executions."""
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield CHANNEL, ",".join(ids[start : start + _IDS_AT_ONCE])
