"""Outputs become plain data, camelCase outside."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import pytest
from immutables import Map

from tiercel.sdk import Output


class Made(Output, frozen=True):
    row_count: int
    file: Any = None


def test_names_are_camel_case_and_absent_values_are_null() -> None:
    assert Made(row_count=1).as_mapping() == {"rowCount": 1, "file": None}


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (PurePosixPath("/a/b"), "/a/b"),
        (datetime(2026, 7, 1, tzinfo=UTC), "2026-07-01T00:00:00Z"),
        (timedelta(minutes=1), "PT60S"),
        ({1: Map({"a": 1})}, {"1": {"a": 1}}),
        ([1, {2}], [1, [2]]),
    ],
)
def test_values_are_plain_data(value: Any, plain: Any) -> None:
    assert Made(row_count=1, file=value).as_mapping()["file"] == plain


def test_what_is_no_data_is_refused_with_its_type() -> None:
    with pytest.raises(TypeError, match="a object cannot be an output"):
        Made(row_count=1, file=object()).as_mapping()


def test_a_lazy_mapping_is_given_whole() -> None:
    class Lazy(Mapping[str, int]):
        def __getitem__(self, name: str) -> int:
            return {"a": 1}[name]

        def __iter__(self) -> Any:
            return iter("a")

        def __len__(self) -> int:
            return 1

    assert Made(row_count=1, file=Lazy()).as_mapping()["file"] == {"a": 1}
