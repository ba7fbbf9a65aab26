"""Templates in memory pass the suite of the port."""

import pytest
from tests.ports.templates_suite import TemplatesSuite

from tiercel.adapters.memory.templates import MemoryTemplateStore


class TestMemoryTemplateStore(TemplatesSuite):
    @pytest.fixture
    def templates(self) -> MemoryTemplateStore:
        return MemoryTemplateStore()
