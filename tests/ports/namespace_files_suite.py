"""What every NamespaceFileIndex must do. An adapter's test module subclasses this and gives an `index` fixture."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tiercel.model.namespace_file import NamespaceFile
from tiercel.ports.namespace_files import NamespaceFileIndex

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PLACE = {"tenant": "main", "namespace": "company.team"}


async def add(index: NamespaceFileIndex, path: str, **given: Any) -> NamespaceFile:
    return await index.add(**{**PLACE, "path": path, "size": 3, "uri": f"kestra:///{path}", "at": NOW} | given)


async def paths(index: NamespaceFileIndex, **given: Any) -> list[tuple[str, str]]:
    return [(file.namespace, file.path) async for file in index.files(**{"tenant": "main"} | given)]


class NamespaceFileIndexSuite:
    async def test_what_was_added_is_got(self, index: NamespaceFileIndex) -> None:
        added = await add(index, "a/b.txt")
        assert (added.revision, added.created, added.updated) == (1, NOW, NOW)
        assert await index.get(**PLACE, path="a/b.txt") == added
        assert await index.get(**PLACE, path="a") is None

    async def test_each_write_is_a_revision(self, index: NamespaceFileIndex) -> None:
        first = await add(index, "a")
        second = await add(index, "a", size=9, uri="kestra:///other", at=LATER)
        assert (second.revision, second.created, second.updated) == (2, NOW, LATER)
        assert await index.get(**PLACE, path="a") == second
        assert await index.get(**PLACE, path="a", revision=1) == first
        assert await index.get(**PLACE, path="a", revision=3) is None
        assert await index.revisions(**PLACE, path="a") == [first, second]

    async def test_a_deleted_path_is_gone_and_begins_anew(self, index: NamespaceFileIndex) -> None:
        first, second = await add(index, "a"), await add(index, "a")
        assert await index.delete(**PLACE, path="a") == [first, second]
        assert await index.delete(**PLACE, path="a") == []
        assert await index.get(**PLACE, path="a") is None
        assert (await add(index, "a")).revision == 1

    async def test_files_come_by_namespace_and_path_in_their_latest_revision(self, index: NamespaceFileIndex) -> None:
        for path, namespace in (("b", "company"), ("a", "company"), ("d/x", "alone"), ("a", "company")):
            await add(index, path, namespace=namespace)
        assert await paths(index) == [("alone", "d/x"), ("company", "a"), ("company", "b")]
        assert await paths(index, namespace="company") == [("company", "a"), ("company", "b")]
        assert await paths(index, prefix="d/") == [("alone", "d/x")]

    async def test_more_files_than_a_page_all_come(self, index: NamespaceFileIndex) -> None:
        for number in range(520):
            await add(index, f"{number:03}", namespace=f"n{number % 2}")
        assert len(set(await paths(index))) == 520

    async def test_tenants_do_not_see_each_other(self, index: NamespaceFileIndex) -> None:
        await add(index, "a", tenant="other")
        assert await index.get(**PLACE, path="a") is None
        assert await paths(index) == []

    async def test_single_revisions_are_forgotten(self, index: NamespaceFileIndex) -> None:
        first, second = await add(index, "a"), await add(index, "a")
        assert await index.forget(**PLACE, path="a", revisions=[1, 7]) == [first]
        assert await index.revisions(**PLACE, path="a") == [second]
        assert (await add(index, "a")).revision == 3

    async def test_writes_at_once_have_each_a_revision(self, index: NamespaceFileIndex) -> None:
        added = await asyncio.gather(*(add(index, "a") for _ in range(8)))
        assert sorted(file.revision for file in added) == list(range(1, 9))
