"""The log store in memory passes the suite of the port, and shows the lines of the executor's commits beside its own."""

import pytest
from tests.ports.logs_suite import LogsSuite, a_line, messages

from tiercel.adapters.memory.logs import MemoryLogStore


class TestMemoryLogStore(LogsSuite):
    @pytest.fixture
    def logs(self) -> MemoryLogStore:
        return MemoryLogStore()


async def test_lines_kept_elsewhere_are_found_too() -> None:
    logs = MemoryLogStore(lambda: [a_line("of a commit")])
    await logs.append([a_line("of a worker")])
    assert sorted(await messages(logs)) == ["of a commit", "of a worker"]
