"""The index of namespace files in memory passes the suite of the port."""

import pytest
from tests.ports.namespace_files_suite import NamespaceFileIndexSuite

from tiercel.adapters.memory.namespace_files import MemoryNamespaceFileIndex


class TestMemoryNamespaceFileIndex(NamespaceFileIndexSuite):
    @pytest.fixture
    def index(self) -> MemoryNamespaceFileIndex:
        return MemoryNamespaceFileIndex()
