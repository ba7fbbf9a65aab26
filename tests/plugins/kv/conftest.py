"""A workplace whose clock stands still."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.services.jobs import Place, a_place

from tiercel.adapters.memory.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def place(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Place]:
    async with a_place(tmp_path, clock=clock) as place:
        yield place
