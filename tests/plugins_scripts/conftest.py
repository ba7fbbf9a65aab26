"""A shop per test; Python environments are built once per session."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.plugins_scripts.scripts import Shop, a_shop


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("environments")


@pytest.fixture
async def shop(tmp_path: Path, environments: Path) -> AsyncIterator[Shop]:
    share(environments, tmp_path)
    async with a_shop(tmp_path) as shop:
        yield shop


def share(environments: Path, folder: Path) -> None:
    """The state folder of a shop in this folder is shared with others."""
    (folder / "work").mkdir(parents=True)
    (folder / "work" / "state").symlink_to(environments)
