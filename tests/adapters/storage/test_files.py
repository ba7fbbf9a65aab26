"""Storage in a local folder, by the suite of the port."""

from pathlib import Path

import pytest
from tests.ports.storage_suite import FOLDER, StorageSuite, chunks

from tiercel.adapters.storage.files import ObjectStorage


class TestAFolder(StorageSuite):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> ObjectStorage:
        return ObjectStorage.in_folder(tmp_path / "not yet" / "there")


async def test_deleting_the_last_file_leaves_no_empty_folders(tmp_path: Path) -> None:
    storage = ObjectStorage.in_folder(tmp_path / "storage")
    await storage.put(f"{FOLDER}/a", chunks(b"x"))
    await storage.delete(f"{FOLDER}/a")
    assert list((tmp_path / "storage").iterdir()) == []


async def test_a_url_names_the_store() -> None:
    storage = ObjectStorage.at("memory:///")
    await storage.put(f"{FOLDER}/a", chunks(b"x"))
    assert await storage.size(f"{FOLDER}/a") == 1
