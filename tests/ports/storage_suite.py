"""What every Storage adapter must do. An adapter's test module subclasses `StorageSuite` and gives a `storage` fixture."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tiercel.ports.storage import FileMissing, Storage, StorageError

FOLDER = "kestra:///company/team/flow/executions/1"


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def content(storage: Storage, uri: str) -> bytes:
    return b"".join([chunk async for chunk in storage.read(uri)])


class StorageSuite:
    async def test_what_was_put_is_read(self, storage: Storage) -> None:
        assert await storage.put(f"{FOLDER}/a.txt", chunks(b"one ", b"two")) == 7
        assert await content(storage, f"{FOLDER}/a.txt") == b"one two"
        assert await storage.size(f"{FOLDER}/a.txt") == 7
        assert b"".join([chunk async for chunk in storage.read(f"{FOLDER}/a.txt", begin=4)]) == b"two"

    async def test_bytes_are_stored_as_they_are(self, storage: Storage) -> None:
        await storage.put_bytes(f"{FOLDER}/a.txt", b"text")
        await storage.put_bytes(f"{FOLDER}/empty", b"")
        assert await content(storage, f"{FOLDER}/a.txt") == b"text"
        assert await content(storage, f"{FOLDER}/empty") == b""

    async def test_a_large_file_comes_in_several_chunks(self, storage: Storage, tmp_path: Path) -> None:
        source = tmp_path / "large"
        source.write_bytes(bytes(range(256)) * 20_000)
        assert await storage.put_file(f"{FOLDER}/large", source) == 5_120_000
        read = [len(chunk) async for chunk in storage.read(f"{FOLDER}/large")]
        assert sum(read) == 5_120_000
        assert max(read) < 5_120_000

    async def test_a_file_is_fetched_to_a_local_path(self, storage: Storage, tmp_path: Path) -> None:
        await storage.put(f"{FOLDER}/a.txt", chunks(b"text"))
        await storage.fetch(f"{FOLDER}/a.txt", tmp_path / "copy.txt")
        assert (tmp_path / "copy.txt").read_bytes() == b"text"

    async def test_an_empty_file_is_a_file(self, storage: Storage) -> None:
        assert await storage.put(f"{FOLDER}/empty", chunks()) == 0
        assert await storage.exists(f"{FOLDER}/empty")
        assert await content(storage, f"{FOLDER}/empty") == b""

    async def test_a_second_put_replaces_the_first(self, storage: Storage) -> None:
        await storage.put(f"{FOLDER}/a.txt", chunks(b"a longer text"))
        await storage.put(f"{FOLDER}/a.txt", chunks(b"short"))
        assert await content(storage, f"{FOLDER}/a.txt") == b"short"

    @pytest.mark.parametrize("name", ["with blank.txt", "grün.txt", "100%25.txt", "a#b?c.txt"])
    async def test_unusual_names_come_back_as_they_are(self, storage: Storage, name: str) -> None:
        await storage.put(f"{FOLDER}/{name}", chunks(b"x"))
        assert [uri async for uri in storage.list(FOLDER)] == [f"{FOLDER}/{name}"]
        assert await content(storage, f"{FOLDER}/{name}") == b"x"

    async def test_a_missing_file_is_named(self, storage: Storage, tmp_path: Path) -> None:
        uri = f"{FOLDER}/missing"
        assert not await storage.exists(uri)
        assert not await storage.delete(uri)
        with pytest.raises(FileMissing, match="missing"):
            await content(storage, uri)
        with pytest.raises(FileMissing, match="missing"):
            await storage.size(uri)
        with pytest.raises(FileMissing, match="missing"):
            await storage.fetch(uri, tmp_path / "copy")

    async def test_a_deleted_file_is_gone(self, storage: Storage) -> None:
        await storage.put(f"{FOLDER}/a.txt", chunks(b"x"))
        assert await storage.delete(f"{FOLDER}/a.txt")
        assert not await storage.exists(f"{FOLDER}/a.txt")

    async def test_a_folder_goes_with_all_below_and_nothing_beside(self, storage: Storage) -> None:
        for name in ("a", "b/c", "b/d"):
            await storage.put(f"{FOLDER}/{name}", chunks(b"x"))
        await storage.put(f"{FOLDER}0/a", chunks(b"x"))
        assert sorted([uri async for uri in storage.list(FOLDER)]) == [
            f"{FOLDER}/{name}" for name in ("a", "b/c", "b/d")
        ]
        assert await storage.delete_folder(FOLDER) == 3
        assert [uri async for uri in storage.list("kestra:///company")] == [f"{FOLDER}0/a"]

    async def test_files_are_listed_with_their_size_and_when_they_were_written(self, storage: Storage) -> None:
        await storage.put(f"{FOLDER}/b/c", chunks(b"four"))
        [file] = [file async for file in storage.files("kestra:///company")]
        assert (file.uri, file.size) == (f"{FOLDER}/b/c", 4)
        assert abs(datetime.now(UTC) - file.modified) < timedelta(minutes=5)

    @pytest.mark.parametrize("uri", ["kestra:///company/../../secret", "file:///etc/passwd", "company/a"])
    async def test_nothing_outside_the_storage_is_reached(self, storage: Storage, uri: str) -> None:
        with pytest.raises(StorageError):
            await storage.put(uri, chunks(b"x"))
        with pytest.raises(StorageError):
            await content(storage, uri)
