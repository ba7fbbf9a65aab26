"""The key-value store in memory passes the suite of the port."""

import pytest
from tests.ports.kv_suite import KvSuite

from tiercel.adapters.memory.kv import MemoryKvStore


class TestMemoryKvStore(KvSuite):
    @pytest.fixture
    def kv(self) -> MemoryKvStore:
        return MemoryKvStore()
