"""Database values as CSV, Ion and JSON."""

import csv
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tiercel.sdk.rows import RowFile
from tiercel.sdk.values import csv_text, ion_text, plain

MOMENT = datetime(2026, 11, 24, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        (True, "true"),
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+3"), "1000"),
        (MOMENT, "2026-11-24 02:03:04.000005"),
        (MOMENT.replace(tzinfo=UTC), "2026-11-24 02:03:04.000005+00:00"),
        (MOMENT.replace(tzinfo=timezone(timedelta(hours=-3))), "2026-11-24 02:03:04.000005-03:00"),
        (date(2026, 11, 24), "2026-11-24"),
        (time(1, 2), "01:02:00"),
        ({"a": [1, None]}, '{"a":[1,null]}'),
        (["ä", 1], '["ä",1]'),
        (b"\x00\x01", "AAE="),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (timedelta(days=2, hours=3, microseconds=500_000), "P2DT3H0M0.5S"),
    ],
)
def test_csv_text(value: Any, text: str | None) -> None:
    assert csv_text(value) == text


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (Decimal("2.50"), 2.5),
        (Decimal("7"), 7),
        (Decimal("0.12345678901234567890123"), "0.12345678901234567890123"),
        (Decimal("NaN"), "NaN"),
        (float("inf"), "inf"),
        (MOMENT, "2026-11-24T02:03:04.000005"),
        ((1, {"a": b"x"}), [1, {"a": "eA=="}]),
    ],
)
def test_json_types_keep_numbers_exact(value: Any, result: Any) -> None:
    assert plain(value) == result


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (1.5, "1.5e0"),
        (Decimal("1"), "1."),
        (MOMENT.replace(tzinfo=UTC), "2026-11-24T02:03:04.000005+00:00"),
        (b"x", "{{eA==}}"),
        ({"a": ['"']}, '{"a":["\\""]}'),
    ],
)
def test_ion_text(value: Any, text: str) -> None:
    assert ion_text(value) == text


def test_a_csv_file_has_a_header_also_without_rows(tmp_path: Path) -> None:
    file = RowFile(tmp_path / "rows.csv", ["a", "b"], form="CSV")
    file.close()
    assert file.path.read_text() == "a,b\n"


def test_csv_tells_null_from_empty_text_and_survives_quotes_and_line_breaks(tmp_path: Path) -> None:
    file = RowFile(tmp_path / "rows.csv", ["a", "b"], form="CSV")
    file.write([(None, ""), ('say "hi"', "two\nlines,")])
    file.close()
    assert file.path.read_text() == 'a,b\n,""\n"say ""hi""","two\nlines,"\n'
    with file.path.open(newline="") as text:
        assert list(csv.reader(text))[2] == ['say "hi"', "two\nlines,"]
