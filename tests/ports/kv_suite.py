"""What every KvStore must do. An adapter's test module subclasses `KvSuite` and gives a `kv` fixture."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tiercel.model.kv import KvEntry, KvType, KvValue
from tiercel.ports.kv import KeyExists, KvStore

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TEXT = KvValue(KvType.STRING, "text")


async def put(kv: KvStore, key: str, value: Any = TEXT, *, namespace: str = "company.team", **given: Any) -> KvEntry:
    return await kv.put(value, **{"tenant": "main", "namespace": namespace, "key": key, "at": NOW} | given)


async def get(kv: KvStore, key: str, *namespaces: str, at: datetime = NOW, **given: Any) -> KvEntry | None:
    return await kv.get(tenant="main", namespaces=namespaces or ("company.team",), key=key, at=at, **given)


async def keys(kv: KvStore, **given: Any) -> list[tuple[str, str]]:
    found = kv.entries(**{"tenant": "main", "at": NOW} | given)
    return [(entry.namespace, entry.key) async for entry in found]


class KvSuite:
    async def test_what_was_put_is_got(self, kv: KvStore) -> None:
        written = await put(kv, "a", KvValue(KvType.JSON, {"b": [1, None, "ü"]}), description="three things")
        assert written.revision == 1
        assert written.created == written.updated == NOW
        assert await get(kv, "a") == written
        assert written.value == {"b": [1, None, "ü"]}

    async def test_what_was_never_put_is_absent(self, kv: KvStore) -> None:
        assert await get(kv, "a") is None

    async def test_each_write_is_a_revision(self, kv: KvStore) -> None:
        await put(kv, "a", KvValue(KvType.NUMBER, 1), description="a number")
        second = await put(kv, "a", KvValue(KvType.NUMBER, 2), at=LATER)
        assert (second.revision, second.created, second.updated) == (2, NOW, LATER)
        assert second.description == "a number"
        first = await get(kv, "a", revision=1)
        assert first is not None
        assert first.value == 1
        assert await get(kv, "a", revision=3) is None

    async def test_a_key_that_must_be_new_is_refused_where_it_is_not(self, kv: KvStore) -> None:
        await put(kv, "a", overwrite=False)
        with pytest.raises(KeyExists, match="`a`"):
            await put(kv, "a", overwrite=False)

    async def test_an_expired_key_is_absent_and_may_be_put_anew(self, kv: KvStore) -> None:
        await put(kv, "a", expires=LATER)
        assert await get(kv, "a") is not None
        assert await get(kv, "a", at=LATER) is None
        anew = await put(kv, "a", at=LATER, overwrite=False)
        assert anew.revision == 2
        assert await get(kv, "a", at=LATER) == anew

    async def test_a_write_without_expiry_lasts(self, kv: KvStore) -> None:
        await put(kv, "a", expires=LATER)
        await put(kv, "a")
        assert await get(kv, "a", at=LATER) is not None

    async def test_the_first_namespace_that_has_the_key_wins(self, kv: KvStore) -> None:
        await put(kv, "a", KvValue(KvType.STRING, "parent"), namespace="company")
        await put(kv, "a", KvValue(KvType.STRING, "child"), expires=LATER)
        near = await get(kv, "a", "company.team", "company")
        far = await get(kv, "a", "company.team", "company", at=LATER)
        assert near is not None
        assert far is not None
        assert (near.value, far.value) == ("child", "parent")

    async def test_tenants_do_not_see_each_other(self, kv: KvStore) -> None:
        await put(kv, "a", tenant="other")
        assert await get(kv, "a") is None
        assert await keys(kv) == []

    async def test_a_deleted_key_is_gone_and_begins_anew(self, kv: KvStore) -> None:
        await put(kv, "a")
        await put(kv, "a")
        assert await kv.delete(tenant="main", namespace="company.team", key="a", at=NOW)
        assert not await kv.delete(tenant="main", namespace="company.team", key="a", at=NOW)
        assert await get(kv, "a") is None
        assert (await put(kv, "a")).revision == 1

    async def test_to_delete_what_expired_deletes_nothing(self, kv: KvStore) -> None:
        await put(kv, "a", expires=LATER)
        assert not await kv.delete(tenant="main", namespace="company.team", key="a", at=LATER)

    async def test_entries_come_by_namespace_and_key(self, kv: KvStore) -> None:
        for key, namespace in (("b", "company"), ("a", "company"), ("ab", "alone"), ("a", "company")):
            await put(kv, key, namespace=namespace)
        assert await keys(kv) == [("alone", "ab"), ("company", "a"), ("company", "b")]
        assert await keys(kv, namespace="company") == [("company", "a"), ("company", "b")]
        assert await keys(kv, prefix="ab") == [("alone", "ab")]

    async def test_entries_leave_out_what_expired_unless_asked(self, kv: KvStore) -> None:
        await put(kv, "a", expires=LATER)
        await put(kv, "b")
        assert await keys(kv, at=LATER) == [("company.team", "b")]
        assert await keys(kv, at=LATER, expired=True) == [("company.team", "a"), ("company.team", "b")]

    async def test_more_entries_than_a_page_all_come(self, kv: KvStore) -> None:
        for number in range(520):
            await put(kv, f"{number:03}", namespace=f"n{number % 2}")
        assert len(set(await keys(kv))) == 520

    async def test_old_revisions_are_purged_by_number(self, kv: KvStore) -> None:
        for hour in range(4):
            await put(kv, "a", at=NOW + timedelta(hours=hour))
        place = {"tenant": "main", "namespace": "company.team", "key": "a"}
        assert await kv.purge_revisions(**place, keep=2) == 2
        assert await get(kv, "a", revision=2) is None
        assert await kv.purge_revisions(**place, keep=0) == 1
        assert await get(kv, "a", revision=4) is not None

    async def test_old_revisions_are_purged_by_age(self, kv: KvStore) -> None:
        for hour in range(3):
            await put(kv, "a", at=NOW + timedelta(hours=hour))
        place = {"tenant": "main", "namespace": "company.team", "key": "a"}
        assert await kv.purge_revisions(**place, before=NOW + timedelta(hours=1)) == 1
        assert await kv.purge_revisions(**place, before=NOW + timedelta(hours=9)) == 1
        assert await get(kv, "a") is not None

    async def test_writes_at_once_have_each_a_revision(self, kv: KvStore) -> None:
        written = await asyncio.gather(*(put(kv, "a") for _ in range(8)))
        assert sorted(entry.revision for entry in written) == list(range(1, 9))
