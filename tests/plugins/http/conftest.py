"""The server that requests go to, and a place to run tasks in."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.plugins.http.server import a_server
from tests.services.jobs import Place, a_place


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_server() as address:
        yield address


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with a_place(tmp_path, environment={"SECRET_TOKEN": "dG9r"}) as made:
        yield made
