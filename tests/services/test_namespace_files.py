"""Files of namespaces: each write is a revision, a path is a file or a folder, and a plain URI means the latest."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.adapters.memory.namespace_files import MemoryNamespaceFileIndex
from tiercel.adapters.storage.files import ObjectStorage
from tiercel.model.namespace_file import NamespaceFile
from tiercel.services.namespace_files import NamespaceFiles, PathTaken, WrongPath

PLACE = {"tenant": "main", "namespace": "company.team"}


async def chunks(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


class House:
    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.storage = ObjectStorage.in_folder(folder)
        self.files = NamespaceFiles(MemoryNamespaceFileIndex(), self.storage, clock=self.clock)

    async def write(self, path: str, text: str = "text") -> NamespaceFile:
        return await self.files.write(chunks(text), **PLACE, path=path)

    async def read(self, uri: str) -> str:
        return b"".join([chunk async for chunk in self.storage.read(uri)]).decode()

    async def found(self, include: list[str], exclude: list[str]) -> list[str]:
        return [file.path for file in await self.files.find(**PLACE, include=include, exclude=exclude)]

    async def stored(self) -> int:
        return len([uri async for uri in self.storage.list("kestra:///")])


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_each_write_keeps_what_was_before(house: House) -> None:
    first, second = await house.write("/dir/a.txt", "one"), await house.write("dir/a.txt", "two!")
    assert [first.revision, second.revision] == [1, 2]
    assert (second.path, second.size) == ("dir/a.txt", 4)
    assert [await house.read(first.uri), await house.read(second.uri)] == ["one", "two!"]
    assert second.uri.endswith("/dir/a.txt")


async def test_a_plain_uri_means_the_latest_revision(house: House) -> None:
    plain = "kestra:///company/team/_files/dir/my%20file.txt"
    assert await house.files.located(plain, tenant="main") == plain
    first, second = await house.write("dir/my file.txt"), await house.write("dir/my file.txt")
    assert await house.files.located(plain, tenant="main") == second.uri
    assert await house.files.located(plain, tenant="main", revision=1) == first.uri
    assert await house.files.located(first.uri, tenant="main") == first.uri
    assert await house.files.located("kestra:///a/executions/b", tenant="main") == "kestra:///a/executions/b"


@pytest.mark.parametrize("path", ["../a", "a/../b", "", "/", "./", ".revisions/a", "a\0b"])
async def test_a_path_that_leads_elsewhere_is_refused(house: House, path: str) -> None:
    with pytest.raises(WrongPath):
        await house.write(path)


async def test_a_path_is_a_file_or_a_folder(house: House) -> None:
    await house.write("a/b")
    with pytest.raises(PathTaken, match="`a` is a folder"):
        await house.write("a")
    with pytest.raises(PathTaken, match="`a/b` is a file"):
        await house.write("a/b/c")


@pytest.mark.parametrize(
    ("include", "exclude", "found"),
    [
        ([], [], ["main.py", "sql/a.sql", "sql/deep/b.sql", "sql/readme.md"]),
        (["main.py"], [], ["main.py"]),
        (["b.sql"], [], ["sql/deep/b.sql"]),
        (["/b.sql"], [], []),
        (["*.py"], [], ["main.py"]),
        (["sql/*.sql"], [], ["sql/a.sql"]),
        (["/sql/**"], ["**/*.md"], ["sql/a.sql", "sql/deep/b.sql"]),
        (["glob:sql/**"], ["readme.md"], ["sql/a.sql", "sql/deep/b.sql"]),
        (["regex:.*/b\\.sql"], [], ["sql/deep/b.sql"]),
        ([], ["sql/**"], ["main.py"]),
    ],
)
async def test_files_are_found_by_patterns(
    house: House, include: list[str], exclude: list[str], found: list[str]
) -> None:
    for path in ("main.py", "sql/a.sql", "sql/deep/b.sql", "sql/readme.md"):
        await house.write(path)
    assert await house.found(include, exclude) == found


async def test_a_file_is_fetched_with_its_folders(house: House, tmp_path: Path) -> None:
    target = tmp_path / "work/dir/a.txt"
    await house.files.fetch(await house.write("dir/a.txt", "one"), target)
    assert target.read_text() == "one"


async def test_a_deleted_file_leaves_nothing_behind(house: House) -> None:
    await house.write("a")
    await house.files.delete(await house.write("a"), tenant="main")
    assert await house.files.get(**PLACE, path="a") is None
    assert await house.stored() == 0


async def test_old_revisions_are_purged_with_their_content(house: House) -> None:
    file = await house.write("a")
    for _ in range(3):
        house.clock.move(timedelta(hours=1))
        file = await house.write("a", "last")
    assert await house.files.purge_revisions(file, tenant="main", before=START + timedelta(hours=1)) == 1
    assert await house.files.purge_revisions(file, tenant="main", keep=2) == 1
    assert await house.files.purge_revisions(file, tenant="main", keep=0) == 1
    assert await house.stored() == 1
    assert await house.read(file.uri) == "last"
