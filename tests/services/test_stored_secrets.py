"""Which secret a flow is given: the nearest one that is stored, else that of the environment."""

import base64
from collections.abc import Sequence

import pytest

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.dice import CountedDice
from tiercel.adapters.memory.secrets import MemorySecretStore
from tiercel.expression import ExpressionError
from tiercel.model.sealed import Cipher
from tiercel.services.cipher import AesCipher
from tiercel.services.secrets import NoKey, NoSuchSecret, Secrets

CIPHER = AesCipher(bytes(range(32)))
ENVIRONMENT = {"SECRET_TOKEN": base64.b64encode(b"everywhere").decode(), "SECRET_BAD": "?"}


def opened(store: MemorySecretStore, cipher: Cipher | None = CIPHER) -> Secrets:
    return Secrets(store, environment=ENVIRONMENT, clock=ManualClock(), dice=CountedDice(), cipher=cipher)


async def test_the_nearest_stored_secret_goes_before_those_above_and_the_environment_comes_last() -> None:
    secrets = opened(MemorySecretStore())
    assert await secrets.value("TOKEN", tenant="main", namespace="company.team") == "everywhere"
    await secrets.put("of the company", tenant="main", namespace="company", key="TOKEN")
    assert await secrets.value("TOKEN", tenant="main", namespace="company.team") == "of the company"
    await secrets.put("of the team", tenant="main", namespace="company.team", key="TOKEN")
    assert await secrets.value("TOKEN", tenant="main", namespace="company.team") == "of the team"
    assert await secrets.value("TOKEN", tenant="main", namespace="company") == "of the company"
    assert await secrets.value("TOKEN", tenant="main", namespace="other") == "everywhere"


async def test_what_is_stored_is_encrypted_and_never_twice_the_same() -> None:
    store = MemorySecretStore()
    secrets = opened(store)
    await secrets.put("hunter2", tenant="main", namespace="a", key="ONE")
    await secrets.put("hunter2", tenant="main", namespace="a", key="TWO")
    texts = [await store.get(tenant="main", namespaces=["a"], key=key) for key in ("ONE", "TWO")]
    assert len(set(texts)) == 2
    assert all(text is not None and "hunter2" not in text for text in texts)


async def test_what_another_process_writes_is_seen_when_it_is_told() -> None:
    store = MemorySecretStore()
    here, there = opened(store), opened(store)
    await here.watch()
    assert await here.value("TOKEN", tenant="main", namespace="company") == "everywhere"
    await there.put("new", tenant="main", namespace="company", key="TOKEN")
    assert await here.value("TOKEN", tenant="main", namespace="company") == "new"
    await there.delete(tenant="main", namespace="company", key="TOKEN")
    assert await here.value("TOKEN", tenant="main", namespace="company") == "everywhere"


async def test_an_answer_is_remembered_and_one_that_was_overtaken_is_not() -> None:
    class Slow(MemorySecretStore):
        asked = 0

        async def get(self, *, tenant: str, namespaces: Sequence[str], key: str) -> str | None:
            self.asked += 1
            found = await super().get(tenant=tenant, namespaces=namespaces, key=key)
            if self.asked == 1:
                secrets_there = opened(self)
                await secrets_there.put("new", tenant="main", namespace="company", key="TOKEN")
            return found

    store = Slow()
    secrets = opened(store)
    await secrets.watch()
    assert await secrets.value("TOKEN", tenant="main", namespace="company") == "everywhere"
    assert await secrets.value("TOKEN", tenant="main", namespace="company") == "new"
    assert await secrets.value("TOKEN", tenant="main", namespace="company") == "new"
    assert store.asked == 2


async def test_without_a_key_nothing_is_stored_and_nothing_stored_is_read() -> None:
    store = MemorySecretStore()
    await opened(store).put("hunter2", tenant="main", namespace="company", key="TOKEN")
    keyless = opened(store, cipher=None)
    assert keyless.is_read_only
    with pytest.raises(NoKey, match=r"kestra\.encryption\.secret-key"):
        await keyless.put("x", tenant="main", namespace="company", key="OTHER")
    with pytest.raises(ExpressionError, match=r"kestra\.encryption\.secret-key"):
        await keyless.value("TOKEN", tenant="main", namespace="company")
    with pytest.raises(ExpressionError, match="another key"):
        await opened(store, cipher=AesCipher(bytes(32))).value("TOKEN", tenant="main", namespace="company")


async def test_a_secret_that_is_not_there_is_told_with_what_to_do() -> None:
    secrets = opened(MemorySecretStore())
    with pytest.raises(ExpressionError, match=r"tiercel secret set company ABSENT.*SECRET_ABSENT"):
        await secrets.value("ABSENT", tenant="main", namespace="company")
    with pytest.raises(ExpressionError, match="SECRET_BAD is no text in Base64"):
        await secrets.value("bad", tenant="main", namespace="company")
    with pytest.raises(NoSuchSecret):
        await secrets.delete(tenant="main", namespace="company", key="ABSENT")
    with pytest.raises(NoSuchSecret):
        await secrets.describe(tenant="main", namespace="company", key="ABSENT", description="x", tags=None)


async def test_the_keys_that_a_namespace_sees_are_told_by_where_they_are() -> None:
    secrets = opened(MemorySecretStore())
    for namespace, key in (("company", "A"), ("company.team", "TOKEN"), ("other", "B")):
        await secrets.put("x", tenant="main", namespace=namespace, key=key)
    seen = await secrets.seen_from(tenant="main", namespace="company.team")
    assert seen == {"company.team": ["TOKEN", "BAD"], "company": ["A"]}
