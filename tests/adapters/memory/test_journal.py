"""The journal in memory passes the suite of the port."""

import pytest
from tests.ports.journal_suite import JournalSuite

from tiercel.adapters.memory.journal import MemoryJournal, Tables


class TestMemoryJournal(JournalSuite):
    @pytest.fixture
    def tables(self) -> Tables:
        return Tables()

    @pytest.fixture
    async def journal(self, tables: Tables) -> MemoryJournal:
        journal = MemoryJournal(tables)
        await journal.register()
        return journal

    @pytest.fixture
    def rival(self, tables: Tables, journal: MemoryJournal) -> MemoryJournal:
        return MemoryJournal(tables)
