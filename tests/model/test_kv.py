"""A value of the key-value store is read from text by its type, or by what it looks like."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tiercel.model.kv import KvEntry, KvType, KvValue, guess_value, parent_namespaces, typed_value


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ('"str"', KvType.STRING, "str"),
        ("hello world", KvType.STRING, "hello world"),
        ("", KvType.STRING, ""),
        ("1", KvType.NUMBER, 1),
        ("1.5", KvType.NUMBER, 1.5),
        ("true", KvType.BOOLEAN, True),
        ('{"a":1}', KvType.JSON, {"a": 1}),
        ("[1, 2]", KvType.JSON, [1, 2]),
        ("null", KvType.JSON, None),
        ("2026-05-01", KvType.DATE, "2026-05-01"),
        ("2026-05-01T12:30:00Z", KvType.DATETIME, "2026-05-01T12:30:00Z"),
        ("PT1H30M", KvType.DURATION, "PT1H30M"),
        ("Peter", KvType.STRING, "Peter"),
        ("20260501", KvType.NUMBER, 20260501),
    ],
)
def test_a_text_without_a_type_means_what_it_looks_like(text: str, kind: KvType, value: Any) -> None:
    assert guess_value(text) == KvValue(kind, value)


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (KvType.STRING, "1", "1"),
        (KvType.STRING, {"a": 1}, '{"a":1}'),
        (KvType.NUMBER, "42", 42),
        (KvType.NUMBER, 1.5, 1.5),
        (KvType.BOOLEAN, "TRUE", True),
        (KvType.BOOLEAN, False, False),
        (KvType.DATETIME, "2026-05-01T12:30:00+02:00", "2026-05-01T12:30:00+02:00"),
        (KvType.DATE, "2026-05-01", "2026-05-01"),
        (KvType.DURATION, "P1D", "P1D"),
        (KvType.DURATION, "90", "PT1M30S"),
        (KvType.JSON, '{"a": [1]}', {"a": [1]}),
        (KvType.JSON, [1], [1]),
    ],
)
def test_a_value_is_read_by_its_type(kind: KvType, written: Any, value: Any) -> None:
    assert typed_value(kind, written) == KvValue(kind, value)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (KvType.NUMBER, "many"),
        (KvType.NUMBER, "true"),
        (KvType.BOOLEAN, "yes"),
        (KvType.DATETIME, "2026-05-01"),
        (KvType.DATE, "tomorrow"),
        (KvType.DURATION, "an hour"),
        (KvType.JSON, "{"),
    ],
)
def test_what_is_no_value_of_its_type_is_refused_by_name(kind: KvType, written: str) -> None:
    with pytest.raises(ValueError, match=f"is no {kind}"):
        typed_value(kind, written)


def test_an_entry_is_alive_until_the_instant_it_expires() -> None:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    entry = KvEntry(
        namespace="a", key="b", revision=1, type=KvType.STRING, value="", created=at, updated=at, expires=at
    )
    assert not entry.is_alive(at)
    assert entry.is_alive(at - timedelta(seconds=1))


def test_a_key_is_looked_for_in_the_namespace_and_all_above() -> None:
    assert parent_namespaces("a.b.c") == ["a.b.c", "a.b", "a"]
