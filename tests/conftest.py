"""What every test may ask for: the root of the checkout and the reference material beside it.

Also says how hypothesis draws: the same examples every time, so that a red run is red again.
`HYPOTHESIS_PROFILE=search` draws fresh ones, many more of them.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).parent.parent

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=5000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


SLOW = (
    "acceptance",
    "adapters/postgres",
    "api",
    "chaos",
    "cli",
    "lsp",
    "plugins_gcp",
    "plugins_scripts",
    "plugins_sql",
    "services",
)
"""Folders whose tests start servers or processes."""
SLOW_FILES = (
    "engine/test_control_properties.py",
    "engine/test_properties.py",
    "engine/test_triggers.py",
    "expression/test_vectors.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make check` leaves out."""
    for item in items:
        place = (
            item.path.relative_to(CHECKOUT / "tests").as_posix() if item.path.is_relative_to(CHECKOUT / "tests") else ""
        )
        if place.startswith(SLOW) or place in SLOW_FILES:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the source tree."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material: named by TIERCEL_SHARED, or `shared` beside the checkout."""
    folder = Path(os.environ.get("TIERCEL_SHARED", CHECKOUT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("the reference material is not here: set TIERCEL_SHARED to its folder")
    return folder
