"""The tasks of the key-value store: what one writes the others read, delete, list and purge."""

from datetime import timedelta
from typing import Any

import pytest
from tests.services.jobs import Place, a_job

from tiercel.adapters.memory.clock import START, ManualClock
from tiercel.model.kv import KvType, KvValue, value_of
from tiercel.model.states import State
from tiercel.services.outcome import Outcome

DAY = timedelta(days=1)


async def run(place: Place, task: str, **properties: Any) -> Outcome:
    return await place.runner.run(a_job(f"core.kv.{task}", properties))


async def outputs(place: Place, task: str, **properties: Any) -> dict[str, Any]:
    outcome = await run(place, task, **properties)
    assert outcome.outputs is not None, outcome.error
    return outcome.outputs


async def put(place: Place, key: str, namespace: str = "company.team", **given: Any) -> None:
    value = given.pop("value", KvValue(KvType.STRING, f"{namespace}/{key}"))
    await place.kv.put(value, **{"tenant": "main", "namespace": namespace, "key": key, "at": START} | given)


async def keys(place: Place) -> list[str]:
    found = place.kv.entries(tenant="main", at=START, expired=True)
    return [f"{entry.namespace}/{entry.key}" async for entry in found]


@pytest.mark.parametrize(
    ("properties", "value"),
    [
        ({"value": "1"}, "1"),
        ({"value": {"a": [1]}}, {"a": [1]}),
        ({"value": "1", "kvType": "NUMBER"}, 1),
        ({"value": "true", "kvType": "BOOLEAN"}, True),
        ({"value": '{"a": 1}', "kvType": "JSON"}, {"a": 1}),
        ({"value": "{{ 'PT1H' }}", "kvType": "DURATION"}, "PT1H"),
        ({"value": "{{ 40 + 2 }}"}, 42),
    ],
)
async def test_what_is_set_is_got_with_its_type(place: Place, properties: dict[str, Any], value: Any) -> None:
    assert (await run(place, "Set", key="a", **properties)).state is State.SUCCESS
    assert await outputs(place, "Get", key="a") == {"value": value}


@pytest.mark.parametrize("key", ["", "a/b", "a b", "-a", "ä"])
@pytest.mark.parametrize("task", ["Set", "Put"])
async def test_a_key_that_no_address_could_name_is_refused(place: Place, task: str, key: str) -> None:
    assert "Key must start with an alphanumeric character" in str((await run(place, task, key=key, value=1)).error)
    assert await keys(place) == []


async def test_a_value_that_is_not_of_its_type_fails(place: Place) -> None:
    outcome = await run(place, "Set", key="a", value="many", kvType="NUMBER")
    assert "the value of the key `a` is wrong" in str(outcome.error)
    assert await outputs(place, "Get", key="a") == {"value": None}


async def test_a_key_that_must_not_be_overwritten_fails_the_task(place: Place) -> None:
    await put(place, "a")
    outcome = await run(place, "Set", key="a", value="b", overwrite=False)
    assert "Key already exists and `overwrite` is set to `false`" in str(outcome.error)


async def test_a_value_lasts_as_long_as_its_ttl(place: Place, clock: ManualClock) -> None:
    await run(place, "Set", key="a", value="b", ttl="P1D", kvDescription="short-lived")
    entry = await place.kv.get(tenant="main", namespaces=["company.team"], key="a", at=START)
    assert entry is not None
    assert (entry.expires, entry.description) == (START + DAY, "short-lived")
    clock.move(DAY)
    assert await outputs(place, "Get", key="a") == {"value": None}


async def test_a_key_of_the_parent_is_found_unless_a_namespace_is_named(place: Place) -> None:
    await put(place, "a", "company")
    assert await outputs(place, "Get", key="a") == {"value": "company/a"}
    assert await outputs(place, "Get", key="a", namespace="company.team") == {"value": None}


async def test_a_missing_key_fails_where_that_is_wanted(place: Place) -> None:
    for task in ("Get", "Delete"):
        outcome = await run(place, task, key="a", errorOnMissing=True)
        assert "No value found for key 'a' in namespace 'company.team'" in str(outcome.error)


async def test_a_deleted_key_is_gone(place: Place) -> None:
    await put(place, "a")
    assert await outputs(place, "Delete", key="a") == {"deleted": True}
    assert await outputs(place, "Delete", key="a") == {"deleted": False}


async def test_keys_are_listed_by_prefix(place: Place) -> None:
    for key in ("b", "ab", "aa"):
        await put(place, key)
    await put(place, "ac", "company")
    assert await outputs(place, "GetKeys") == {"keys": ["aa", "ab", "b"]}
    assert await outputs(place, "GetKeys", prefix="a", namespace="company") == {"keys": ["ac"]}


async def test_expired_keys_are_purged(place: Place) -> None:
    await put(place, "old", expires=START)
    await put(place, "alive", expires=START + DAY)
    assert await outputs(place, "PurgeKV") == {"size": 1}
    assert await keys(place) == ["company.team/alive"]


@pytest.mark.parametrize(
    ("which", "left"),
    [
        ({"namespaces": ["company"]}, ["other/b"]),
        ({"namespaces": ["company"], "includeChildNamespaces": False}, ["company.team/a", "other/b"]),
        ({"namespacePattern": "company.*"}, ["company/a", "other/b"]),
        ({"keyPattern": "b*"}, ["company/a", "company.team/a"]),
        ({}, []),
    ],
)
async def test_keys_are_purged_where_it_is_meant(place: Place, which: dict[str, Any], left: list[str]) -> None:
    for namespace, key in (("company", "a"), ("company.team", "a"), ("other", "b")):
        await put(place, key, namespace)
    await outputs(place, "PurgeKV", behavior={"type": "key", "expiredOnly": False}, **which)
    assert await keys(place) == left


async def test_old_revisions_are_purged(place: Place) -> None:
    for _ in range(4):
        await put(place, "a")
    assert await outputs(place, "PurgeKV", behavior={"type": "version", "keepAmount": 1}) == {"size": 3}
    assert await outputs(place, "Get", key="a") == {"value": "company.team/a"}


async def test_revisions_are_purged_by_one_rule_only(place: Place) -> None:
    behavior = {"type": "version", "keepAmount": 1, "before": "2026-01-01T00:00:00Z"}
    assert "Cannot set both 'before' and 'keepAmount'" in str((await run(place, "PurgeKV", behavior=behavior)).error)


@pytest.mark.parametrize("value", ["text", {"a": [1]}, 1, True])
async def test_what_is_put_keeps_the_type_it_has(place: Place, value: Any) -> None:
    assert (await run(place, "Put", key="a", value=value)).state is State.SUCCESS
    assert await outputs(place, "Get", key="a") == {"value": value}


@pytest.mark.parametrize(
    ("present", "written", "left"),
    [
        ("old", "new", "new"),
        ("old", [{"value": "new"}], "new"),
        ({"a": 1, "in": {"b": 1}}, {"c": 2, "in": {"d": 2}}, {"a": 1, "c": 2, "in": {"b": 1, "d": 2}}),
        (
            {"a": 1, "in": {"b": 1}},
            [{"key": "a", "value": 3}, {"key": "in.d", "value": 2}],
            {"a": 3, "in": {"b": 1, "d": 2}},
        ),
        ({"a": 1}, [{"value": {"b": 2}}], {"b": 2}),
        ({"a": 1}, [1, 2], [1, 2]),
        ([1], {"a": 1}, {"a": 1}),
    ],
)
async def test_a_put_changes_what_is_there(place: Place, present: Any, written: Any, left: Any) -> None:
    await put(place, "a", value=value_of(present), description="why", expires=START + DAY)
    assert (await run(place, "Put", key="a", value=written)).state is State.SUCCESS
    entry = await place.kv.get(tenant="main", namespaces=["company.team"], key="a", at=START)
    assert entry is not None
    assert (entry.value, entry.description, entry.expires) == (left, "why", START + DAY)


async def test_a_put_of_fields_makes_the_map_where_there_is_none(place: Place) -> None:
    await run(place, "Put", key="a", value=[{"key": "b.c", "value": 1}])
    assert await outputs(place, "Get", key="a") == {"value": {"b": {"c": 1}}}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ([{"key": "b", "value": 1}], "to a non-JSON existing KV value"),
        ([{"key": "b", "value": 1}, {"value": 2}], "as a single replacement item"),
    ],
)
async def test_a_put_of_fields_that_fit_nothing_fails(place: Place, fields: list[Any], why: str) -> None:
    await put(place, "a")
    assert why in str((await run(place, "Put", key="a", value=fields)).error)


async def test_a_put_may_ask_for_the_key_to_be_there(place: Place) -> None:
    assert "No value found for key 'a'" in str((await run(place, "Put", key="a", value=1, errorOnMissing=True)).error)
    await put(place, "a")
    assert (await run(place, "Put", key="a", value=1, errorOnMissing=True)).state is State.SUCCESS
