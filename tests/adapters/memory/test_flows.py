"""The flow store in memory passes the suite of the port, and knows names by their numbers."""

import pytest
from tests.ports.flows_suite import FlowsSuite, a_draft

from tiercel.adapters.memory.flows import MemoryFlowStore


class TestMemoryFlowStore(FlowsSuite):
    @pytest.fixture
    def store(self) -> MemoryFlowStore:
        return MemoryFlowStore()


async def test_a_number_leads_back_to_the_name() -> None:
    store = MemoryFlowStore()
    stored = await store.create(a_draft("one"))
    assert store.name_of(stored.place.flow) == ("main", "company.team", "one")
