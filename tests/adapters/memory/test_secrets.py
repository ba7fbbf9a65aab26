"""Secrets in memory pass the suite of the port."""

import pytest
from tests.ports.secrets_suite import SecretSuite

from tiercel.adapters.memory.secrets import MemorySecretStore


class TestMemorySecretStore(SecretSuite):
    @pytest.fixture
    def secrets(self) -> MemorySecretStore:
        return MemorySecretStore()
