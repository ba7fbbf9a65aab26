"""What every SecretStore must do. An adapter's test module subclasses `SecretSuite` and gives a `secrets` fixture."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tiercel.model.execution import Label
from tiercel.model.secret import SecretInfo
from tiercel.ports.secrets import SecretStore

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PLACE = {"tenant": "main", "namespace": "company.team"}


async def put(secrets: SecretStore, key: str, text: str = "sealed", **given: Any) -> None:
    await secrets.put(text, **{**PLACE, "key": key, "at": NOW} | given)


async def get(secrets: SecretStore, key: str, *namespaces: str, tenant: str = "main") -> str | None:
    return await secrets.get(tenant=tenant, namespaces=namespaces or ("company.team",), key=key)


async def keys(secrets: SecretStore, **given: Any) -> list[tuple[str, str]]:
    return [(info.namespace, info.key) for info in await secrets.listed(**{"tenant": "main"} | given)]


class SecretSuite:
    async def test_what_was_put_is_got_and_put_again(self, secrets: SecretStore) -> None:
        assert await get(secrets, "TOKEN") is None
        await put(secrets, "TOKEN", "one")
        await put(secrets, "TOKEN", "two")
        assert await get(secrets, "TOKEN") == "two"
        assert await get(secrets, "token") is None

    async def test_the_first_namespace_that_has_the_key_wins(self, secrets: SecretStore) -> None:
        await put(secrets, "TOKEN", "far", namespace="company")
        assert await get(secrets, "TOKEN", "company.team", "company") == "far"
        await put(secrets, "TOKEN", "near")
        assert await get(secrets, "TOKEN", "company.team", "company") == "near"
        assert await get(secrets, "TOKEN", "company") == "far"

    async def test_tenants_do_not_see_each_other(self, secrets: SecretStore) -> None:
        await put(secrets, "TOKEN", tenant="other")
        assert await get(secrets, "TOKEN") is None
        assert await keys(secrets) == []

    async def test_a_write_keeps_what_it_does_not_say(self, secrets: SecretStore) -> None:
        tags = (Label("owner", "ann"),)
        await put(secrets, "TOKEN", description="of the bank", tags=tags)
        await put(secrets, "TOKEN", "two", at=LATER)
        told = SecretInfo(namespace="company.team", key="TOKEN", description="of the bank", tags=tags, updated=LATER)
        assert await secrets.listed(tenant="main") == [told]

    async def test_what_is_said_of_a_secret_changes_without_its_value(self, secrets: SecretStore) -> None:
        await put(secrets, "TOKEN", "one", description="old", tags=(Label("a", "b"),))
        assert await secrets.describe(**PLACE, key="TOKEN", at=LATER, description="new", tags=None)
        assert await secrets.describe(**PLACE, key="TOKEN", at=LATER, description=None, tags=())
        [info] = await secrets.listed(tenant="main")
        assert (info.description, info.tags, info.updated) == ("new", (), LATER)
        assert await get(secrets, "TOKEN") == "one"
        assert not await secrets.describe(**PLACE, key="OTHER", at=LATER, description="x", tags=None)

    async def test_a_deleted_secret_is_gone(self, secrets: SecretStore) -> None:
        await put(secrets, "TOKEN")
        assert await secrets.delete(**PLACE, key="TOKEN")
        assert not await secrets.delete(**PLACE, key="TOKEN")
        assert await get(secrets, "TOKEN") is None

    async def test_they_are_listed_by_namespace_and_key_and_found_by_a_part_of_the_key(
        self, secrets: SecretStore
    ) -> None:
        for key, namespace in (("B_TOKEN", "company"), ("A", "company"), ("MY_TOKEN", "alone")):
            await put(secrets, key, namespace=namespace)
        assert await keys(secrets) == [("alone", "MY_TOKEN"), ("company", "A"), ("company", "B_TOKEN")]
        assert await keys(secrets, namespaces=["company", "none"]) == [("company", "A"), ("company", "B_TOKEN")]
        assert await keys(secrets, text="token") == [("alone", "MY_TOKEN"), ("company", "B_TOKEN")]

    async def test_whoever_watches_is_told_of_writes_and_deletions(self, secrets: SecretStore) -> None:
        told = asyncio.Event()
        await secrets.watch(told.set)
        await put(secrets, "TOKEN")
        await asyncio.wait_for(told.wait(), 10)
        told.clear()
        await secrets.delete(**PLACE, key="TOKEN")
        await asyncio.wait_for(told.wait(), 10)
