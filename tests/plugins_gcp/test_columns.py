"""A file's header beside a table's columns."""

from typing import Any

import pytest
from google.cloud.bigquery import SchemaField

from tiercel.sdk import TaskFailed
from tiercel_gcp.bigquery.columns import match, refuse_unknown
from tiercel_gcp.bigquery.formats import CsvHead

FIELD: Any = SchemaField
COLUMNS = [FIELD("id", "INTEGER"), FIELD("Name", "STRING"), FIELD("day", "DATE")]


def names(*header: str) -> CsvHead:
    return CsvHead(list(header), has_rows=True)


def test_columns_are_given_in_the_order_of_the_file() -> None:
    assert [field.name for field in match(names("day", "id"), COLUMNS).fields] == ["day", "id"]


def test_letter_case_and_blanks_around_do_not_count() -> None:
    assert [field.name for field in match(names("ID", " name"), COLUMNS).fields] == ["id", "Name"]


def test_a_row_is_no_header() -> None:
    found = match(names("1", "x", "2026-11-25"), COLUMNS)
    assert not found.is_header
    refuse_unknown(found, COLUMNS, "t")


def test_a_name_that_stands_there_twice_makes_no_header() -> None:
    assert not match(names("id", "id"), COLUMNS).is_header


def test_a_header_with_one_wrong_name_is_refused_and_says_which() -> None:
    found = match(names("id", "nam"), COLUMNS)
    with pytest.raises(TaskFailed, match="table t has no column nam; its columns are id, Name, day"):
        refuse_unknown(found, COLUMNS, "t")
